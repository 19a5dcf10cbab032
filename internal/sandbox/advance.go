package sandbox

// Moving the clock ahead: what becomes due on the way is tried at once.

import (
	"cmp"
	"context"
	"time"

	"github.com/whctl/whctl/internal/api"
)

// advance moves the clock by d and makes every attempt that becomes due on the way. Webhooks go side by side, the attempts at one
// in order of time. If ctx ends first, the clock stays where it got to.
func (s *Sandbox) advance(ctx context.Context, d time.Duration) (api.Advanced, error) {
	if !s.takePlay(ctx) {
		return api.Advanced{}, ctx.Err()
	}
	defer s.endPlay()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock.stand()
	var done api.Advanced
	s.played = &done
	s.clock.stood.until = s.clock.stood.now.Add(d)
	s.playOut(ctx)
	s.played = nil
	s.clock.run()
	s.steady()
	s.queue.Wake()
	s.prune()
	err := s.save(s.clockLine())
	done.Now = api.At(s.clock.now())
	var first []*job
	if first, done.Queued = s.jobs.first(1); len(first) > 0 {
		done.NextAt = api.At(first[0].Due)
	}
	return done, cmp.Or(err, ctx.Err())
}

// takePlay waits until nobody else moves the clock, and reports false if ctx ends first.
func (s *Sandbox) takePlay(ctx context.Context) bool {
	select {
	case s.play <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (s *Sandbox) endPlay() { <-s.play }

// playOut waits until nothing is under way or due up to the moment that the clock may come to, and moves it there. The caller
// holds the lock, which is free meanwhile.
func (s *Sandbox) playOut(ctx context.Context) {
	s.queue.Wake()
	for s.playing() {
		s.mu.Unlock()
		select {
		case <-s.moved:
		case <-ctx.Done():
		}
		s.mu.Lock()
		if ctx.Err() != nil {
			return
		}
	}
	s.clock.stood.now = s.clock.stood.until
}

// playing reports whether something is under way, or due while the clock stands.
func (s *Sandbox) playing() bool {
	next, _ := s.jobs.first(1)
	return len(s.clock.underWay) > 0 || len(next) > 0 && !next[0].Due.After(s.clock.stood.until)
}

// wake tells the queue, and an advance, that jobs have changed.
func (s *Sandbox) wake() {
	s.queue.Wake()
	select {
	case s.moved <- struct{}{}:
	default:
	}
}

// count counts an attempt that came to its end, and the status that its event got by it.
func (t *try) count(status string) {
	if t.played == nil {
		return
	}
	switch status {
	case api.StatusCompleted:
		t.played.Completed++
	case api.StatusFailed:
		t.played.Failed++
	}
}
