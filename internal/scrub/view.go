package scrub

// A text as it reads once escapes of JSON and percent-encoding are undone.

import (
	"bytes"
	"iter"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/jsonbytes"
)

// mostViews bounds how many times escapes are undone: JSON in a string of JSON in a parameter takes three.
const mostViews = 4

// view is a text as it reads.
type view struct {
	b  []byte
	at []int32 // where each byte begins in the text as it came, and the end; nil: where it stands here
}

// raw is where a place stands in the text as it came.
func (v view) raw(i int) int {
	if v.at == nil {
		return i
	}
	return int(v.at[i])
}

// decoded gives a text as it came, and with escapes undone once, twice and so on, as long as there are any.
func decoded(text []byte) []view {
	views := []view{{b: text}}
	for len(views) < mostViews {
		next, changed := views[len(views)-1].undone()
		if !changed {
			break
		}
		views = append(views, next)
	}
	return views
}

// undone undoes escapes once.
func (v view) undone() (view, bool) {
	if bytes.IndexByte(v.b, '\\') < 0 && bytes.IndexByte(v.b, '%') < 0 {
		return v, false
	}
	out := view{b: make([]byte, 0, len(v.b)), at: make([]int32, 0, len(v.b)+1)}
	for i := 0; i < len(v.b); {
		r, n := escape(v.b[i:])
		before := len(out.b)
		switch {
		case n == 0:
			out.b, n = append(out.b, v.b[i]), 1
		case v.b[i] == '%':
			out.b = append(out.b, byte(r)) //nolint:gosec // two hex digits are a byte
		default:
			out.b = utf8.AppendRune(out.b, r)
		}
		for range len(out.b) - before {
			out.at = append(out.at, int32(v.raw(i))) //nolint:gosec // bodies are bounded far below 2 GiB
		}
		i += n
	}
	out.at = append(out.at, int32(v.raw(len(v.b)))) //nolint:gosec // as above
	return out, len(out.b) != len(v.b)
}

// escape reads an escape at the beginning of b, and gives how many bytes it takes; 0 for none.
func escape(b []byte) (r rune, n int) {
	switch {
	case b[0] == '\\':
		r, n, ok := jsonbytes.Char(b)
		if !ok {
			return 0, 0
		}
		return r, n
	case b[0] == '%' && len(b) > 2:
		high, low := hexDigit(b[1]), hexDigit(b[2])
		if high < 0 || low < 0 {
			return 0, 0
		}
		return rune(high<<4 | low), 3 //nolint:gosec // two hex digits are a byte
	default:
		return 0, 0
	}
}

func hexDigit(c byte) int { return bytes.IndexByte([]byte("0123456789abcdef"), c|0x20) }

// occurrences are the places where a value begins.
func occurrences(b []byte, value string) iter.Seq[int] {
	return func(yield func(int) bool) {
		for at := 0; ; at += len(value) {
			n := bytes.Index(b[at:], []byte(value))
			if n < 0 || !yield(at+n) {
				return
			}
			at += n
		}
	}
}
