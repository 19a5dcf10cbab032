package sandbox

import (
	"context"
	"strconv"
	"time"

	"github.com/whctl/whctl/internal/queue"
	"github.com/whctl/whctl/internal/record"
)

const (
	// maxUnderWay bounds the deliveries under way at one time.
	maxUnderWay = 64
	// laneGrace is how long the first attempt at one webhook holds up the next one. They arrive in order, and a receiver that takes
	// its time delays those behind it by no more than this.
	laneGrace = time.Second
	// drainTime is how long deliveries under way are waited for at the end.
	drainTime = 5 * time.Second
	// holdTime is how long chaos holds an event back for another one to overtake it.
	holdTime = time.Second
)

// jobs are those that wait for an attempt. The sandbox's lock guards them.
type jobs struct {
	store   *queue.Memory
	waiting map[string]*job // by the id that the queue knows them by
	held    map[string]*job // by webhook: the one that chaos holds back
	order   uint64          // the last that was given
	ids     uint64          // given
}

func newJobs() jobs {
	return jobs{store: queue.NewMemory(laneOf), waiting: map[string]*job{}, held: map[string]*job{}}
}

// laneOf gives first attempts a lane for each webhook. Later attempts do not wait for anybody.
func laneOf(j record.Job) queue.Lane {
	if j.Tries > 0 {
		return queue.Lane{Width: maxUnderWay}
	}
	return queue.Lane{Name: j.Target, Width: 1, Hold: laneGrace}
}

// owed is the job as the queue sees it.
func (j *job) owed() record.Job {
	return record.Job{DeliveryID: j.id, Target: j.Webhook, Due: j.Due, Tries: j.Attempt - 1}
}

// nextOrder leaves room for one more right behind each, which is where a duplicate goes.
func (q *jobs) nextOrder() uint64 {
	q.order += 2
	return q.order
}

func (q *jobs) add(j *job) {
	if j.id == "" {
		q.ids++
		j.id = strconv.FormatUint(q.ids, 10)
	}
	q.waiting[j.id] = j
	q.store.Put(j.owed(), j.Order)
}

// remove takes a job out, if it is there.
func (q *jobs) remove(j *job) {
	q.store.Take(j.owed())
	delete(q.waiting, j.id)
	if q.held[j.Webhook] == j {
		delete(q.held, j.Webhook)
	}
}

// move changes when a waiting job is due.
func (q *jobs) move(j *job, due time.Time, order uint64) {
	q.remove(j)
	j.Due, j.Order = due, order
	q.add(j)
}

// cancel gives a job up. One that is under way is only marked: what it brings is logged.
func (q *jobs) cancel(j *job) {
	j.Stage = cancelled
	q.remove(j)
}

func (q *jobs) clear() {
	q.store.Clear()
	clear(q.waiting)
	clear(q.held)
}

// first gives up to n jobs in the order in which they are due, and how many there are.
func (q *jobs) first(n int) (first []*job, total int) {
	owed, total := q.store.First(n)
	for _, o := range owed {
		first = append(first, q.waiting[o.DeliveryID])
	}
	return first, total
}

// lanes is what the queue reads. It fails once the data file cannot be written.
type lanes struct {
	*queue.Memory
	failed func() error
}

// Lanes is for queue.Store.
func (l lanes) Lanes() ([]queue.Lane, error) {
	if err := l.failed(); err != nil {
		return nil, err
	}
	return l.Memory.Lanes()
}

func (s *Sandbox) newQueue() *queue.Queue {
	return queue.New(queue.Options{
		Store: lanes{s.jobs.store, s.dataError},
		Try:   func(ctx context.Context, owed record.Job) { s.attempt(ctx, owed) },
		Max:   maxUnderWay,
		Drain: drainTime,
		Now:   s.now,
		After: s.o.After,
	})
}

// Run delivers until ctx ends, then waits up to five seconds for what is under way. What was not delivered stays in
// the data file. The error is a storage fault, or nil.
func (s *Sandbox) Run(ctx context.Context) error {
	err := s.queue.Run(ctx)
	s.mu.Lock()
	s.tellLost()
	s.mu.Unlock()
	if err == nil {
		err = s.dataError()
	}
	return err
}

// UnderWay is how many deliveries have begun and are not over.
func (s *Sandbox) UnderWay() int { return s.queue.UnderWay() }
