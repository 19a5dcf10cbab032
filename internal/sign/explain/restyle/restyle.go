// Package restyle writes a JSON text the way other languages and libraries do.
package restyle

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

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

// lex cuts a JSON text into tokens; false when it is none, or nested too deeply.
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
	return out, len(open) == 0 && len(out) > 1
}

// MaxBody is how large a text may be, in bytes.
const MaxBody = 8 << 20

// Text is a JSON text that can be written in many styles.
type Text struct {
	b   []byte
	lex []lexeme
	out []byte
	Style
	objects   bool            // there is an object with more than one member
	escapable bool            // there is a character that some library escapes
	numbers   map[string]bool // ids of the numberings that write a number otherwise
	oddNames  bool            // there is an object whose members JavaScript puts in another order, or has fewer of
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
	nums, depth := numberings(), 0
	w.numbers = map[string]bool{}
	for i, l := range w.lex {
		text := w.b[l.start:l.end]
		switch l.kind {
		case jsonbytes.String:
			w.escapable = w.escapable || !ascii(text) || bytes.ContainsAny(text, "\\/<>&'+=`\x7f")
		case jsonbytes.Number:
			w.surveyNumber(text, nums)
		case '{':
			depth++
			w.oddNames = w.oddNames || w.reordered(i)
		case ',':
			w.objects = w.objects || depth > 0
		}
	}
}

func (w *Text) surveyNumber(text []byte, nums []numbering) {
	for _, num := range nums {
		if num.write != nil && !w.numbers[num.id] && num.write(text) != string(text) {
			w.numbers[num.id] = true
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
	return w.out
}

// scalar writes a token by itself.
func (w *Text) scalar(i int) {
	l := w.lex[i]
	text := w.b[l.start:l.end]
	switch {
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

// append writes a JSON string in a spelling.
func (sp *spelling) append(out, text []byte) []byte {
	out = append(out, '"')
	text = text[1 : len(text)-1]
	for len(text) > 0 {
		r, n, ok := jsonbytes.Char(text)
		if !ok {
			out = append(out, text[:n]...) // a lone surrogate or a byte that is not UTF-8: nobody agrees on those
		} else {
			out = sp.rune(out, r)
		}
		text = text[n:]
	}
	return append(out, '"')
}

// rune writes one character.
func (sp *spelling) rune(out []byte, r rune) []byte {
	switch {
	case 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == ' ':
		return utf8.AppendRune(out, r)
	case sp.also != "" && strings.ContainsRune(sp.also, r), sp.ascii && r >= utf8.RuneSelf:
		return sp.escape(out, r)
	case r == '"' || r == '\\':
		return append(out, '\\', byte(r))
	case r < ' ':
		if i := strings.IndexRune("\b\f\n\r\t", r); i >= 0 {
			return append(out, '\\', "bfnrt"[i])
		}
		return sp.escape(out, r)
	case r == '/' && sp.slash:
		return append(out, '\\', '/')
	default:
		return utf8.AppendRune(out, r)
	}
}

func (sp *spelling) escape(out []byte, r rune) []byte {
	units := []rune{r}
	if r > 0xffff {
		hi, lo := utf16.EncodeRune(r)
		units = []rune{hi, lo}
	}
	for _, u := range units {
		h := strconv.FormatUint(uint64(u), 16) //nolint:gosec // runes are not negative
		if sp.upper {
			h = strings.ToUpper(h)
		}
		out = append(append(out, `\u0000`[:6-len(h)]...), h...)
	}
	return out
}

func ascii(b []byte) bool {
	return bytes.IndexFunc(b, func(c rune) bool { return c >= utf8.RuneSelf }) < 0
}
