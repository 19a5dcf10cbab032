package term

// Remote text made safe to show.

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes remote text safe to show on one line. Whatever could move the cursor, change colours, reorder or hide text,
// and every byte that is not UTF-8, is written as \x1b, \u202e, \n and the like. The result holds no newline, tab or
// escape, and no more in one place than Cluster allows. Safe text is returned without a copy.
func Clean(s string) string { return clean(s, false) }

// CleanLines is Clean for text of several lines: \n stays a newline.
func CleanLines(s string) string { return clean(s, true) }

func clean(s string, keepNewline bool) string {
	if firstUnsafe(s) == len(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	var cluster Cluster
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			cluster = Cluster{}
			escapeByte(&b, s[i])
		case !cluster.Unsafe(r), r == '\n' && keepNewline:
			b.WriteString(s[i : i+size])
		case size == 1:
			escapeByte(&b, s[i])
		default:
			escapeRune(&b, r)
		}
		i += size
	}
	return b.String()
}

// firstUnsafe is the length of the printable ASCII that s begins with, which is nearly always all of s.
func firstUnsafe(s string) int {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f {
			return i
		}
	}
	return len(s)
}

// Unsafe says whether a character must not reach a terminal as it is. Unsafe are control characters (C0, DEL, C1, newline
// and tab too), what reorders or hides text, line and paragraph separators, and noncharacters.
func Unsafe(r rune) bool {
	if r < utf8.RuneSelf {
		return r < ' ' || r == 0x7f
	}
	return unsafeRune(r)
}

// unsafeRune is Unsafe for characters beyond ASCII.
func unsafeRune(r rune) bool {
	switch {
	case r < 0xa0: // C1
		return true
	case r < 0xad:
		return false
	case r == 0x2028, r == 0x2029: // separators
		return true
	case r >= 0xfdd0 && r <= 0xfdef, r&0xfffe == 0xfffe, r > unicode.MaxRune, r >= 0xd800 && r <= 0xdfff:
		return true
	case r >= 0xe0000 && r <= 0xe0fff: // tags and the variation selectors that carry hidden text
		return true
	case r == 0x061c: // the Arabic letter mark reorders text, unlike the visible signs below
		return true
	case r >= 0x0600 && r <= 0x08ff: // Arabic and Syriac number and verse signs: format characters (Cf), but visible
		return false
	case r == 0x110bd, r == 0x110cd: // Kaithi number signs, likewise
		return false
	case r == 0x2e3a, r == 0x2e3b, r == 0xfdfd, r == 0x12219, r == 0x1242b: // drawn wider than the columns they are counted as
		return true
	default: // format characters, fillers, and unassigned characters reserved as invisible
		return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point)
	}
}

func escapeByte(b *strings.Builder, c byte) {
	switch c {
	case '\n':
		b.WriteString(`\n`)
	case '\r':
		b.WriteString(`\r`)
	case '\t':
		b.WriteString(`\t`)
	default:
		fmt.Fprintf(b, `\x%02x`, c)
	}
}

func escapeRune(b *strings.Builder, r rune) {
	if r > 0xffff {
		fmt.Fprintf(b, `\U%08x`, r)
	} else {
		fmt.Fprintf(b, `\u%04x`, r)
	}
}
