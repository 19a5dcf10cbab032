package expect

// A reader of the stream that waits for what is expected.

import (
	"context"
	"slices"
	"sort"

	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/record"
)

// kept is how many deliveries a Watch keeps: so many that count, the first ones, and so many others, the newest.
const kept = 25

// Watch is a reader of a hub that compares each delivery with an expectation.
type Watch struct {
	ctx     context.Context // a Read is given none, and expressions are asked with one
	reached func()          // nil once it was called
	state   *state
	result  Result
	counted []Seen
	others  []Seen
}

// Result is what came of an expectation.
type Result struct {
	Met     bool
	Came    int    // deliveries
	OfType  int    // those of an expected type
	Counted int    // those that count
	Each    []int  // by expression: deliveries that counted for it
	Next    int    // Ordered: the place of the expression that is next
	Rounds  int    // Ordered: how often all of them were met
	Missed  int    // events that came too fast to be looked at, or too late for it
	Seen    []Seen // in the order in which they came; Came says how many are left out
}

// NewWatch makes a Watch that calls reached once, as soon as what is expected has come. Once ctx ends, no expression is asked any more.
func NewWatch(ctx context.Context, e Expectation, reached func()) *Watch {
	return &Watch{ctx: ctx, state: newState(e), reached: reached}
}

// Read takes the next event.
func (w *Watch) Read(s hub.Stamped) {
	switch e := s.Event.(type) {
	case record.Received:
		w.take(e.Delivery)
	case record.Missed:
		w.result.Missed += e.Count
	case record.Ready, record.Asked, record.Attempted, record.Explained, record.JobChanged, record.Changed, record.Failed:
	case record.Raised, record.Tried, record.Settled, record.WebhookChanged, record.Forgotten:
	}
}

func (w *Watch) take(d *record.Delivery) {
	if len(w.state.Matches) > 0 && w.ctx.Err() != nil { // there is no time to ask for more
		w.result.Missed++
		return
	}
	seen, ofType := w.state.take(w.ctx, d)
	w.result.Came++
	if ofType {
		w.result.OfType++
	}
	if seen.Miss != Counts {
		if len(w.others) == kept {
			w.others = slices.Delete(w.others, 0, 1)
		}
		w.others = append(w.others, seen)
	} else if len(w.counted) < kept {
		w.counted = append(w.counted, seen)
	}
	if w.reached != nil && w.state.reached() {
		w.reached()
		w.reached = nil
	}
}

// Close settles the result.
func (w *Watch) Close() error {
	s, r := w.state, &w.result
	r.Counted, r.Each, r.Next, r.Rounds = s.counted, s.each, s.next, s.rounds
	if r.Met = s.reached(); s.Count == 0 {
		r.Met = s.counted == 0 && r.Missed == 0
	}
	r.Seen = slices.Concat(w.counted, w.others)
	sort.Slice(r.Seen, func(i, j int) bool { return r.Seen[i].Delivery.Seq < r.Seen[j].Delivery.Seq })
	return nil
}

// Result is what came of it. It may be asked for once Close has been called.
func (w *Watch) Result() Result { return w.result }
