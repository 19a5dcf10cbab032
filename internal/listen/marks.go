package listen

// Marks of a delivery: that it came late, that a newer event had come before, and what it contradicts.

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// about is what a delivery's event is about, and when it was.
type about struct {
	object string
	at     time.Time // zero: it is not known
}

// mark marks a delivery that verified. A forged event says nothing about the real ones, and one that --events or --filter leaves out
// concerns nobody. Where the event has no time, nothing is said.
func (l *Listener) mark(in *incoming) {
	d := in.d
	if !d.Verdict.OK || d.Skipped == record.SkipFiltered || in.about.at.IsZero() {
		return
	}
	if age := in.checkTime().Sub(in.about.at); age > horizon(in.jm.Rules) {
		d.Late = age
	}
	if row := rowOf(d, in.about.object); row != "" {
		l.order.known.Do(func() { l.recall(context.WithoutCancel(in.r.Context())) })
		d.OutOfOrder = l.order.older(row, in.about.at)
	}
}

// horizon is how long after its event a delivery comes at most that is not late: as long as the scheme takes a signature for fresh.
func horizon(rules *sign.Rules) time.Duration {
	if spec := rules.Scheme().Timestamp; spec != nil && !spec.Tolerance.Off {
		return spec.Tolerance.Duration()
	}
	return scheme.DefaultTolerance * time.Second
}

// rowOf names the events that are expected in order: those of one object, or of one type where the scheme has no objects; "" for none.
func rowOf(d *record.Delivery, object string) string {
	switch {
	case object != "":
		return d.Verdict.Scheme + "\x00object\x00" + object
	case d.EventType != "":
		return d.Verdict.Scheme + "\x00type\x00" + d.EventType
	default:
		return ""
	}
}

// mostRows bounds the rows whose newest event is known. Those without an event for long are forgotten.
const mostRows = 8192

// order knows the newest event of each row.
type order struct {
	known      sync.Once // what the journal has
	mu         sync.Mutex
	young, old map[string]time.Time // a row is in one of them; old goes when young is full
}

// older says whether a newer event of the row has come before, and remembers this one.
func (o *order) older(row string, at time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	newest, is := o.young[row]
	if !is {
		if newest, is = o.old[row]; is {
			delete(o.old, row)
		}
	}
	if is && at.Before(newest) {
		o.put(row, newest)
		return true
	}
	o.put(row, at)
	return false
}

func (o *order) put(row string, at time.Time) {
	if o.young == nil || len(o.young) >= mostRows/2 {
		if _, is := o.young[row]; !is {
			o.old, o.young = o.young, make(map[string]time.Time)
		}
	}
	o.young[row] = at
}

// The bounds of what is read of the journal, at the first delivery of a run that has a time.
const (
	mostRecalled      = 1000
	mostRecalledBytes = 16 << 20
)

var errRecalled = errors.New("enough is recalled")

// recall learns the newest events from the last deliveries of the journal. One that cannot be read says nothing.
func (l *Listener) recall(ctx context.Context) {
	if l.o.Recent == nil {
		return
	}
	j := l.o.Judge(ctx)
	n, size := 0, 0
	_ = l.o.Recent(ctx, func(d *record.Delivery) error {
		if n, size = n+1, size+len(d.Body); n > mostRecalled || size > mostRecalledBytes {
			return errRecalled
		}
		rules := j.RulesOf(d.Verdict.Scheme)
		at, ok := event.ParseTime(d.EventTime)
		if !ok || rules == nil || !d.Verdict.OK || d.Skipped == record.SkipFiltered || d.ReplayOf != "" || d.BodyDamaged {
			return nil
		}
		if row := rowOf(d, j.Event(rules, d.Header, d.Body).Object); row != "" {
			l.order.older(row, at)
		}
		return nil
	})
}

// addEarlier adds the body that a delivery contradicts, for those who tell of it.
func (l *Listener) addEarlier(ctx context.Context, d *record.Delivery) {
	if d.Conflict == "" || len(d.Body) > KeptBody {
		return
	}
	if first, err := l.o.Queue.Jobs.Delivery(ctx, d.Conflict); err == nil && !first.BodyDamaged && len(first.Body) <= KeptBody {
		d.Earlier = first.Body
	}
}
