package expect_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/expect"
	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// holds are expressions: a letter holds for the deliveries whose type has it, "!" fails for each.
func holds(letters string) (list []expect.Match) {
	for letter := range strings.SplitSeq(letters, "") {
		list = append(list, expect.Match{Text: letter, Holds: func(_ context.Context, d *record.Delivery) (bool, error) {
			if letter == "!" {
				return false, errors.New("it fails")
			}
			return strings.Contains(d.EventType, letter), nil
		}})
	}
	return list
}

// watched is what comes of an expectation when deliveries of these types come. One in capitals did not verify.
func watched(t *testing.T, e expect.Expectation, types ...string) (r expect.Result, reachedAt int) {
	t.Helper()
	came := 0
	reachedAt = -1
	w := expect.NewWatch(t.Context(), e, func() {
		if reachedAt >= 0 {
			t.Error("reached twice")
		}
		reachedAt = came
	})
	for i, typ := range types {
		came++
		w.Read(hub.Stamped{Event: record.Received{Delivery: &record.Delivery{
			ID: fmt.Sprint(i), Seq: int64(i + 1), EventType: strings.ToLower(typ), Verdict: sign.Verdict{OK: typ == strings.ToLower(typ)}, Body: []byte("body"),
		}}})
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	return w.Result(), reachedAt
}

// TestExpectations compares sequences of deliveries with expectations: whether they are met, and by which delivery.
func TestExpectations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		expects string
		e       expect.Expectation
		types   string
		met     bool
		at      int // how many had come when it was reached; -1: never
		misses  string
	}{
		{"one of any type", expect.Expectation{Count: 1}, "a b", true, 1, " "},
		{"two", expect.Expectation{Count: 2}, "a", false, -1, ""},
		{"a type", expect.Expectation{Count: 1, Types: []string{"b.*"}}, "a b.a", true, 2, "type "},
		{"verified", expect.Expectation{Count: 1, Verified: true}, "A a", true, 2, "verified "},
		{"refused ones count too", expect.Expectation{Count: 1}, "A", true, 1, ""},
		{"each expression by some delivery", expect.Expectation{Count: 1, Matches: holds("ab")}, "c b a", true, 3, "match  "},
		{"one delivery may meet several", expect.Expectation{Count: 1, Matches: holds("ab")}, "ab", true, 1, ""},
		{"each so often", expect.Expectation{Count: 2, Matches: holds("ab")}, "ab a", false, -1, " "},
		{"each so often, met", expect.Expectation{Count: 2, Matches: holds("ab")}, "ab a b", true, 3, "  "},
		{"in order", expect.Expectation{Count: 1, Ordered: true, Matches: holds("ab")}, "b a b", true, 3, "order  "},
		{"not in order", expect.Expectation{Count: 1, Ordered: true, Matches: holds("ab")}, "b a", false, -1, "order "},
		{"in order, each by one of its own", expect.Expectation{Count: 1, Ordered: true, Matches: holds("aa")}, "a", false, -1, ""},
		{"in order, others between", expect.Expectation{Count: 1, Ordered: true, Matches: holds("ab")}, "a c b", true, 3, " match "},
		{"two rounds", expect.Expectation{Count: 2, Ordered: true, Matches: holds("ab")}, "a a b b a b", true, 6, " order  order  "},
		{"one round of two", expect.Expectation{Count: 2, Ordered: true, Matches: holds("ab")}, "a b a", false, -1, "  "},
		{"an expression that fails", expect.Expectation{Count: 1, Matches: holds("!")}, "a", false, -1, "error"},
		{"one that fails beside one that holds", expect.Expectation{Count: 1, Matches: holds("!a")}, "a", false, -1, ""},
		{"nothing", expect.Expectation{}, "", true, -1, ""},
		{"nothing, and something came", expect.Expectation{}, "a", false, -1, ""},
		{"nothing of a type", expect.Expectation{Types: []string{"b"}}, "a", true, -1, "type"},
		{"nothing that an expression holds for", expect.Expectation{Matches: holds("ab")}, "c b", false, -1, "match "},
	} {
		r, at := watched(t, c.e, strings.Fields(c.types)...)
		var misses []string
		for _, s := range r.Seen {
			misses = append(misses, string(s.Miss))
			if s.Delivery.Body != nil {
				t.Errorf("%s: a body is kept", c.expects)
			}
		}
		if r.Met != c.met || at != c.at || strings.Join(misses, " ") != c.misses {
			t.Errorf("%s: met %v after %d, misses %q", c.expects, r.Met, at, misses)
		}
	}
}

// TestWatchIsBounded has far more deliveries come than are kept: the first that count, and the newest of the others.
func TestWatchIsBounded(t *testing.T) {
	t.Parallel()
	types := slices.Concat(slices.Repeat([]string{"a"}, 1000), slices.Repeat([]string{"b"}, 1000))
	r, at := watched(t, expect.Expectation{Count: 2000, Types: []string{"a"}}, types...)
	if r.Met || at != -1 || r.Came != 2000 || r.OfType != 1000 || r.Counted != 1000 || len(r.Seen) != 50 {
		t.Fatalf("%+v, %d kept", r.Came, len(r.Seen))
	}
	if first, last := r.Seen[0].Delivery.ID, r.Seen[49].Delivery.ID; first != "0" || last != "1999" {
		t.Errorf("kept from %s to %s", first, last)
	}
}

// TestMissedEventsProveNothing has a reader that was too slow: that nothing came is not known.
func TestMissedEventsProveNothing(t *testing.T) {
	t.Parallel()
	w := expect.NewWatch(t.Context(), expect.Expectation{}, func() {})
	w.Read(hub.Stamped{Time: time.Now(), Event: record.Missed{Count: 3}})
	if err := w.Close(); err != nil || w.Result().Met || w.Result().Missed != 3 {
		t.Errorf("%v, %+v", err, w.Result())
	}
	ended, end := context.WithCancel(t.Context())
	end()
	w = expect.NewWatch(ended, expect.Expectation{Matches: holds("a")}, func() {})
	w.Read(hub.Stamped{Event: record.Received{Delivery: &record.Delivery{}}})
	if err := w.Close(); err != nil || w.Result().Met || w.Result().Missed != 1 {
		t.Errorf("after the end: %v, %+v", err, w.Result())
	}
}
