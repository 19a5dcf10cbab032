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
	"github.com/whctl/whctl/internal/term"
)

// SortAttempts sorts by time, oldest first, and by number where the time is the same.
func SortAttempts(logs []api.DeliveryLog) {
	sort.SliceStable(logs, func(i, j int) bool {
		a, b := &logs[i], &logs[j]
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt.Time), cmp.Compare(a.AttemptNumber, b.AttemptNumber)) < 0
	})
}

// Attempts is the table of the platform's delivery attempts, newest first. They come sorted, oldest first.
func Attempts(logs []api.DeliveryLog, now time.Time) *Table {
	t := NewTable(
		Column{Title: "WHEN", Narrow: Uncut}, Column{Title: "EVENT", Narrow: ID}, Column{Title: "#", Right: true, Worth: 4}, Column{Title: "RESULT", Narrow: Uncut, Worth: 5},
		Column{Title: "ANSWER", Least: 18}, Column{Title: "TOOK", Right: true, Worth: 3}, Column{Title: "NEXT", Narrow: Uncut, Worth: 1},
		Column{Title: "URL", Narrow: CutMiddle, Least: 24, Worth: 2},
	)
	for _, l := range slices.Backward(logs) {
		var next Cell
		if !l.NextRetryAt.IsZero() {
			next = AgoCell(now, l.NextRetryAt.Time)
		}
		t.AddCells(
			AgoCell(now, l.CreatedAt.Time), Cell{Text: l.EventID}, Cell{Text: strconv.Itoa(l.AttemptNumber)}, Cell{Text: l.DeliveryStatus},
			Cell{Text: answerWords(l)}, Cell{Text: tookWords(l)}, next, URLCell(l.RequestURL),
		)
	}
	return t
}

func answerWords(l api.DeliveryLog) string {
	switch {
	case l.ResponseStatus != nil:
		return strconv.Itoa(*l.ResponseStatus)
	case l.ErrorMessage != nil:
		return *l.ErrorMessage
	default:
		return none
	}
}

func tookWords(l api.DeliveryLog) string {
	if l.DurationMs == nil {
		return none
	}
	return Dur(Milliseconds(*l.DurationMs))
}

// AttemptLines prints the platform's delivery attempts one by one.
type AttemptLines struct{ t *term.IO }

// NewAttemptLines prints to Out.
func NewAttemptLines(t *term.IO) *AttemptLines { return &AttemptLines{t: t} }

// Print writes one line.
func (p *AttemptLines) Print(l api.DeliveryLog) error {
	style := p.t.Style()
	paint, mark := style.Bad, "✗"
	if l.DeliveryStatus == api.DeliverySuccess {
		paint, mark = style.Good, "✓"
	}
	text := fmt.Sprintf("%s  %s %-8s #%d  %s  %s in %s", l.CreatedAt.Local().Format("15:04:05.000"), mark, l.DeliveryStatus,
		l.AttemptNumber, l.EventID, answerWords(l), tookWords(l))
	if !l.NextRetryAt.IsZero() {
		text += "  next " + l.NextRetryAt.Local().Format("15:04:05")
	}
	text = term.Clean(text)
	if w := p.t.Width(); w > 0 {
		text = term.Cut(text, w)
	}
	_, err := io.WriteString(p.t.Out, paint(text)+"\n")
	return err
}
