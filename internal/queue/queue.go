// Package queue tries jobs when they are due. The jobs of one lane wait for one another, lanes do not. A store holds the jobs.
package queue

import (
	"context"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/record"
)

// longestNap bounds the wait for the next job, because the wall clock may be set during it.
const longestNap = time.Second

// Options make a queue. All are needed.
type Options struct {
	Store Store
	// Try tries a job once and puts into the store what came of it. It is called from several goroutines. Its context
	// ends when Run ends and Drain is over.
	Try   func(ctx context.Context, job record.Job)
	Max   int           // jobs under way at one time
	Drain time.Duration // how long Run waits at its end for jobs under way

	Now   func() time.Time
	After func(time.Duration) <-chan time.Time
}

// Queue tries the jobs of a store. Its methods may be called from several goroutines.
type Queue struct {
	o    Options
	wake chan struct{}

	mu       sync.Mutex
	underWay map[key]struct{}
	places   map[string]int // taken, by lane
	idle     chan struct{}  // closed when the last job under way is over; nil unless Run is ending
}

// key tells jobs apart: a delivery has at most one for each target.
type key struct{ delivery, target string }

func keyOf(job record.Job) key { return key{job.DeliveryID, job.Target} }

// New makes a queue that does nothing until Run.
func New(o Options) *Queue {
	return &Queue{o: o, wake: make(chan struct{}, 1), underWay: map[key]struct{}{}, places: map[string]int{}}
}

// Run tries jobs until ctx ends or the store fails, whose error it returns. It waits for the jobs under way, and ends them
// after Options.Drain.
func (q *Queue) Run(ctx context.Context) error {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	for {
		next, err := q.dispatch(work)
		if err != nil {
			q.drain(stop)
			return err
		}
		var timer <-chan time.Time
		if !next.IsZero() {
			timer = q.o.After(min(max(next.Sub(q.o.Now()), 0), longestNap))
		}
		select {
		case <-ctx.Done():
			q.drain(stop)
			return nil
		case <-q.wake:
		case <-timer:
		}
	}
}

// Wake tells the queue that its store has something new.
func (q *Queue) Wake() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// UnderWay is how many jobs are being tried.
func (q *Queue) UnderWay() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.underWay)
}

// dispatch begins every job that may begin. It returns when the next one is due, zero for none.
func (q *Queue) dispatch(ctx context.Context) (next time.Time, err error) {
	lanes, err := q.o.Store.Lanes()
	if err != nil {
		return next, err
	}
	now := q.o.Now()
	for _, lane := range lanes {
		n := q.room(lane)
		if n == 0 {
			continue // a job that ends wakes the queue
		}
		jobs, due, err := q.o.Store.Due(lane, now, n)
		if err != nil {
			return next, err
		}
		for _, job := range jobs {
			q.launch(ctx, lane, job)
		}
		if next.IsZero() || !due.IsZero() && due.Before(next) {
			next = due
		}
	}
	return next, nil
}

// room returns how many jobs of a lane to ask the store for, 0 if none may begin. The store may name jobs that are under way.
func (q *Queue) room(lane Lane) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	free := min(lane.Width-q.places[lane.Name], q.o.Max-len(q.underWay))
	if free <= 0 {
		return 0
	}
	return free + len(q.underWay)
}

// launch begins a job unless it is under way or there is no room for it.
func (q *Queue) launch(ctx context.Context, lane Lane, job record.Job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	_, begun := q.underWay[keyOf(job)]
	if begun || q.places[lane.Name] >= lane.Width || len(q.underWay) >= q.o.Max {
		return
	}
	q.underWay[keyOf(job)] = struct{}{}
	q.places[lane.Name]++
	over := make(chan struct{})
	go func() {
		defer close(over) // last: a job that is due again takes its place again, and none behind it does
		defer q.end(job)
		q.o.Try(ctx, job)
	}()
	go func() {
		var held <-chan time.Time
		if lane.Hold > 0 {
			held = q.o.After(lane.Hold)
		}
		select {
		case <-over:
		case <-held:
		}
		q.leave(lane)
	}()
}

// leave frees a place in a lane.
func (q *Queue) leave(lane Lane) {
	q.mu.Lock()
	if q.places[lane.Name]--; q.places[lane.Name] == 0 {
		delete(q.places, lane.Name)
	}
	q.mu.Unlock()
	q.Wake()
}

// end records that a job is no longer under way.
func (q *Queue) end(job record.Job) {
	q.mu.Lock()
	delete(q.underWay, keyOf(job))
	if len(q.underWay) == 0 && q.idle != nil {
		close(q.idle)
	}
	q.mu.Unlock()
	q.Wake()
}

// drain waits for the jobs under way, and ends them after Options.Drain. Only Run begins jobs, so none begins meanwhile.
func (q *Queue) drain(stop context.CancelFunc) {
	idle := make(chan struct{})
	q.mu.Lock()
	q.idle = idle
	if len(q.underWay) == 0 {
		close(idle)
	}
	q.mu.Unlock()
	select {
	case <-idle:
	case <-q.o.After(q.o.Drain):
		stop()
		<-idle
	}
}
