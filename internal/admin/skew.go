package admin

// Whether the clocks of this machine and of the senders agree.

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

const (
	mostSkew    = 5 * time.Second
	skewSamples = 5 // deliveries in a row
)

// Skew compares when deliveries were signed with when they came, and tells once when the clocks are apart, and once when they agree
// again. Only deliveries count whose signature holds. One that comes late, or again, says nothing of the clocks, so several in a row
// must be off.
type Skew struct {
	emit func(time.Time, record.Event)

	mu     sync.Mutex
	newest []time.Duration // age of the newest deliveries when they came; below zero: signed in the future
	apart  bool
}

// NewSkew makes a reader of the stream that tells it of what it finds.
func NewSkew(emit func(time.Time, record.Event)) *Skew { return &Skew{emit: emit} }

// Read takes an event of the stream.
func (s *Skew) Read(e hub.Stamped) {
	r, is := e.Event.(record.Received)
	if !is || !dated(r.Delivery) {
		return
	}
	if c, changed := s.add(r.Delivery.Verdict.Skew); changed {
		s.emit(e.Time, c)
	}
}

// Close has nothing to do.
func (s *Skew) Close() error { return nil }

// dated says whether a delivery's time is its sender's. The signature of one that is too old or too new holds.
func dated(d *record.Delivery) bool {
	v := d.Verdict
	return !v.SignedAt.IsZero() && d.Duplicate == nil && (v.OK || v.Reason == sign.TooOld || v.Reason == sign.TooNew)
}

// add takes the age of one more delivery. It says what has changed thereby.
func (s *Skew) add(age time.Duration) (c record.Changed, changed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.newest = append(s.newest, age)
	s.newest = s.newest[max(0, len(s.newest)-skewSamples):]
	if len(s.newest) < skewSamples {
		return c, false
	}
	// Time on the way makes deliveries older and never younger, so the youngest tells how far this clock is ahead at least, and the
	// oldest how far it is behind.
	youngest, oldest := slices.Min(s.newest), slices.Max(s.newest)
	apart := youngest > mostSkew || oldest < -mostSkew
	if apart == s.apart {
		return c, false
	}
	s.apart = apart
	c = record.Changed{State: record.ClockSkew, Message: "the clocks of this machine and of the sender agree again"}
	switch by := s.median().Round(time.Second).Abs(); {
	case youngest > mostSkew:
		c.Message = fmt.Sprintf("the last %d deliveries were signed %s before they came: this machine's clock is ahead, the sender's is behind, or they came late", skewSamples, by)
	case apart:
		c.Message = fmt.Sprintf("the last %d deliveries were signed %s in the future: this machine's clock is behind, or the sender's is ahead", skewSamples, by)
	}
	return c, true
}

func (s *Skew) median() time.Duration {
	sorted := slices.Sorted(slices.Values(s.newest))
	return sorted[len(sorted)/2]
}

// Seconds is the median age of the newest deliveries when they came, NaN before the first.
func (s *Skew) Seconds() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.newest) == 0 {
		return math.NaN()
	}
	return s.median().Seconds()
}
