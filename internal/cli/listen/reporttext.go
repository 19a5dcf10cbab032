package listen

// The outcome of whctl expect for people.

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/whctl/whctl/internal/expect"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

const (
	mostType  = 48 // columns
	mostEvent = 36
)

// text prints the outcome for people: what counts when it was met, else what came instead.
func (r *report) text() error {
	style := r.env.IO.Style()
	head := style.Bad("not met")
	if r.outcome() == outcomeMet {
		head = style.Good("met")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s after %s: %s came, %d counted\n", head, render.Dur(r.took), deliveries(r.Came), r.Counted)
	marks, types, events := 0, 0, 0
	for _, s := range r.Seen {
		marks = max(marks, term.Width(render.Mark(style, s.Delivery.Verdict)))
		types = max(types, term.Width(typeWords(s)))
		events = max(events, term.Width(eventWords(s)))
	}
	for _, s := range r.Seen {
		fmt.Fprintf(&b, "  %s  %s  %s  %s  %s\n", term.Pad(render.Mark(style, s.Delivery.Verdict), marks), term.Pad(typeWords(s), types),
			s.Delivery.ID, term.Pad(eventWords(s), events), r.why(s))
	}
	if left := r.Came - len(r.Seen); left > 0 {
		fmt.Fprintf(&b, "  and %d more: whctl journal list\n", left)
	}
	return render.Text(r.env.IO, b.String())
}

func typeWords(s expect.Seen) string {
	return cmp.Or(term.Cut(term.Clean(s.Delivery.EventType), mostType), "–")
}

func eventWords(s expect.Seen) string {
	return cmp.Or(term.Cut(term.Clean(s.Delivery.EventID), mostEvent), "–")
}
