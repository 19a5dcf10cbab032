package sandbox

// The clock that can be moved: the wall clock, moved ahead.

import "time"

// maxAhead is how far the clock may be ahead of the wall clock, which keeps times and durations well in range.
const maxAhead = 100 * 366 * 24 * time.Hour

// clock runs with the wall clock, or stands. The sandbox's lock guards it.
type clock struct {
	wall     func() time.Time
	offset   time.Duration
	underWay map[string]int // attempts, by webhook
	stood    *standing      // nil: it runs
}

// standing is the time of a clock that stands. Jobs that are due up to some moment are tried all the same. Webhooks do not wait
// for one another meanwhile: each has a time of its own.
type standing struct {
	from   time.Time // when it stopped
	wall   time.Time // when that was by the wall clock
	until  time.Time // what is due up to here is tried
	now    time.Time // the furthest that any webhook has come, until at most
	places map[string]*place
}

// place is the time of a webhook while the clock stands. It stands as well, and jumps to the next job when nothing is under way
// there. An attempt that takes as long as laneGrace makes it run until nothing is under way any more: others become due
// beside it, as they do when the clock runs.
type place struct {
	at    time.Time
	begun time.Time // by the wall clock: since when something is under way
}

// now returns the time of the sandbox's clock.
func (s *Sandbox) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock.now()
}

func (c *clock) now() time.Time {
	if c.stood != nil {
		return c.stood.now
	}
	return c.running()
}

// running returns what the clock would say if it ran.
func (c *clock) running() time.Time { return c.wall().UTC().Add(c.offset) }

// at returns the time at a webhook.
func (c *clock) at(webhook string) time.Time {
	if c.stood == nil {
		return c.now()
	}
	p := c.place(webhook)
	took := c.wall().Sub(p.begun)
	if c.underWay[webhook] == 0 || took < laneGrace {
		return p.at
	}
	return earlier(p.at.Add(took), c.stood.until)
}

// place returns the place of a webhook. The clock stands.
func (c *clock) place(webhook string) *place {
	p := c.stood.places[webhook]
	if p == nil {
		p = &place{at: c.stood.from, begun: c.stood.wall} // what is under way there was so when the clock stopped
		c.stood.places[webhook] = p
	}
	return p
}

// reach moves the time at a webhook on to the next job if nothing is under way there, and returns it. The clock stands.
func (c *clock) reach(webhook string, due time.Time) time.Time {
	if p := c.place(webhook); c.underWay[webhook] == 0 {
		p.at = later(p.at, due)
	}
	return c.at(webhook)
}

// begin notes that an attempt begins, and returns when.
func (c *clock) begin(webhook string) time.Time {
	at := c.at(webhook)
	if c.stood != nil {
		c.stood.now = later(c.stood.now, at)
		if c.underWay[webhook] == 0 {
			c.place(webhook).begun = c.wall()
		}
	}
	c.underWay[webhook]++
	return at
}

// end notes that an attempt is over.
func (c *clock) end(webhook string) {
	at := c.at(webhook)
	if c.underWay[webhook]--; c.underWay[webhook] > 0 {
		return
	}
	delete(c.underWay, webhook)
	if c.stood != nil {
		c.place(webhook).at = at
	}
}

// stand stops the clock, unless it stands already. What becomes due later is not tried.
func (c *clock) stand() {
	if c.stood == nil {
		now := c.now()
		c.stood = &standing{from: now, wall: c.wall(), until: now, now: now, places: map[string]*place{}}
	}
}

// run lets a clock that stands go on from there.
func (c *clock) run() {
	c.offset, c.stood = c.stood.now.Sub(c.wall().UTC()), nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
