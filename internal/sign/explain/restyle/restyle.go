// Package restyle writes a JSON text or a form the way other languages and libraries do.
package restyle

import (
	"github.com/whctl/whctl/internal/jsonbytes"
)

// maxNesting bounds the depth of a JSON text.
const maxNesting = 512

// lexeme is one token of a JSON text.
type lexeme struct {
	kind       byte // as jsonbytes has it
	start, end int32
	pair       int32 // for an opening bracket: the index of its closing one
}

// lex cuts a JSON object or array into tokens; false when the text is none, has something before or after it, or is nested too deeply.
func lex(b []byte) ([]lexeme, bool) {
	var out []lexeme
	var open []int
	for t := range jsonbytes.Tokens(b) {
		switch t.Kind {
		case jsonbytes.Cut:
			return nil, false
		case '{', '[':
			if open = append(open, len(out)); len(open) > maxNesting {
				return nil, false
			}
		case '}', ']':
			if len(open) == 0 || out[open[len(open)-1]].kind+2 != t.Kind {
				return nil, false
			}
			out[open[len(open)-1]].pair = int32(len(out)) //nolint:gosec // bodies are far below 2 GiB
			open = open[:len(open)-1]
		}
		out = append(out, lexeme{kind: t.Kind, start: int32(t.Start), end: int32(t.End)}) //nolint:gosec // as above
	}
	return out, len(open) == 0 && len(out) > 1 && int(out[0].pair) == len(out)-1
}

// MaxBody is how large a text may be, in bytes.
const MaxBody = 8 << 20

// Text is a JSON text that can be written in many styles.
type Text struct {
	b   []byte
	lex []lexeme
	out []byte
	Style
	objects  bool             // there is an object with more than one member
	notable  string           // the characters of strings by which spellings differ, each once
	escapes  bool             // some characters are escaped that need not be
	changed  map[int32]string // tokens that are written differently
	oddNames bool             // there is an object whose members JavaScript puts in another order, or has fewer of
}

// Parse reads a JSON object or array; false when the text is none, is nested too deeply or is larger than MaxBody.
func Parse(b []byte) (*Text, bool) {
	if len(b) > MaxBody {
		return nil, false
	}
	lexemes, ok := lex(b)
	if !ok {
		return nil, false
	}
	w := &Text{b: b, lex: lexemes}
	w.survey()
	return w, true
}

func (w *Text) survey() {
	depth := 0
	for i, l := range w.lex {
		switch l.kind {
		case jsonbytes.String:
			w.note(l.text(w.b))
		case '{':
			depth++
			w.oddNames = w.oddNames || w.reordered(i)
		case ',':
			w.objects = w.objects || depth > 0
		}
	}
}

// Write gives the text in a style, in memory of its own.
func (w *Text) Write(st Style) []byte {
	w.Style = st
	w.out = make([]byte, 0, len(w.b)+len(w.b)/4)
	if w.lay.asis {
		at := int32(0)
		for i := range w.lex {
			w.out = append(w.out, w.b[at:w.lex[i].start]...)
			w.scalar(i)
			at = w.lex[i].end
		}
		return append(w.out, w.b[at:]...)
	}
	w.value(0, 0)
	return append(w.out, w.lay.end...)
}

// scalar writes a token by itself.
func (w *Text) scalar(i int) {
	l := w.lex[i]
	text := w.b[l.start:l.end]
	was, changed := w.changed[int32(i)] //nolint:gosec // the lexer's numbers are as small
	switch {
	case changed:
		w.out = append(w.out, was...)
	case l.kind == jsonbytes.String && !w.sp.asis:
		w.out = w.sp.append(w.out, text)
	case l.kind == jsonbytes.Number && w.num.write != nil:
		w.out = append(w.out, w.num.write(text)...)
	default:
		w.out = append(w.out, text...)
	}
}

// value writes the value that begins at token i and returns the index after it.
func (w *Text) value(i, depth int) int {
	if i >= len(w.lex) {
		return i
	}
	if _, changed := w.changed[int32(i)]; changed && w.lex[i].pair > 0 { //nolint:gosec // the lexer's numbers are as small
		w.scalar(i)
		w.scalar(i + 1)
		return i + 2
	}
	switch w.lex[i].kind {
	case '{':
		return w.object(i, depth)
	case '[':
		return w.array(i, depth)
	default:
		w.scalar(i)
		return i + 1
	}
}

func (w *Text) line(depth int) {
	if w.lay.indent != "" {
		if w.lay.crlf {
			w.out = append(w.out, '\r')
		}
		w.out = append(w.out, '\n')
		for range depth {
			w.out = append(w.out, w.lay.indent...)
		}
	}
}

func (w *Text) object(i, depth int) int {
	end := int(w.lex[i].pair)
	members := w.members(i+1, end)
	w.out = append(w.out, '{')
	for n, m := range members {
		if n > 0 {
			w.out = append(w.out, w.lay.item...)
		}
		w.line(depth + 1)
		w.scalar(m)
		w.out = append(w.out, w.lay.key...)
		w.value(m+2, depth+1)
	}
	switch {
	case len(members) > 0 || w.lay.emptyLines:
		w.line(depth)
	case w.lay.spacedArrays:
		w.out = append(w.out, ' ')
	}
	w.out = append(w.out, '}')
	return end + 1
}

func (w *Text) text(i int) []byte { return w.b[w.lex[i].start:w.lex[i].end] }

// skip returns the index after the value that begins at token i.
func (w *Text) skip(i int) int {
	if i < len(w.lex) && (w.lex[i].kind == '{' || w.lex[i].kind == '[') {
		return int(w.lex[i].pair) + 1
	}
	return i + 1
}

func (w *Text) array(i, depth int) int {
	end, inner := int(w.lex[i].pair), depth+1
	if w.lay.spacedArrays {
		inner = depth // what stands in an array is indented as if it did not
	}
	w.out = append(w.out, '[')
	for n, at := 0, i+1; at < end; n++ {
		if n > 0 {
			w.out = append(w.out, w.lay.item...)
		}
		if n > 0 && depth == 0 {
			w.out = append(w.out, w.lay.events...)
		}
		if w.lay.spacedArrays {
			w.out = append(w.out, ' ')
		} else {
			w.line(inner)
		}
		if at = w.value(at, inner); at < end && w.lex[at].kind == ',' {
			at++
		}
	}
	switch {
	case w.lay.spacedArrays:
		w.out = append(w.out, ' ')
	case end > i+1:
		w.line(depth)
	case w.lay.emptyLines:
		w.out = append(w.out, '\n')
		w.line(depth)
	}
	w.out = append(w.out, ']')
	return end + 1
}
