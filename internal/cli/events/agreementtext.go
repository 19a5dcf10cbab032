package events

// A check as people read it.

import (
	"fmt"
	"strings"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/reconcile"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

// print shows what was checked, every event that is not plainly accepted, and the sum.
func (a *agreement) print() error {
	style := a.env.IO.Style()
	head := render.NewCard(style, 8)
	head.Row("webhook", term.Clean(strings.TrimSpace(a.subject.name+"  "+masking.URL(a.subject.url))))
	head.Row("journal", term.Clean(a.journal.journal.Path()+", profile "+a.journal.profile))
	for _, p := range a.report.Ranges {
		head.Row("checked", a.rangeWords(p))
	}
	if err := head.Print(a.env.IO); err != nil {
		return err
	}
	if err := a.table(); err != nil {
		return err
	}
	if err := render.Text(a.env.IO, term.FoldWords(a.sum(), a.env.IO.Width())+"\n"); err != nil {
		return err
	}
	for _, n := range a.notes() {
		a.env.Say("note: %s", n)
	}
	return nil
}

// rangeWords says what was seen of a part; "" for one in which there is nothing.
func (a *agreement) rangeWords(p reconcile.Range) string {
	if p.Seen == 0 && p.Whole {
		if p.Status == "" {
			return "no events"
		}
		return ""
	}
	count := fmt.Sprintf("%d of %d", p.Seen, p.Total)
	if p.Total < 0 {
		count = fmt.Sprintf("the newest %d", p.Seen)
	}
	words := term.Clean(strings.TrimSpace(count + " " + p.Status))
	if p.From.IsZero() {
		return words
	}
	now := a.report.At.Add(a.report.Ahead)
	return words + a.env.IO.Style().Dim(fmt.Sprintf("  from %s to %s", render.Ago(now, p.From), render.Ago(now, p.To)))
}

func (a *agreement) table() error {
	style, now := a.env.IO.Style(), a.report.At.Add(a.report.Ahead)
	t := render.NewTable(
		render.Column{Title: "EVENT", Narrow: render.ID}, render.Column{Title: "TYPE", Narrow: render.CutMiddle, Least: render.LeastType},
		render.Column{Title: "CREATED", Narrow: render.Uncut, Worth: 1}, render.Column{Title: "PLATFORM", Narrow: render.Uncut, Worth: 2},
		render.Column{Title: "HERE", Narrow: render.Flow, Least: 24},
	)
	for i := range a.report.Rows {
		row := &a.report.Rows[i]
		paint := style.Dim
		switch row.State {
		case reconcile.Missing, reconcile.Refused:
			paint = style.Bad
		case reconcile.Waiting:
			paint = style.Warn
		case reconcile.InFlight, reconcile.NotSent, reconcile.Elsewhere:
			continue // a note counts them
		case reconcile.Accepted:
			if !row.Again {
				continue
			}
		case reconcile.Replayed:
		}
		t.AddCells(
			render.Cell{Text: row.ID, Paint: style.Accent}, render.Cell{Text: row.Type}, render.AgoCell(now, row.Created),
			render.Cell{Text: row.Status}, render.Cell{Text: rowWords(row), Paint: paint},
		)
	}
	if t.Len() == 0 {
		return nil
	}
	return t.Print(a.env.IO)
}

// rowWords say what became of an event.
func rowWords(row *reconcile.Row) string {
	switch row.State {
	case reconcile.Missing:
		return "never arrived" + triedWords(row.Attempts)
	case reconcile.Refused:
		return "refused by " + refusalWords(row)
	case reconcile.Waiting:
		return "arrived, waits in the queue"
	case reconcile.Replayed:
		return "a replay was accepted"
	default:
		return fmt.Sprintf("accepted, and arrived %d times", len(row.Arrivals))
	}
}

// triedWords say how the platform fared.
func triedWords(attempts []reconcile.Attempt) string {
	if len(attempts) == 0 {
		return ""
	}
	last := attempts[len(attempts)-1]
	how := last.Error
	if last.Status != 0 {
		how = fmt.Sprintf("answered %d", last.Status)
	}
	return fmt.Sprintf("; the platform tried %s, the last one %s", fault.Plural(len(attempts), "time"), how)
}

// refusalWords say who refused an event, and how.
func refusalWords(row *reconcile.Row) string {
	last := row.Last()
	if row.By == reconcile.ByWhctl {
		return fmt.Sprintf("whctl: %s, answered %d", last.Reason, last.Answer)
	}
	var words []string
	for _, j := range last.Jobs {
		switch {
		case j.State == record.JobDelivered || j.State.Open():
		case j.Status != 0:
			words = append(words, fmt.Sprintf("%s: answered %d", j.Target, j.Status))
		case j.Outcome != "":
			words = append(words, fmt.Sprintf("%s: %s", j.Target, j.Outcome))
		default:
			words = append(words, fmt.Sprintf("%s: %s", j.Target, j.State))
		}
	}
	return strings.Join(words, "; ")
}

// sum is one sentence about all events.
func (a *agreement) sum() string {
	names := map[reconcile.State]string{
		reconcile.Missing: "never arrived", reconcile.Refused: "refused", reconcile.InFlight: "on the way", reconcile.Waiting: "waiting in the queue",
		reconcile.Accepted: "accepted", reconcile.Replayed: "accepted as a replay", reconcile.NotSent: "sent to no webhook", reconcile.Elsewhere: "of other webhooks",
	}
	var parts []string
	for _, s := range reconcile.States() {
		if n := a.report.Count(s); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, names[s]))
		}
	}
	text := fault.Plural(len(a.report.Rows), "event")
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	if n := a.again(); n > 0 {
		text += fmt.Sprintf("; %d arrived again after being accepted", n)
	}
	if len(a.asked) > 0 {
		text += fmt.Sprintf("; %d of %s left", len(a.report.Gaps()), fault.Plural(len(a.asked), "gap"))
	}
	return text
}
