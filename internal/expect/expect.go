// Package expect judges whether the deliveries of a run are those that somebody expects. It prints nothing.
package expect

import (
	"context"

	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/record"
)

// Expectation says which deliveries must come.
type Expectation struct {
	Types    []string // patterns of event types, of which one must match; none: any type
	Verified bool     // only deliveries whose signature held count
	// Matches each hold for something in a delivery. Without any, each delivery counts that passes the two above. In any order, a delivery
	// counts for each expression that it meets. Ordered, it counts for the next one alone.
	Matches []Match
	Ordered bool
	// Count is how often: at least so many deliveries, for each of Matches; Ordered: so many times all of them, one round after the other.
	// 0 means that no delivery may count.
	Count int
}

// Match is one expression.
type Match struct {
	Text  string // as it was written
	Holds func(ctx context.Context, d *record.Delivery) (bool, error)
}

// Miss is why a delivery does not count.
type Miss string

// The misses, in the order in which they are looked for.
const (
	Counts     Miss = ""         // it counts
	NotOfType  Miss = "type"     // its event type matches no pattern
	Unverified Miss = "verified" // its signature did not hold
	Unmatched  Miss = "match"    // it meets no expression
	OutOfOrder Miss = "order"    // it meets one, and another is the next
	Failed     Miss = "error"    // an expression failed, and none holds
)

// Seen is a delivery that came, with what it is to the expectation.
type Seen struct {
	Delivery record.Delivery // without its body
	Met      []int           // places in Matches of the expressions that hold for it
	Miss     Miss
	Error    string // of the first expression that failed; "" for none
}

// state is what an expectation has come to.
type state struct {
	Expectation
	each    []int // by expression: how many deliveries counted for it
	counted int   // deliveries
	rounds  int   // Ordered: that are complete
	next    int   // Ordered: the place of the expression that is next
}

func newState(e Expectation) *state { return &state{Expectation: e, each: make([]int, len(e.Matches))} }

// reached says whether as much as is asked for has come. With a count of 0 that is never so.
func (s *state) reached() bool {
	switch {
	case s.Count == 0:
		return false
	case s.Ordered:
		return s.rounds >= s.Count
	}
	for _, n := range s.each {
		if n < s.Count {
			return false
		}
	}
	return s.counted >= s.Count
}

// take compares a delivery with the expectation. ofType says whether its type is one of those expected.
func (s *state) take(ctx context.Context, d *record.Delivery) (seen Seen, ofType bool) {
	seen.Delivery = *d
	seen.Delivery.Body = nil
	ofType = event.MatchAny(s.Types, d.EventType)
	switch {
	case !ofType:
		seen.Miss = NotOfType
	case s.Verified && !d.Verdict.OK:
		seen.Miss = Unverified
	default:
		s.match(ctx, d, &seen)
	}
	if seen.Miss == Counts {
		s.counted++
	}
	return seen, ofType
}

// match asks each expression.
func (s *state) match(ctx context.Context, d *record.Delivery, seen *Seen) {
	for i, m := range s.Matches {
		holds, err := m.Holds(ctx, d)
		if err != nil && seen.Error == "" {
			seen.Error = err.Error()
		}
		if holds {
			seen.Met = append(seen.Met, i)
		}
	}
	switch {
	case len(s.Matches) == 0:
	case len(seen.Met) == 0 && seen.Error != "":
		seen.Miss = Failed
	case len(seen.Met) == 0:
		seen.Miss = Unmatched
	case s.Ordered:
		s.advance(seen)
	default:
		for _, i := range seen.Met {
			s.each[i]++
		}
	}
}

// advance counts a delivery for the expression that is next, if it meets it.
func (s *state) advance(seen *Seen) {
	for _, i := range seen.Met {
		if i != s.next {
			continue
		}
		s.each[i]++
		if s.next++; s.next == len(s.Matches) {
			s.next = 0
			s.rounds++
		}
		return
	}
	seen.Miss = OutOfOrder
}
