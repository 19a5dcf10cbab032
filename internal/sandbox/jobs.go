package sandbox

// The jobs that wait, and the queue that tries them.

import (
	"cmp"
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/queue"
	"github.com/whctl/whctl/internal/record"
)

const (
	// maxUnderWay bounds the deliveries under way at one time: a receiver that never answers has one more each second until the
	// first is given up.
	maxUnderWay = 512
	// laneGrace is how long an attempt holds up the next one at the same webhook. Events arrive in order, and a slow receiver
	// delays the next one by no more than this.
	laneGrace = time.Second
	// drainTime is how long Run waits at its end for deliveries under way.
	drainTime = 5 * time.Second
	// holdTime is how long chaos holds an event back so that the next one overtakes it.
	holdTime = time.Second
)

// jobs holds the jobs that wait for an attempt. The sandbox's lock guards it.
type jobs struct {
	store   *queue.Memory
	waiting map[string]*job // by the id that the queue knows them by
	held    map[string]*job // by webhook: what chaos holds back
	order   uint64          // the last one given to a job
	ids     uint64          // the last one given to a job
}

// laneOf gives each webhook a lane.
func laneOf(j record.Job) queue.Lane {
	return queue.Lane{Name: j.Target, Width: 1, Hold: laneGrace}
}

// owed returns the job as the queue knows it.
func (j *job) owed() record.Job {
	return record.Job{DeliveryID: j.id, Target: j.Webhook, Due: j.Due, Tries: j.Attempt - 1}
}

// nextOrder leaves out every other number: a duplicate goes right behind its job.
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

// remove takes a job out, if it waits.
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

// cancel gives a job up. An attempt under way is still logged.
func (q *jobs) cancel(j *job) {
	j.Stage = cancelled
	q.remove(j)
}

// first returns up to n jobs in the order in which they are due, and how many there are.
func (q *jobs) first(n int) (first []*job, total int) {
	owed, total := q.store.First(n)
	for _, o := range owed {
		first = append(first, q.waiting[o.DeliveryID])
	}
	return first, total
}

// lanes is the store that the queue reads. It fails once the data file cannot be written.
type lanes struct{ s *Sandbox }

// Lanes is for queue.Store.
func (l lanes) Lanes() ([]queue.Lane, error) {
	if err := l.s.dataError(); err != nil {
		return nil, err
	}
	return l.s.jobs.store.Lanes()
}

// Due is for queue.Store. While the clock stands, the time that counts is the one at the webhook.
func (l lanes) Due(lane queue.Lane, now time.Time, n int) (due []record.Job, next time.Time, err error) {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	clock, store := &l.s.clock, l.s.jobs.store
	if clock.stood == nil {
		return store.Due(lane, now, n)
	}
	first, _, err := store.Due(lane, clock.stood.until, 1)
	if err != nil || len(first) == 0 {
		return nil, next, err
	}
	at := clock.reach(lane.Name, first[0].Due)
	if wait := first[0].Due.Sub(at); wait > 0 {
		return nil, now.Add(wait), nil
	}
	due, _, err = store.Due(lane, at, n)
	return due, next, err
}

func (s *Sandbox) newQueue() *queue.Queue {
	return queue.New(queue.Options{
		Store: lanes{s},
		Try:   s.attempt,
		Max:   maxUnderWay,
		Drain: drainTime,
		Now:   s.now,
		After: s.o.After,
	})
}

// Run delivers until ctx ends, then waits up to five seconds for deliveries under way. What is not delivered stays in the data
// file. The error is a storage fault, or nil.
func (s *Sandbox) Run(ctx context.Context) error {
	keeping, stop := context.WithCancel(ctx)
	var keeper sync.WaitGroup
	keeper.Go(func() { s.keepTime(keeping) })
	err := s.queue.Run(ctx)
	stop()
	keeper.Wait()
	s.mu.Lock()
	s.tellLost()
	s.mu.Unlock()
	return cmp.Or(err, s.dataError())
}

// UnderWay returns how many deliveries are under way.
func (s *Sandbox) UnderWay() int { return s.queue.UnderWay() }
