package term

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestWidth(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]int{
		"":                   0,
		"abc":                3,
		"→  200":             6,
		"✓ valid":            7,
		"名前":                 4,
		"e\u0301":            1,
		"👍":                  2,
		"👍🏽":                 4, // two where a terminal joins them, four where it does not
		"\x1b[31mred\x1b[0m": 3,
		"…":                  1,
		"–":                  1,
	} {
		if got := Width(s); got != want {
			t.Errorf("Width(%q) = %d, want %d", s, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in    string
		width int
		want  string
	}{
		{"abcdef", 0, "abcdef"},
		{"abcdef", 6, "abcdef"},
		{"abcdef", 5, "abcd…"},
		{"abcdef", 1, "…"},
		{"名前名前", 8, "名前名前"},
		{"名前名前", 7, "名前名…"},
		{"名前名前", 6, "名前…"},
		{"ee\u0301e\u0301e\u0301", 3, "ee\u0301…"},
		{"\x1b[31mabcdef\x1b[0m", 4, "\x1b[31mabc…\x1b[0m"},
	} {
		if got := Cut(c.in, c.width); got != c.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", c.in, c.width, got, c.want)
		}
	}
}

// A command stays on one line, so that it can be copied, and a number beside its unit.
func TestWrapKeepsCommands(t *testing.T) {
	t.Parallel()
	if got, want := Wrap("it took 12.5 min and 4 s", 14), []string{"it took", "12.5 min and", "4 s"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	const text = "nothing is there; whctl webhooks enable 'a b', or see whctl webhooks list"
	for width, want := range map[int][]string{
		40: {"nothing is there;", "whctl webhooks enable 'a b', or see", "whctl webhooks list"},
		24: {"nothing is there; whctl", "webhooks enable 'a b',", "or see", "whctl webhooks list"},
	} {
		if got := Wrap(text, width); !slices.Equal(got, want) {
			t.Errorf("%d columns: %q, want %q", width, got, want)
		}
	}
}

func TestCutMiddle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in    string
		width int
		want  string
	}{
		{"http://127.0.0.1:3000/hooks", 27, "http://127.0.0.1:3000/hooks"},
		{"http://127.0.0.1:3000/hooks", 0, "http://127.0.0.1:3000/hooks"},
		{"http://127.0.0.1:3000/hooks", 20, "http://12…3000/hooks"},
		{"abcdef", 2, "…f"},
		{"abcdef", 1, "…"},
		{"名前名前名前", 9, "名前…名前"},
		{"abcdee\u0301e\u0301", 4, "a…e\u0301e\u0301"},
	} {
		if got := CutMiddle(c.in, c.width); got != c.want {
			t.Errorf("CutMiddle(%q, %d) = %q, want %q", c.in, c.width, got, c.want)
		}
	}
}

func TestPadAndChunk(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		Pad("名", 4): "名  ", Pad("abc", 2): "abc", PadLeft("7", 3): "  7", PadLeft("名", 3): " 名",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got, want := ChunkWords("ab cde fghijklmno p\u00a0q r", 6), []string{"ab ", "cde ", "fghijk", "lmno ", "p\u00a0q r"}; !slices.Equal(got, want) {
		t.Errorf("ChunkWords = %q, want %q", got, want)
	}
	if got, want := Chunk("ab  cd  ", 3), []string{"ab ", " cd", "  "}; !slices.Equal(got, want) {
		t.Errorf("Chunk = %q, want %q", got, want)
	}
	for in, want := range map[string][]string{
		"one two three":         {"one two", "three"},
		"one  two  three":       {"one  two", "three"},
		"  one two":             {"  one", "two"},
		"  onetwothree":         {"  onetwo", "three"},
		"one twothreefour five": {"one", "twothree", "four", "five"},
		"           one":        {"one"},
		"a card.issued":         {"a", "card.", "issued"},
		"a.bcdefghijk":          {"a.bcdefg", "hijk"},      // most of the line would stay empty
		"card.\u0301issued":     {"card.\u0301iss", "ued"}, // the dot and its accent are one
		"ab--output":            {"ab--", "output"},
		"one two   ":            {"one two"},
	} {
		if got := Wrap(in, 8); !slices.Equal(got, want) {
			t.Errorf("Wrap(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestWrapOfManyCommands: a text of commands alone, which nobody but a stranger sends, is broken in time that grows with its length.
func TestWrapOfManyCommands(t *testing.T) {
	t.Parallel()
	const words = 1 << 20 / len("whctl ")
	started := time.Now()
	lines := Wrap(strings.Repeat("whctl ", words), 20)
	if took := time.Since(started); len(lines) != (words+2)/3 || lines[0] != "whctl whctl whctl" || took > 5*time.Second {
		t.Errorf("%d lines, the first is %q, in %s", len(lines), lines[0], took)
	}
}
