package admin

// Targets that stay down.

import (
	"sync"
	"time"

	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/record"
)

// DeadlineOptions are what a Deadline is made of. All are needed.
type DeadlineOptions struct {
	Max time.Duration // that a target may be down
	// After calls f after a time, unless stop is called before.
	After func(d time.Duration, f func()) (stop func())
	Over  func(target string) // is called when a target has been down for that long
}

// Deadline reads the stream and tells when a target stays down for too long.
type Deadline struct {
	o DeadlineOptions

	mu    sync.Mutex
	stops map[string]func() // by target: ends the wait
}

// NewDeadline makes a reader of the stream.
func NewDeadline(o DeadlineOptions) *Deadline { return &Deadline{o: o, stops: map[string]func(){}} }

// Read takes an event of the stream.
func (d *Deadline) Read(s hub.Stamped) {
	c, is := s.Event.(record.Changed)
	if !is {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	stop, waits := d.stops[c.Target]
	switch {
	case c.State == record.Lost && !waits:
		d.stops[c.Target] = d.o.After(d.o.Max, func() { d.o.Over(c.Target) })
	case c.State == record.Recovered && waits:
		stop()
		delete(d.stops, c.Target)
	}
}

// Close ends every wait.
func (d *Deadline) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, stop := range d.stops {
		stop()
	}
	return nil
}
