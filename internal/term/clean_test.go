package term

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want, lines string }{
		"plain":            {in: "kyc.status.changed", want: "kyc.status.changed"},
		"letters stay":     {in: "größe 名前 ✓ – …", want: "größe 名前 ✓ – …"},
		"escape":           {in: "\x1b[31mred\x1b[0m", want: `\x1b[31mred\x1b[0m`},
		"OSC 8":            {in: "\x1b]8;;http://x\x07y\x1b\\", want: `\x1b]8;;http://x\x07y\x1b\`},
		"white space":      {in: "a\tb\r\nc", want: `a\tb\r\nc`, lines: `a\tb\r` + "\nc"},
		"DEL and NUL":      {in: "\x7f\x00", want: `\x7f\x00`},
		"C1 as character":  {in: "\u009b31m\u0085", want: `\u009b31m\u0085`},
		"C1 as byte":       {in: "\x9b31m", want: `\x9b31m`},
		"bidi override":    {in: "a\u202eb\u2066c\u061c\u200f", want: `a\u202eb\u2066c\u061c\u200f`},
		"separators":       {in: "a\u2028b\u2029", want: `a\u2028b\u2029`},
		"zero width":       {in: "a\u200bb\u200cc\u200dd\ufeffe\u00ad", want: `a\u200bb\u200cc\u200dd\ufeffe\u00ad`},
		"hidden tags":      {in: "a\U000e0041\U000e0100", want: `a\U000e0041\U000e0100`},
		"invalid UTF-8":    {in: "a\xff\xc0\xafb\xed\xa0\x80", want: `a\xff\xc0\xafb\xed\xa0\x80`},
		"replacement char": {in: "a\ufffdb", want: "a\ufffdb"},
		"few marks":        {in: "e\u0301\u0302", want: "e\u0301\u0302"},
		"tower of marks":   {in: "e" + strings.Repeat("\u0301", 8), want: "e" + strings.Repeat("\u0301", 6) + `\u0301\u0301`},
		"hangul filler":    {in: "\u3164\uffa0", want: `\u3164\uffa0`},
		"shows nothing":    {in: "a\u2065\u034f\ufff0\u17b4", want: `a\u2065\u034f\ufff0\u17b4`},
		"arabic":           {in: "\u0600\u06dd مرحبا", want: "\u0600\u06dd مرحبا"},
		"noncharacter":     {in: "\ufdd0\U0001ffff", want: `\ufdd0\U0001ffff`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Clean(c.in); got != c.want {
				t.Errorf("Clean(%q) = %q, want %q", c.in, got, c.want)
			}
			want := c.lines
			if want == "" {
				want = c.want
			}
			if got := CleanLines(c.in); got != want {
				t.Errorf("CleanLines(%q) = %q, want %q", c.in, got, want)
			}
		})
	}
}

func TestCleanKeepsPlainTextWithoutAllocating(t *testing.T) {
	s := strings.Repeat("plain ", 100)
	if n := testing.AllocsPerRun(100, func() { _ = Clean(s) }); n != 0 {
		t.Errorf("%v allocations for plain text", n)
	}
}

// forbidden is written down independently of the code under test.
func forbidden(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0x9f:
		return true
	case r == 0x061c, r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f:
		return true
	case r == 0x2028, r == 0x2029, r == 0xfeff, r >= 0xe0000 && r <= 0xe007f:
		return true
	}
	return false
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{
		"", "a", "\x1b]11;?\x07", "\u202e\u2066", "\xff\xfe", "\u009b", "\ufeff{}", "e\u0301\u0301\u0301\u0301\u0301\u0301\u0301", "👩‍👩‍👧", "\r\n\t",
		"\u0604\u0604\u0604\xdd", "ᄀᄀᄀᄀ가",
	} {
		f.Add(s, 10)
	}
	f.Fuzz(func(t *testing.T, s string, width int) {
		checkClean(t, s, false)
		checkClean(t, s, true)
		checkWidths(t, Clean(s), width&0xff)
	})
}

func checkClean(t *testing.T, s string, keep bool) {
	t.Helper()
	got := clean(s, keep)
	if !utf8.ValidString(got) {
		t.Fatalf("invalid UTF-8 in %q", got)
	}
	if i := strings.IndexFunc(got, func(r rune) bool { return forbidden(r) && (r != '\n' || !keep) }); i >= 0 {
		t.Fatalf("forbidden character at %d of %q", i, got)
	}
	if again := clean(got, keep); again != got {
		t.Fatalf("cleaning twice differs: %q, %q", got, again)
	}
	if len(got) > 10*len(s) {
		t.Fatalf("%d bytes became %d", len(s), len(got))
	}
}

func checkWidths(t *testing.T, line string, width int) {
	t.Helper()
	if width < 2 { // a wide character does not fit one column
		return
	}
	if cut := Cut(line, width); Width(cut) > width {
		t.Fatalf("Cut(%q, %d) = %q is %d wide", line, width, cut, Width(cut))
	}
	pieces := Chunk(line, width)
	if strings.Join(pieces, "") != line {
		t.Fatalf("Chunk(%q, %d) = %q", line, width, pieces)
	}
	for _, piece := range append(pieces, Wrap(line, width)...) {
		if Width(piece) > width {
			t.Fatalf("%q at %d: %q is %d wide", line, width, piece, Width(piece))
		}
	}
}
