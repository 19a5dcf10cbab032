package journal

import (
	"bytes"
	"strings"
	"testing"
)

func TestNeedle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, in, found string }{
		{"card", `{"type":"CARD.activated"}`, "CARD"},
		{"Card", "the card", "card"},
		{"aab", "aaab", "aab"},
		{"xx", "x x", ""},
		{"x", "", ""},
		{"4711", "usr_4711", "4711"},
		{"zürich", "nach ZÜRICH", "ZÜRICH"},
		{"zürich", "zurich", ""},
		{"zürich", `{"city":"z\u00fcrich"}`, `z\u00fcrich`},
		{"zürich", "city=z%C3%BCrich", "z%C3%BCrich"},
		{"https://a.b/c", `{"url":"https:\/\/a.b\/c"}`, `https:\/\/a.b\/c`},
		{`say "hi"`, `{"text":"say \"hi\""}`, `say \"hi\"`},
		{"a&b", `{"q":"a\u0026b"}`, `a\u0026b`},
		{"a b", "q=a+b", "a+b"},
		{"😀", `{"face":"\ud83d\ude00"}`, `\ud83d\ude00`},
		{"\xff\xfe", "a\xff\xfeb", "\xff\xfe"},
		{"end", "this is the end", "end"},
	} {
		from, to := newNeedle(c.text).index([]byte(c.in))
		if got := []byte(c.in)[max(from, 0):max(to, 0)]; string(got) != c.found || from < 0 != (c.found == "") {
			t.Errorf("%q in %q: %q at %d", c.text, c.in, got, from)
		}
	}
}

// FuzzNeedle compares the search with the slow way.
func FuzzNeedle(f *testing.F) {
	f.Add("a", "BAnana")
	f.Add("nan", "bananas \xff")
	f.Add("É", "caf\u00e9")
	f.Fuzz(func(t *testing.T, text, in string) {
		if text == "" {
			return
		}
		s := newSpelling(text)
		from, to := s.index([]byte(in))
		if from >= 0 && !strings.EqualFold(strings.ToValidUTF8(in[from:to], "?"), strings.ToValidUTF8(text, "?")) && s.ascii {
			t.Errorf("%q is not %q", in[from:to], text)
		}
		if slow := bytes.Index(bytes.ToLower([]byte(in)), bytes.ToLower([]byte(text))); s.ascii && isASCII(in) && slow != from {
			t.Errorf("%q in %q: %d, the slow way finds it at %d", text, in, from, slow)
		}
	})
}

func isASCII(s string) bool { return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0 }
