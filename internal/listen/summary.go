package listen

// What a run has done, in numbers.

import (
	"sync"

	"github.com/whctl/whctl/internal/record"
)

// Summary is what a listener has done, in numbers.
type Summary struct {
	Deliveries int // that were shown; each of them is one of the next three
	Valid      int
	Refused    int
	Other      int // neither: verifying was off, there was no key, or they were handed on anyway
	Filtered   int // recorded, and neither shown nor handed on
	Attempts   int
	Accepted   int // attempts with the outcome delivered: they were answered 2xx
	Dead       int // jobs that were given up
	Open       int // jobs that are still owed to the targets of this run
}

// sum adds up what is emitted.
type sum struct {
	mu sync.Mutex
	s  Summary
}

func (c *sum) add(e record.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e := e.(type) {
	case record.Received:
		c.s.Deliveries++
		switch {
		case e.Delivery.Refused():
			c.s.Refused++
		case e.Delivery.Verdict.OK:
			c.s.Valid++
		default:
			c.s.Other++
		}
	case record.Attempted:
		c.s.Attempts++
		if e.Attempt.Outcome == record.OutcomeDelivered {
			c.s.Accepted++
		}
	case record.JobChanged:
		if e.Job.State == record.JobDead {
			c.s.Dead++
		}
	default:
	}
}

func (c *sum) filtered() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.s.Filtered++
}

// Summary says what has been done so far.
func (l *Listener) Summary() Summary {
	l.sum.mu.Lock()
	defer l.sum.mu.Unlock()
	s := l.sum.s
	s.Open, _ = l.owed.lanes.Open()
	return s
}
