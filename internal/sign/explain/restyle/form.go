package restyle

// A form or a URL's query, read.

import (
	"bytes"
	"strings"
)

// The bounds of a form.
const (
	maxForm  = 256 << 10 // bytes
	maxPairs = 1000
)

// pair is one field of a form.
type pair struct {
	name, value string
	bare        bool   // no = stands behind the name
	raw         string // as it came; "" where it did not come so
}

// Form is a form that can be written as its writers do.
type Form struct {
	text   []byte // as it came; nil when it did not come as a form
	pairs  []pair
	has    present
	groups []group

	repeated bool // a name is there twice
}

// ParseForm reads a form or a query; false when the text is none, or too large.
func ParseForm(text []byte) (*Form, bool) {
	if len(text) > maxForm || bytes.IndexByte(text, '=') < 1 || bytes.ContainsAny(text[:1], "{[\"<&") || bytes.Count(text, []byte("&")) >= maxPairs {
		return nil, false
	}
	var pairs []pair
	for part := range strings.SplitSeq(string(text), "&") {
		if part != "" {
			name, value, eq := strings.Cut(part, "=")
			pairs = append(pairs, pair{unescape(name), unescape(value), !eq, part})
		}
	}
	return newForm(text, pairs), true
}

func newForm(text []byte, pairs []pair) *Form {
	f := &Form{text: text, pairs: pairs}
	for i := range pairs {
		f.has.add(pairs[i].name)
		f.has.add(pairs[i].value)
		f.has.brackets = f.has.brackets || strings.ContainsAny(pairs[i].name, "[]")
	}
	f.repeated = len(once(pairs, true)) < len(pairs)
	f.has.brackets = f.has.brackets || f.repeated // which some write with brackets
	f.groups = f.grouped()
	return f
}

// unescape decodes a name or value as browsers do: what is no escape stays
// (https://url.spec.whatwg.org/#concept-urlencoded-parser).
func unescape(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '+':
			c = ' '
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			c = hexValue(s[i+1])<<4 | hexValue(s[i+2])
			i += 2
		}
		out = append(out, c)
	}
	return string(out)
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }

func hexValue(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// present is what stands in a form's names and values that some writer escapes.
type present struct {
	marks    marks
	blank    bool
	other    bool // what everybody escapes
	brackets bool // in a name
}

func (p *present) add(s string) {
	for i := range len(s) {
		switch c := s[i]; {
		case letterOrDigit(c):
		case c == ' ':
			p.blank = true
		case c < ' ' || c >= 0x7f:
			p.other = true
		default:
			p.marks.add(c)
		}
	}
}

func letterOrDigit(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' }

// marks is a set of ASCII marks.
type marks [2]uint64

func marksOf(s string) (m marks) {
	for i := range len(s) {
		m.add(s[i])
	}
	return m
}

func (m *marks) add(c byte) { m[c>>6] |= 1 << (c & 0x3f) }

func (m *marks) has(c byte) bool { return c < 0x80 && m[c>>6]>>(c&0x3f)&1 == 1 }

func (m marks) both(o marks) marks { return marks{m[0] & o[0], m[1] & o[1]} }

func (m marks) without(o marks) marks { return marks{m[0] &^ o[0], m[1] &^ o[1]} }

// Text is the form as it came.
func (f *Form) Text() []byte { return f.text }

// Decoded says whether the form holds bytes that every writer escapes: it is decoded, whole or in part.
func (f *Form) Decoded() bool {
	return bytes.ContainsFunc(f.text, func(c rune) bool { return c <= ' ' || c >= 0x7f })
}

// Difference is the first place where two forms differ.
type Difference struct {
	At           int    // bytes before it
	Here, Signed string // a character or escape; "" at the end
}

// Differ compares a form with another one, which was signed.
func Differ(here, signed []byte) Difference {
	at := 0
	for at < len(here) && at < len(signed) && here[at] == signed[at] {
		at++
	}
	for back := 1; back <= 2 && back <= at; back++ {
		if here[at-back] == '%' {
			at -= back
			break
		}
	}
	return Difference{at, unitAt(here, at), unitAt(signed, at)}
}

// unitAt is the escape or the byte at a place.
func unitAt(b []byte, at int) string {
	switch {
	case at >= len(b):
		return ""
	case b[at] == '%' && at+2 < len(b) && isHex(b[at+1]) && isHex(b[at+2]):
		return string(b[at : at+3])
	default:
		return string(b[at : at+1])
	}
}
