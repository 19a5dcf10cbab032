package e2e

// What must never reach a terminal, and the check that a screen is free of it.

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// intruders lists what must not reach a terminal: control characters other than line ends, bidi controls, bytes that are
// no UTF-8, and escape sequences other than colours.
func intruders(out string) []string {
	var found []string
	for len(out) > 0 {
		if rest, is := afterColour(out); is {
			out = rest
			continue
		}
		r, n := utf8.DecodeRuneInString(out)
		if r == utf8.RuneError && n == 1 || forbidden(r) {
			found = append(found, out[:min(len(out), 24)])
		}
		out = out[n:]
	}
	return found
}

func forbidden(r rune) bool {
	switch {
	case r == '\n' || r == '\r':
		return false
	case r < 0x20, r >= 0x7f && r < 0xa0: // C0, DEL, C1
		return true
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x061c: // bidi
		return true
	case r == 0x2028, r == 0x2029, r == 0xfeff, r >= 0xe0000 && r <= 0xe007f: // line and paragraph ends, BOM, tags
		return true
	default:
		return false
	}
}

// afterColour is what follows when out begins with an SGR sequence.
func afterColour(out string) (string, bool) {
	rest, is := strings.CutPrefix(out, "\x1b[")
	if !is {
		return out, false
	}
	rest = strings.TrimLeft(rest, "0123456789;")
	return strings.CutPrefix(rest, "m")
}

func checkClean(t *testing.T, what, out string) {
	t.Helper()
	if bad := intruders(out); len(bad) > 0 {
		t.Errorf("%s: %d intruders on the terminal, first %q", what, len(bad), bad[0])
	}
	// a bare CR would let a text write over what stands before it; at the beginning of a line, where an interrupt has one, nothing does
	if strings.Contains(strings.ReplaceAll(strings.ReplaceAll(out, "\r\n", "\n"), "\n\r", "\n"), "\r") {
		t.Errorf("%s: a bare carriage return reached the terminal", what)
	}
}
