package sandbox

// The clock that can be moved.

import (
	"cmp"
	"context"
	"time"

	"github.com/whctl/whctl/internal/api"
)

// clock is the sandbox's own time: the wall clock, moved ahead. It stands still during each attempt of an advance. The
// sandbox's lock guards it.
type clock struct {
	wall   func() time.Time
	offset time.Duration
	frozen time.Time // zero: running
}

// maxAhead is how far the clock may be ahead of the wall clock, which keeps times and durations well in range.
const maxAhead = 100 * 366 * 24 * time.Hour

// now returns the time of the sandbox's clock.
func (s *Sandbox) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock.now()
}

func (c *clock) now() time.Time {
	if !c.frozen.IsZero() {
		return c.frozen
	}
	return c.wall().UTC().Add(c.offset)
}

// advance moves the clock by d and makes every attempt that becomes due on the way, one after the other in order of time. The
// clock stands still during each. If ctx ends first, the clock stays where it got to.
func (s *Sandbox) advance(ctx context.Context, d time.Duration) (api.Advanced, error) {
	select {
	case s.play <- struct{}{}:
		defer func() { <-s.play }()
	case <-ctx.Done():
		return api.Advanced{}, ctx.Err()
	}
	if err := s.queue.Pause(ctx); err != nil {
		return api.Advanced{}, err
	}
	defer s.queue.Resume()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock.frozen = s.clock.now()
	end := s.clock.frozen.Add(d)
	var done api.Advanced
	for ctx.Err() == nil {
		next, _ := s.jobs.first(1)
		if len(next) == 0 || next[0].Due.After(end) {
			s.clock.frozen = end
			break
		}
		s.playOne(ctx, next[0], &done)
	}
	s.clock.offset, s.clock.frozen = s.clock.frozen.Sub(s.clock.wall().UTC()), time.Time{}
	s.prune()
	err := s.save(s.clockLine())
	done.Now = api.At(s.clock.now())
	var first []*job
	if first, done.Queued = s.jobs.first(1); len(first) > 0 {
		done.NextAt = api.At(first[0].Due)
	}
	return done, cmp.Or(err, ctx.Err())
}

// playOne makes one attempt and counts it. The caller holds the lock, which is free during the attempt.
func (s *Sandbox) playOne(ctx context.Context, j *job, done *api.Advanced) {
	if j.Due.After(s.clock.frozen) {
		s.clock.frozen = j.Due
	}
	owed := j.owed()
	s.mu.Unlock()
	defer s.mu.Lock()
	s.queue.Aside(owed, func() {
		status, made := s.attempt(ctx, owed)
		if made {
			done.Attempts++
		}
		switch status {
		case api.StatusCompleted:
			done.Completed++
		case api.StatusFailed:
			done.Failed++
		}
	})
}
