package sandbox

import (
	"context"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/fault"
)

// drainTime is how long deliveries under way are waited for when the engine ends.
const drainTime = 5 * time.Second

// longestNap bounds the wait for what comes due next. The wall clock may be set meanwhile: a wait that was worked out while it
// was an hour behind would outlast the mistake.
const longestNap = time.Second

// Run delivers until ctx ends, then waits up to five seconds for what is under way. What was not delivered stays in
// the data file. The error is a storage fault, or nil.
func (s *Sandbox) Run(ctx context.Context) error {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	for {
		var timer <-chan time.Time
		if wait, more := s.dispatch(work); more {
			timer = s.o.After(wait)
		}
		select {
		case <-ctx.Done():
			return s.drain(stop)
		case <-s.wake:
		case <-timer:
		}
		if err := s.storeError(); err != nil {
			_ = s.drain(stop)
			return err
		}
	}
}

// dispatch begins everything that may begin, and says how long it is until the next comes due.
func (s *Sandbox) dispatch(ctx context.Context) (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.queue.paused > 0 {
		return 0, false
	}
	s.queue.collect(s.clock.now())
	for {
		j, l := s.queue.take()
		if j == nil {
			break
		}
		t, ok := s.begin(j)
		if !ok {
			if l != nil {
				l.busy = false
			}
			continue
		}
		s.launch(ctx, t, l)
	}
	if len(s.queue.heap) == 0 {
		return 0, false
	}
	return min(max(s.queue.heap[0].Due.Sub(s.clock.now()), 0), longestNap), true
}

// launch makes one attempt beside the engine. The caller holds the lock.
func (s *Sandbox) launch(ctx context.Context, t try, l *lane) {
	over := make(chan struct{})
	go func() {
		defer close(over)
		out := s.perform(ctx, t)
		s.mu.Lock()
		s.conclude(t, out)
		s.mu.Unlock()
		s.poke()
	}()
	if l == nil {
		return
	}
	go func() {
		select {
		case <-over:
		case <-s.o.After(laneGrace):
		}
		s.mu.Lock()
		l.busy = false
		s.mu.Unlock()
		s.poke()
	}()
}

// UnderWay is how many deliveries have begun and are not over.
func (s *Sandbox) UnderWay() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queue.inflight
}

// drain waits for what is under way, and then stops it.
func (s *Sandbox) drain(stop context.CancelFunc) error {
	s.mu.Lock()
	s.queue.paused++
	idle := s.idle()
	s.mu.Unlock()
	select {
	case <-idle:
	case <-s.o.After(drainTime):
		stop()
		<-idle
	}
	s.mu.Lock()
	s.queue.putBack()
	s.queue.paused--
	s.tellLost()
	s.mu.Unlock()
	return s.storeError()
}

// idle is closed once nothing is under way. The caller holds the lock.
func (s *Sandbox) idle() <-chan struct{} {
	if s.queue.idle == nil {
		s.queue.idle = make(chan struct{})
	}
	idle := s.queue.idle
	if s.queue.inflight == 0 {
		close(idle)
		s.queue.idle = nil
	}
	return idle
}

// advance moves the clock by d and makes every attempt that comes due on the way, one after the other in order of
// time, with the clock standing still at each. When ctx ends first, the clock stays where it got to.
func (s *Sandbox) advance(ctx context.Context, d time.Duration) (api.Advanced, error) {
	select {
	case s.play <- struct{}{}:
		defer func() { <-s.play }()
	case <-ctx.Done():
		return api.Advanced{}, ctx.Err()
	}
	if err := s.hold(ctx); err != nil {
		return api.Advanced{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.poke()
	s.clock.frozen = s.clock.now()
	target := s.clock.frozen.Add(d)
	var done api.Advanced
	for ctx.Err() == nil && len(s.queue.heap) > 0 && !s.queue.heap[0].Due.After(target) {
		s.playOne(ctx, &done)
	}
	if ctx.Err() == nil {
		s.clock.frozen = target
	}
	s.clock.release(s.clock.frozen)
	s.queue.paused--
	s.prune()
	err := s.saveClock()
	s.tell(&done)
	if err == nil {
		err = ctx.Err()
	}
	return done, err
}

// hold stops the engine from beginning anything and waits for what it has begun.
func (s *Sandbox) hold(ctx context.Context) error {
	s.mu.Lock()
	s.queue.paused++
	idle := s.idle()
	s.mu.Unlock()
	var err error
	select {
	case <-idle:
	case <-ctx.Done():
		err = ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue.putBack()
	if err != nil {
		s.queue.paused--
		s.poke()
	}
	return err
}

// playOne makes the attempt that comes next. The caller holds the lock, which is let go of while it is under way.
func (s *Sandbox) playOne(ctx context.Context, done *api.Advanced) {
	j := s.queue.pop()
	if j.Due.After(s.clock.frozen) {
		s.clock.frozen = j.Due
	}
	t, ok := s.begin(j)
	if !ok {
		return
	}
	s.mu.Unlock()
	out := s.perform(ctx, t)
	s.mu.Lock()
	done.Attempts++
	switch s.conclude(t, out) {
	case api.StatusCompleted:
		done.Completed++
	case api.StatusFailed:
		done.Failed++
	}
}

// tell fills in where the clock stands and what is to come.
func (s *Sandbox) tell(a *api.Advanced) {
	a.Now = api.At(s.clock.now())
	var first []*job
	if a.Queued, first = s.queue.waiting(1); len(first) > 0 {
		a.NextAt = api.At(first[0].Due)
	}
}

func (s *Sandbox) storeError() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.store == nil || s.store.err == nil {
		return nil
	}
	return fault.Wrap(fault.Storage, s.store.err, "the sandbox's data file cannot be written")
}
