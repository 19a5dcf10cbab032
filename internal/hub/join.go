package hub

// A delivery and its attempts, put together.

import (
	"net/http"
	"time"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/refusal"
)

const (
	mostHeld  = 64  // deliveries that wait for the outcomes that belong to them
	mostKnown = 256 // deliveries, held or shown, that a later event can still belong to
)

// Join puts a delivery together with what is told of it later. It holds a delivery until each target has answered or is told
// to take its time, and then shows it whole. It is for one goroutine.
type Join[V any] struct {
	show  Show[V]
	known map[string]*Joined[V]
	order []*Joined[V] // oldest first
	held  int
}

// Show shows what Join put together.
type Show[V any] interface {
	// View makes what is kept of a delivery. Join itself keeps neither headers nor body.
	View(d *record.Delivery) V
	// Whole is called once for each delivery, with the outcomes that are known.
	Whole(d *Joined[V]) error
	// Later is called for every other event. d is the delivery it belongs to. d is nil when there is none, when it was missed, and
	// when it is long past.
	Later(s Stamped, d *Joined[V]) error
}

// Joined is a delivery with what is known of it so far.
type Joined[V any] struct {
	ID         string
	ReceivedAt time.Time
	View       V
	Targets    []string          // where it is handed on; none when whctl answered by itself
	Outcomes   []*record.Attempt // the newest attempt at each of Targets, nil when there is none yet; without its body
	Queued     map[string]bool   // the targets whose jobs wait for their turn
	Diagnosis  *record.Diagnosis // nil when there is none yet

	shown bool
	told  map[string]bool // targets that were shown as waiting
}

// NewJoin makes a Join that calls show.
func NewJoin[V any](show Show[V]) *Join[V] {
	return &Join[V]{show: show, known: map[string]*Joined[V]{}}
}

// Add takes the next event. The error is one of Show.
func (j *Join[V]) Add(s Stamped) error {
	switch e := s.Event.(type) {
	case record.Received:
		return j.received(e.Delivery)
	case record.Attempted:
		return j.attempted(s, e.Attempt)
	case record.JobChanged:
		if d := j.known[e.Job.DeliveryID]; d != nil && e.Waits {
			return j.whole(d)
		}
		return nil // its attempt tells of it
	case record.Explained:
		d := j.known[e.Diagnosis.DeliveryID]
		if d != nil {
			d.Diagnosis = e.Diagnosis
		}
		return j.show.Later(s, d)
	case record.Changed:
		d := j.known[e.DeliveryID]
		if d != nil && e.State == record.Waiting {
			return j.waits(s, d, e.Target)
		}
		if e.State == record.Lost {
			if err := j.stay(); err != nil {
				return err
			}
		}
		return j.show.Later(s, d)
	case record.Failed:
		return j.show.Later(s, j.known[e.DeliveryID])
	default:
		return j.show.Later(s, nil)
	}
}

// Flush shows every delivery that is still held.
func (j *Join[V]) Flush() error {
	for _, d := range j.order {
		if err := j.whole(d); err != nil {
			return err
		}
	}
	return nil
}

func (j *Join[V]) received(d *record.Delivery) error {
	n := &Joined[V]{ID: d.ID, ReceivedAt: d.ReceivedAt, View: j.show.View(d), Queued: map[string]bool{}, told: map[string]bool{}}
	if d.Answer < 400 { // a refused delivery has no attempts
		n.Targets, n.Outcomes = d.Targets, make([]*record.Attempt, len(d.Targets))
		for i, target := range d.Targets {
			n.Queued[target] = i >= d.FirstQueued()
		}
	}
	if old := j.known[n.ID]; old != nil {
		if err := j.whole(old); err != nil {
			return err
		}
	}
	j.known[n.ID] = n
	j.order = append(j.order, n)
	j.held++
	if len(j.order) > mostKnown {
		if err := j.forget(); err != nil {
			return err
		}
	}
	if len(n.Targets) == 0 {
		return j.whole(n)
	}
	for _, d := range j.order {
		if j.held <= mostHeld {
			break
		}
		if err := j.whole(d); err != nil {
			return err
		}
	}
	return nil
}

// forget drops the oldest delivery.
func (j *Join[V]) forget() error {
	oldest := j.order[0]
	if err := j.whole(oldest); err != nil {
		return err
	}
	if j.known[oldest.ID] == oldest {
		delete(j.known, oldest.ID)
	}
	j.order = j.order[1:]
	return nil
}

func (j *Join[V]) attempted(s Stamped, a *record.Attempt) error {
	d := j.known[a.DeliveryID]
	if d == nil { // it was missed, or came before a restart
		return j.show.Later(s, nil)
	}
	d.take(a)
	switch {
	case d.shown:
		return j.show.Later(s, d)
	case d.complete():
		return j.whole(d)
	default:
		return nil
	}
}

// take keeps an attempt in the place of its target, with one line of an answer that is no success. A single target needs no name.
func (d *Joined[V]) take(a *record.Attempt) {
	bare := *a
	bare.Body, bare.Header = nil, nil
	if a.Status >= 400 {
		bare.Body = []byte(refusal.Line(a.Header, a.Body))
	}
	if to := a.Header["Location"]; len(to) > 0 {
		bare.Header = http.Header{"Location": to}
	}
	for i, target := range d.Targets {
		if target == a.Target || len(d.Targets) == 1 {
			d.Outcomes[i] = &bare
		}
	}
}

func (d *Joined[V]) complete() bool {
	for _, a := range d.Outcomes {
		if a == nil {
			return false
		}
	}
	return true
}

// stay shows the deliveries whose jobs were to be sent at once. A target that went down makes them wait.
func (j *Join[V]) stay() error {
	for _, d := range j.order {
		for i, target := range d.Targets {
			if d.shown || d.Outcomes[i] != nil || !d.Queued[target] {
				continue
			}
			if err := j.whole(d); err != nil {
				return err
			}
		}
	}
	return nil
}

// waits tells once that a target takes its time.
func (j *Join[V]) waits(s Stamped, d *Joined[V], target string) error {
	delete(d.Queued, target)
	if !d.shown {
		return j.whole(d)
	}
	if d.told[target] || len(d.told) >= len(d.Targets) {
		return nil
	}
	d.told[target] = true
	return j.show.Later(s, d)
}

// whole shows a delivery that is still held.
func (j *Join[V]) whole(d *Joined[V]) error {
	if d.shown {
		return nil
	}
	d.shown = true
	j.held--
	for i, target := range d.Targets {
		if d.Outcomes[i] == nil {
			d.told[target] = true
		}
	}
	return j.show.Whole(d)
}
