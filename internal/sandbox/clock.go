package sandbox

import "time"

// clock is the sandbox's own time: the wall clock and how far it was moved ahead of it. While an advance is played it
// stands still at the moment that is being played. The sandbox's lock guards it.
type clock struct {
	wall   func() time.Time
	offset time.Duration
	frozen time.Time // zero: running
}

// maxAhead is how far the clock may be from the wall clock. Times and durations stay well within what they can hold.
const maxAhead = 100 * 366 * 24 * time.Hour

// ahead is how far the sandbox's clock is from the wall clock.
func (s *Sandbox) ahead() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock.offset
}

// now is the time on the sandbox's clock.
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

// release lets the clock run on from t.
func (c *clock) release(t time.Time) {
	c.frozen = time.Time{}
	c.offset = t.Sub(c.wall().UTC())
}
