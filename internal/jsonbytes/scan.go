// Package jsonbytes reads and edits JSON as bytes: it finds values by their paths and changes only what an edit names, so
// that key order, white space, numbers, duplicate keys and bytes that are not UTF-8 stay as they came.
package jsonbytes

import (
	"bytes"
	"iter"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// The kinds of a token, besides brackets, comma and colon, which are their own kind.
const (
	String byte = '"'
	Cut    byte = '~' // a string that the end of the text cut off
	Number byte = '0'
	Word   byte = 'w' // true, false, null, and whatever else is there
)

// Token is a piece of JSON text.
type Token struct {
	Kind       byte
	Start, End int
}

// Tokens cuts JSON text into tokens. What it accepts may be more than JSON: it does not look at their order, and a word may be
// anything.
func Tokens(b []byte) iter.Seq[Token] {
	return func(yield func(Token) bool) {
		c := cursor{b: b}
		for {
			if t, ok := c.next(); !ok || !yield(t) {
				return
			}
		}
	}
}

// bom is the byte order mark that some senders put before a body.
const bom = "\ufeff"

// cursor walks over JSON text without building anything and without recursion. It is lenient: what it accepts
// may be more than JSON, because it reads bytes whose signature is not yet checked and must only never fail.
type cursor struct {
	b []byte
	i int
}

func (c *cursor) end() bool { return c.i >= len(c.b) }

// space moves to the next byte that is not white space and reports whether there is one.
func (c *cursor) space() bool {
	for ; c.i < len(c.b); c.i++ {
		switch c.b[c.i] {
		case ' ', '\t', '\n', '\r':
		default:
			return true
		}
	}
	return false
}

// take moves past ch, and white space before it, if that is what comes next.
func (c *cursor) take(ch byte) bool {
	if !c.space() || c.b[c.i] != ch {
		return false
	}
	c.i++
	return true
}

// str moves past the string that begins here and returns what stands between its quotes, still escaped.
func (c *cursor) str() ([]byte, bool) {
	if c.end() || c.b[c.i] != '"' {
		return nil, false
	}
	start := c.i + 1
	for at := start; ; {
		n := bytes.IndexByte(c.b[at:], '"')
		if n < 0 {
			c.i = len(c.b)
			return nil, false
		}
		at += n
		escapes := 0
		for at-1-escapes >= start && c.b[at-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			c.i = at + 1
			return c.b[start:at], true
		}
		at++
	}
}

// token moves past a number or literal and returns it. Anything but structure and white space belongs to one.
func (c *cursor) token() []byte {
	start := c.i
	for ; c.i < len(c.b); c.i++ {
		switch c.b[c.i] {
		case ' ', '\t', '\n', '\r', ',', ':', '"', '{', '}', '[', ']':
			return c.b[start:c.i]
		}
	}
	return c.b[start:]
}

// next moves past the token that comes next.
func (c *cursor) next() (Token, bool) {
	if !c.space() {
		return Token{}, false
	}
	t := Token{Kind: c.b[c.i], Start: c.i}
	switch t.Kind {
	case '{', '}', '[', ']', ',', ':':
		c.i++
	case String:
		if _, ok := c.str(); !ok {
			t.Kind = Cut
		}
	default:
		if t.Kind != '-' && (t.Kind < '0' || t.Kind > '9') {
			t.Kind = Word
		} else {
			t.Kind = Number
		}
		c.token()
	}
	t.End = c.i
	return t, true
}

// skip moves past one value, whatever its depth: brackets are counted, not followed, so that depth costs nothing.
func (c *cursor) skip() bool {
	for depth := 0; ; {
		t, ok := c.next()
		switch {
		case !ok, t.Kind == Cut, depth == 0 && (t.Kind == ',' || t.Kind == ':'):
			return false
		case t.Kind == '{', t.Kind == '[':
			depth++
		case t.Kind == '}', t.Kind == ']':
			depth--
		}
		if depth <= 0 {
			return depth == 0
		}
	}
}

// unescape turns the inside of a JSON string into text of at most limit bytes, whole runes only, and says whether all
// of it fitted. What is no UTF-8, no character or no escape becomes U+FFFD.
func unescape(raw []byte, limit int) (string, bool) {
	if len(raw) <= limit && bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return string(raw), true
	}
	out := make([]byte, 0, min(len(raw), limit))
	for len(raw) > 0 {
		r, n, _ := Char(raw)
		if len(out)+utf8.RuneLen(r) > limit {
			return string(out), false
		}
		out = utf8.AppendRune(out, r)
		raw = raw[n:]
	}
	return string(out), true
}

// Char decodes the first character or escape between the quotes of a string, and gives how many bytes it takes. It is false
// for what is no character: bytes that are not UTF-8, a lone surrogate, an escape that JSON does not know.
func Char(b []byte) (r rune, n int, ok bool) {
	if b[0] != '\\' {
		r, n = utf8.DecodeRune(b)
		return r, n, r != utf8.RuneError || n > 1
	}
	if len(b) < 2 {
		return utf8.RuneError, 1, false
	}
	if b[1] == 'u' {
		return hexRune(b)
	}
	if i := bytes.IndexByte([]byte(`"\/bfnrt`), b[1]); i >= 0 {
		return rune("\"\\/\b\f\n\r\t"[i]), 2, true
	}
	return utf8.RuneError, 2, false
}

// hexRune decodes \uXXXX, and a pair of them where that makes one character.
func hexRune(b []byte) (r rune, n int, ok bool) {
	r, ok = hex4(b)
	if !ok {
		return utf8.RuneError, 2, false
	}
	if !utf16.IsSurrogate(r) {
		return r, 6, true
	}
	if low, ok := hex4(b[6:]); ok {
		if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
			return both, 12, true
		}
	}
	return utf8.RuneError, 6, false
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	return rune(n), err == nil
}

// sameKey says whether a key as it stands in JSON text is the given one.
func sameKey(raw []byte, key string) bool {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw) == key
	}
	if len(raw) < len(key) || len(raw) > 6*len(key) { // an escape is at most six times what it stands for
		return false
	}
	got, ok := unescape(raw, len(key))
	return ok && got == key
}
