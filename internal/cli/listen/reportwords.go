package listen

// What is missing of an expectation, and what a delivery is to it, in words.

import (
	"fmt"
	"strings"

	"github.com/whctl/whctl/internal/expect"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/term"
)

// sample is an event type to send: the one that is expected, if it is a whole name.
func (r *report) sample() string {
	if len(r.want.Types) > 0 && !strings.Contains(r.want.Types[0], "*") {
		return r.want.Types[0]
	}
	return "TYPE"
}

func (r *report) ofType() string {
	if len(r.want.Types) == 0 {
		return ""
	}
	return " of --type " + strings.Join(r.want.Types, ",")
}

// lacking says in a clause what is missing, or what came that should not.
func (r *report) lacking() string {
	switch {
	case r.want.Count == 0 && r.Counted > 0:
		return fmt.Sprintf("nothing%s was to come, and %s did", r.ofType(), deliveries(r.Counted))
	case r.want.Count == 0 && r.Missed > 0:
		return fmt.Sprintf("nothing%s was to come, and %s came too fast to be looked at", r.ofType(), fault.Plural(r.Missed, "event"))
	case r.want.Count == 0:
		return "nothing came so far"
	case r.want.Ordered:
		round := ""
		if r.want.Count > 1 {
			round = fmt.Sprintf(" in round %d of %d", r.Rounds+1, r.want.Count)
		}
		return fmt.Sprintf("%s is next%s and did not come", r.matchWords(r.Next), round)
	}
	for i, n := range r.Each {
		if n < r.want.Count {
			return fmt.Sprintf("%s holds for %d of %s", r.matchWords(i), n, fault.Plural(r.want.Count, "delivery"))
		}
	}
	return fmt.Sprintf("%d of %s counted", r.Counted, fault.Plural(r.want.Count, "delivery"))
}

func (r *report) matchWords(i int) string {
	return fmt.Sprintf("--match %d (%s)", i+1, term.Cut(term.Clean(r.want.Matches[i].Text), 60))
}

func deliveries(n int) string { return count(n, "delivery", "deliveries") }

// why says what a delivery is to the expectation.
func (r *report) why(s expect.Seen) string {
	switch s.Miss {
	case expect.NotOfType:
		return "not" + r.ofType()
	case expect.Unverified:
		return "not verified"
	case expect.Unmatched:
		return "meets no --match"
	case expect.OutOfOrder:
		return "meets " + numbers(s.Met) + " out of order"
	case expect.Failed:
		return "--match failed: " + term.Cut(term.Clean(s.Error), 120)
	case expect.Counts:
	}
	if len(s.Met) > 0 {
		return "meets " + numbers(s.Met)
	}
	return "counts"
}

func numbers(places []int) string {
	words := make([]string, len(places))
	for i, p := range places {
		words[i] = fmt.Sprint(p + 1)
	}
	return "--match " + strings.Join(words, ", ")
}
