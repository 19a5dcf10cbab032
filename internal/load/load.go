// Package load sends many requests, at the times of a schedule or as fast as they are answered, and counts what came of them.
package load

import (
	"context"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/whctl/whctl/internal/deliver"
)

// Plan says how many requests are sent, and when.
type Plan struct {
	Count       int64         // this many; 0: no bound
	Duration    time.Duration // requests that are due later than this are not sent; 0: no bound
	Step        time.Duration // between the times at which two are due; 0: each connection sends the next one once it has its answer
	Concurrency int           // requests under way at once, at most
}

// Options are what a run is made of.
type Options struct {
	Plan
	// Make makes the next request, signed as of now. It is called by many goroutines at once.
	Make func() (deliver.Request, error)
	Send func(context.Context, deliver.Request) deliver.Result
	// Accepts says whether an answer is a good one.
	Accepts func(status int) bool
}

const (
	// lateFrom is how late a request begins that counts as late. Go's timers may be a millisecond late.
	lateFrom = 10 * time.Millisecond
	// afterError is a pause without a schedule: a closed port answers at once, and nobody wants to know a million times.
	afterError = 10 * time.Millisecond
	// rareGC lets about 16 MiB gather before garbage is collected, in place of 4 MiB: a request leaves some KiB, and collecting it at the
	// usual pace takes a third of the time.
	rareGC = 400
)

// Run is one run.
type Run struct {
	o      Options
	begun  time.Time
	end    time.Time // zero: none
	next   atomic.Int64
	tally  *tally
	broken error // why requests cannot be made
	stop   context.CancelFunc
	failed sync.Once
}

// New makes a run.
func New(o Options) *Run { return &Run{o: o, tally: newTally()} }

// Do sends until the plan is through or ctx ends, and waits for the answers to what was sent. Once ctx has ended, what is under way is
// given up. The error is that of Make. The summary is of what was sent until then.
func (r *Run) Do(ctx context.Context) (Summary, error) {
	ctx, r.stop = context.WithCancel(ctx)
	defer r.stop()
	defer debug.SetGCPercent(debug.SetGCPercent(rareGC))
	load := measure()
	r.tally.begin()
	r.begun = time.Now()
	if r.o.Duration > 0 {
		r.end = r.begun.Add(r.o.Duration)
	}
	var all sync.WaitGroup
	for range r.connections() {
		all.Go(func() { r.connection(ctx) })
	}
	all.Wait()
	s := r.summary(time.Now())
	s.Queued = load.waited()
	return s, r.broken
}

func (r *Run) connections() int {
	if r.o.Count > 0 {
		return int(min(int64(r.o.Concurrency), r.o.Count))
	}
	return r.o.Concurrency
}

// connection sends one request after the other.
func (r *Run) connection(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx) // which the others do not wait for, as each request is tied to it
	defer cancel()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		due, late, ok := r.turn(ctx, timer)
		if !ok {
			return
		}
		q, err := r.o.Make()
		if err != nil {
			r.failed.Do(func() { r.broken = err })
			r.stop()
			return
		}
		r.tally.started(time.Now(), late)
		res := r.o.Send(ctx, q)
		r.tally.add(res, time.Since(due), ctx.Err() != nil, r.o.Accepts)
		if r.o.Step == 0 && res.Err != nil {
			wait(ctx, timer, afterError)
		}
	}
}

// turn waits for the next request to be due. Its time is on the schedule, however late it is now. ok is false when the run is over.
func (r *Run) turn(ctx context.Context, timer *time.Timer) (due time.Time, l lateness, ok bool) {
	n := r.next.Add(1) - 1
	if ctx.Err() != nil || r.o.Count > 0 && n >= r.o.Count {
		return due, l, false
	}
	now := time.Now()
	due = now
	if r.o.Step > 0 {
		due = r.begun.Add(time.Duration(n) * r.o.Step)
	}
	if r.over(due) {
		return due, l, false
	}
	idle := due.After(now)
	if idle {
		wait(ctx, timer, due.Sub(now))
		now = time.Now()
	}
	l = lateness{by: max(now.Sub(due), 0), idle: idle}
	return due, l, ctx.Err() == nil && !r.over(now)
}

func (r *Run) over(at time.Time) bool { return !r.end.IsZero() && !at.Before(r.end) }

// wait waits until d has passed, or ctx ends.
func wait(ctx context.Context, timer *time.Timer, d time.Duration) {
	timer.Reset(d)
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// lateness is how late a request begins.
type lateness struct {
	by   time.Duration
	idle bool // its connection had waited for the time: nothing but this process or its machine made it late
}
