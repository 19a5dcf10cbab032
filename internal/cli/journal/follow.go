package journal

// whctl journal list --follow: the newest deliveries, then each that any process records.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

const (
	followFrom  = 10                     // deliveries that are shown at first
	followEvery = 200 * time.Millisecond // how often the journal is looked at
	answerLooks = 10                     // how many of these a line waits for the target's answer
	brokenLooks = 25                     // for how many a new file may be in the making
)

// follower follows the journal.
type follower struct {
	*listOptions
	out    render.Output
	f      journal.Filter
	after  string      // the id of the delivery that was seen last
	there  bool        // there is a journal
	seen   os.FileInfo // its file when it was opened last
	broken int         // looks at a file that cannot be opened
	held   []heldLine
}

// heldLine is a delivery whose target has not answered yet.
type heldLine struct {
	d     *record.Delivery
	looks int
}

// follow shows deliveries until it is interrupted. When the journal's file is replaced, it goes on with the new one.
func (o *listOptions) follow(ctx context.Context, out render.Output, f journal.Filter) error {
	if err := out.CheckStream(); err != nil {
		return err
	}
	w := &follower{listOptions: o, out: out, f: f, there: true}
	for first := true; ; first = false {
		j, err := open(ctx, o.env)
		if err == nil {
			err = w.file(ctx, j, first)
			_ = j.Close()
		}
		switch {
		case errors.Is(err, journal.ErrReplaced):
			w.broken = 0
		case first || fault.KindOf(err) != fault.Storage || w.broken >= brokenLooks:
			return err
		default: // somebody copies it
			w.broken++
		}
		if err := cmdkit.Wait(ctx, followEvery); err != nil {
			return err
		}
	}
}

// file shows what is in a file, and what is recorded into it.
func (w *follower) file(ctx context.Context, j *journal.Journal, first bool) error {
	info, err := os.Stat(j.Path())
	switch was := w.there; {
	case err != nil && first:
		w.env.Say("there is no journal yet; whctl listen makes it")
	case err != nil && was:
		w.env.Warn("the journal %s was removed; what comes when it is there again is shown", j.Path())
	case err == nil && !first && !was:
		w.env.Say("the journal is there now")
	case err == nil && !first && !os.SameFile(info, w.seen): // a file that holds nothing yet is opened again and again
		w.env.Warn("the journal %s is another file now; what is newer there is shown", j.Path())
	}
	w.there, w.seen = err == nil, info
	if first {
		if err := w.newest(ctx, j); err != nil {
			return err
		}
	}
	return j.Follow(ctx, w.f, w.after, func(ctx context.Context) error {
		if err := w.flush(ctx, j); err != nil {
			return err
		}
		return cmdkit.Wait(ctx, followEvery)
	}, w.show)
}

// newest shows the deliveries that are there, as many as asked for.
func (w *follower) newest(ctx context.Context, j *journal.Journal) (err error) {
	if w.after, err = j.LastID(ctx); err != nil {
		return err
	}
	f := w.f
	f.Limit = w.limit
	var list []*record.Delivery
	if w.limit > 0 {
		err = j.Each(ctx, f, func(d *record.Delivery) error {
			list = append(list, d)
			return nil
		})
	}
	for _, d := range slices.Backward(list) {
		if err := w.show(d); err != nil {
			return err
		}
	}
	return err
}

// show shows a delivery to scripts at once. To people it is shown with the target's answer.
func (w *follower) show(d *record.Delivery) error {
	w.after = max(w.after, d.ID)
	if w.out.Machine() {
		return w.out.Value(w.env.IO, render.DeliveryJSON(*d, w.bodies), nil)
	}
	w.held = append(w.held, heldLine{d: d})
	return nil
}

// flush shows those lines that have waited for their answer, in order.
func (w *follower) flush(ctx context.Context, j *journal.Journal) error {
	for len(w.held) > 0 {
		l := &w.held[0]
		attempts, err := j.Attempts(ctx, l.d.ID)
		if err != nil {
			return err
		}
		if len(attempts) == 0 && len(l.d.Targets) > 0 && l.d.ReceivedAt.After(w.env.Now().Add(-followEvery*answerLooks)) && l.looks < answerLooks {
			l.looks++
			return nil
		}
		if err := render.Text(w.env.IO, w.line(l.d, attempts)+"\n"); err != nil {
			return err
		}
		w.held = w.held[1:]
	}
	return nil
}

// line is a delivery and what the targets said so far.
func (w *follower) line(d *record.Delivery, attempts []record.Attempt) string {
	style := w.env.IO.Style()
	line := style.Dim(d.ReceivedAt.Local().Format("15:04:05.000")) + "  " + style.Accent(d.ID) + "  " + render.Mark(style, d.Verdict) + "  " +
		term.Clean(strings.TrimSpace(d.EventType+"  "+d.EventID)) + "  " + render.Size(d.Size) + "  →  " + strings.Join(answers(style, d, attempts), ", ")
	if width := w.env.IO.Width(); width > 0 {
		line = term.Cut(line, width)
	}
	return line
}

// answers are what the targets said, else what became of the delivery.
func answers(style term.Style, d *record.Delivery, attempts []record.Attempt) (words []string) {
	for i := range attempts {
		words = append(words, render.OutcomeOf(style, &attempts[i]))
	}
	switch {
	case len(words) > 0:
	case d.Skipped != "":
		words = append(words, string(d.Skipped))
	case d.Answer != 0 && len(d.Targets) == 0:
		words = append(words, fmt.Sprintf("answered %d", d.Answer))
	case len(d.Targets) > 0:
		words = append(words, "no answer yet")
	}
	return words
}
