package sandbox

import "time"

// clock is the sandbox's own time: the wall clock and how far it was moved ahead of it. While an advance is played it
// stands still at the moment that is being played. The sandbox's lock guards it.
type clock struct {
	wall   func() time.Time
	offset time.Duration
	frozen time.Time // zero: running
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
