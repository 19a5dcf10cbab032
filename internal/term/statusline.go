package term

// A line of standard error that changes in place.

import "fmt"

// StatusLine is such a line. Where standard error is no terminal it shows nothing.
type StatusLine struct {
	io    *IO
	shown bool
}

// StatusLine makes one.
func (t *IO) StatusLine() *StatusLine { return &StatusLine{io: t} }

const eraseLine = "\r\x1b[K"

// Show replaces the line. The text may be remote.
func (l *StatusLine) Show(text string) {
	if !l.io.ErrTTY() {
		return
	}
	l.shown = true
	_, _ = fmt.Fprint(l.io.Err, eraseLine+Cut(Clean(text), max(l.io.ErrWidth()-1, 1)))
}

// Clear removes it.
func (l *StatusLine) Clear() {
	if l.shown {
		l.shown = false
		_, _ = fmt.Fprint(l.io.Err, eraseLine)
	}
}
