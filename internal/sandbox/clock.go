package sandbox

import "time"

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
