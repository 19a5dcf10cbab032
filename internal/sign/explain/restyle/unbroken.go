package restyle

// A JSON text whose line breaks were taken out, while the blanks stayed that indented its lines.

import (
	"bytes"
)

// Unbroken says whether the text is what a style writes, but for the line breaks.
func (w *Text) Unbroken(st Style) bool {
	if st.lay.indent == "" || st.order.id != "" || !w.spaced() {
		return false
	}
	without := func(c rune) rune {
		if c == '\r' || c == '\n' {
			return -1
		}
		return c
	}
	return bytes.Equal(bytes.Map(without, w.Write(st)), w.b)
}

// spaced says whether the text is on one line and has two blanks or a tab before its second token, as what indents a line leaves it.
func (w *Text) spaced() bool {
	if len(w.lex) < 2 || bytes.ContainsAny(w.b, "\r\n") {
		return false
	}
	between := w.b[w.lex[0].end:w.lex[1].start]
	return len(between) > 1 || string(between) == "\t"
}
