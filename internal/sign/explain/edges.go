package explain

import (
	"bytes"
	"slices"
)

const byteOrderMark = "\xef\xbb\xbf"

// edge is a change at a body's ends.
type edge struct {
	a     *assumption
	short string                        // how it goes on after another change
	write func(out, body []byte) []byte // appends the changed body
}

// edges are those that change a body.
func edges(b []byte) []edge {
	lost := func(id, what string) *assumption {
		return bodyMistake("newline.lost"+id, 3, "the line break at the end was lost", "with "+what+" at the end", bytesFix)
	}
	out := []edge{
		{lost("", "a line feed"), "with a line feed at the end", func(out, b []byte) []byte { return append(append(slices.Grow(out, len(b)+1), b...), '\n') }},
		{lost(".crlf", "CR LF"), "with CR LF at the end", func(out, b []byte) []byte { return append(append(slices.Grow(out, len(b)+2), b...), '\r', '\n') }},
	}
	if len(bytes.TrimRight(b, "\r\n")) < len(b) {
		out = append(out, edge{
			bodyMistake("newline.added", 3, "a line break was added at the end", "without the line break at the end", bytesFix), "without the line break at the end",
			func(out, b []byte) []byte { return append(out, bytes.TrimRight(b, "\r\n")...) },
		})
	}
	if bytes.Count(b, []byte("\n")) > bytes.Count(b, []byte("\r\n")) {
		out = append(out, edge{
			bodyMistake("line_ends.crlf", 4, "line ends were changed", "with CR LF at the line ends", bytesFix), "with CR LF at the line ends", appendCRLF,
		})
	}
	if !bytes.HasPrefix(b, []byte(byteOrderMark)) {
		out = append(out, edge{
			bodyMistake("bom.lost", 4, "a byte order mark was lost", "with a byte order mark in front", bytesFix), "with a byte order mark in front",
			func(out, b []byte) []byte {
				return append(append(slices.Grow(out, len(b)+len(byteOrderMark)), byteOrderMark...), b...)
			},
		})
	}
	return out
}

// appendCRLF appends a text with CR LF where a line feed stands alone.
func appendCRLF(out, b []byte) []byte {
	for out = slices.Grow(out, len(b)+bytes.Count(b, []byte("\n"))); ; {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			return append(out, b...)
		}
		out = append(out, b[:i]...)
		if i == 0 || b[i-1] != '\r' {
			out = append(out, '\r')
		}
		out = append(out, '\n')
		b = b[i+1:]
	}
}
