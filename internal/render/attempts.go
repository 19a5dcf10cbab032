package render

// The platform's delivery attempts.

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"sort"
	"strconv"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/refusal"
	"github.com/whctl/whctl/internal/term"
)

// SortAttempts sorts by time, oldest first, and by number where the time is the same.
func SortAttempts(logs []api.DeliveryLog) {
	sort.SliceStable(logs, func(i, j int) bool {
		a, b := &logs[i], &logs[j]
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt.Time), cmp.Compare(a.AttemptNumber, b.AttemptNumber)) < 0
	})
}

// WebhookAttempts is the table of the attempts at one webhook, newest first. They come sorted, oldest first.
func WebhookAttempts(logs []api.DeliveryLog, now time.Time) *Table {
	own := []Column{{Title: "EVENT", Narrow: ID}, {Title: "TYPE", Narrow: CutMiddle, Least: LeastType, Worth: 7}}
	return attempts(logs, now, own, func(l *api.DeliveryLog) []Cell { return []Cell{{Text: l.EventID}, {Text: typeOf(l)}} })
}

// EventAttempts is the table of the attempts of one event, as WebhookAttempts has them. names are those of webhooks, by id.
func EventAttempts(logs []api.DeliveryLog, now time.Time, names map[string]string) *Table {
	own := []Column{{Title: "WEBHOOK", Least: 8}}
	return attempts(logs, now, own, func(l *api.DeliveryLog) []Cell { return []Cell{{Text: cmp.Or(names[l.WebhookID], l.WebhookID)}} })
}

// attempts is a table of attempts with some columns of its own.
func attempts(logs []api.DeliveryLog, now time.Time, own []Column, cells func(l *api.DeliveryLog) []Cell) *Table {
	t := NewTable(slices.Concat([]Column{{Title: "WHEN", Narrow: Uncut}}, own, []Column{
		{Title: "#", Right: true, Worth: 5},
		{Title: "RESULT", Narrow: Uncut, Worth: 6},
		{Title: "ANSWER", Least: 18},
		{Title: "TOOK", Right: true, Worth: 4},
		{Title: "NEXT", Narrow: Uncut, Worth: 1},
		{Title: "SAID", Least: 20, Worth: 3},
		{Title: "URL", Narrow: CutMiddle, Least: 20, Worth: 2},
	})...)
	last := map[job]int{}
	for i := range logs {
		last[jobOf(&logs[i])] = max(last[jobOf(&logs[i])], logs[i].AttemptNumber)
	}
	for i := range slices.Backward(logs) {
		l := &logs[i]
		t.AddCells(slices.Concat([]Cell{AgoCell(now, l.CreatedAt.Time)}, cells(l), []Cell{
			{Text: strconv.Itoa(l.AttemptNumber)},
			{Text: l.DeliveryStatus},
			{Text: answerWords(l)},
			{Text: tookWords(l)},
			{Text: nextWords(l, now, last[jobOf(l)])},
			{Text: saidWords(l)},
			URLCell(l.RequestURL),
		})...)
	}
	return t
}

// job is an event that is owed to a webhook: by their ids.
type job struct{ event, webhook string }

func jobOf(l *api.DeliveryLog) job { return job{l.EventID, l.WebhookID} }

// nextWords say when the next attempt comes. last is the number of the newest attempt of the same job: only after that one is there
// a next.
func nextWords(l *api.DeliveryLog, now time.Time, last int) string {
	switch at := l.NextRetryAt.Time; {
	case at.IsZero() || l.AttemptNumber < last:
		return ""
	case !at.After(now):
		return "due"
	default:
		return Ago(now, at)
	}
}

// typeOf reads the type of the event from the body that was sent. It is written in either case: reference pages of the API have both.
func typeOf(l *api.DeliveryLog) string {
	return event.Extract(event.Spec{Type: []string{"event_type", "eventType", "type"}}, nil, l.RequestBody).Type
}

// saidWords is the line of the receiver's answer that tells the most.
func saidWords(l *api.DeliveryLog) string {
	if l.ResponseBody == nil {
		return ""
	}
	return refusal.Line(nil, []byte(*l.ResponseBody))
}

func answerWords(l *api.DeliveryLog) string {
	switch {
	case l.ResponseStatus != nil:
		return strconv.Itoa(*l.ResponseStatus)
	case l.ErrorMessage != nil:
		return *l.ErrorMessage
	default:
		return none
	}
}

func tookWords(l *api.DeliveryLog) string {
	if l.DurationMs == nil {
		return none
	}
	return Dur(Milliseconds(*l.DurationMs))
}

// AttemptLines prints the platform's delivery attempts one by one.
type AttemptLines struct {
	t    *term.IO
	seen map[string]bool // by id
}

// NewAttemptLines prints to Out.
func NewAttemptLines(t *term.IO) *AttemptLines { return &AttemptLines{t: t, seen: map[string]bool{}} }

// Fresh calls show for each attempt of a log that is over and that it was not called for before. The log comes sorted.
func (p *AttemptLines) Fresh(logs []api.DeliveryLog, show func(l api.DeliveryLog) error) error {
	for _, l := range logs {
		if p.seen[l.ID] || l.DeliveryStatus == api.DeliveryProcessing {
			continue
		}
		p.seen[l.ID] = true
		if err := show(l); err != nil {
			return err
		}
	}
	return nil
}

// Print writes one line.
func (p *AttemptLines) Print(l api.DeliveryLog) error {
	style := p.t.Style()
	paint, mark := style.Bad, "✗"
	if l.DeliveryStatus == api.DeliverySuccess {
		paint, mark = style.Good, "✓"
	}
	of := func(id string) string {
		text := fmt.Sprintf("%s  %s %-8s #%d  %s  %s  %s in %s", l.CreatedAt.Local().Format("15:04:05.000"), mark, l.DeliveryStatus,
			l.AttemptNumber, id, cmp.Or(typeOf(&l), none), answerWords(&l), tookWords(&l))
		if said := saidWords(&l); said != "" {
			text += "  " + said
		}
		if !l.NextRetryAt.IsZero() {
			text += "  next " + l.NextRetryAt.Local().Format("15:04:05")
		}
		return term.Clean(text)
	}
	text := of(l.EventID)
	if w := p.t.Width(); w > 0 && term.Width(text) > w {
		text = term.Cut(of(ShortID(l.EventID)), w)
	}
	_, err := io.WriteString(p.t.Out, paint(text)+"\n")
	return err
}
