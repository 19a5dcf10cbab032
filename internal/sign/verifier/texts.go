package verifier

// Texts as a language writes them. Names, literals and titles may come from a config file that came with a checkout: nothing in them may
// end a literal or a comment.

import (
	"fmt"
	"strings"
	"unicode"
)

// comment is a text that can stand in a comment of every language, on one line. A backslash begins an escape in comments of Java (JLS 3.3),
// ?> ends those of PHP. Between -*- and -*- Ruby and Python read how the file is to be read,
// and behind +build Go reads when to build it.
func comment(s string) string {
	s = strings.Map(func(c rune) rune {
		if c == '\\' || !unicode.IsPrint(c) {
			return ' '
		}
		return c
	}, s)
	for _, mark := range []string{"?>", "*/", "-*-", "+build"} {
		for strings.Contains(s, mark) { // one may begin in another, as in -*-*-
			s = strings.Replace(s, mark, mark[:1]+" "+mark[1:], 1)
		}
	}
	return s
}

// quote is a text as a plain literal where it may be one, and else as one with escapes.
func (w *writer) quote(s string) string {
	mark := w.phrase("quote")
	plain := func(c rune) bool { return unicode.IsPrint(c) && c != '\\' && !strings.ContainsRune(mark, c) }
	if strings.IndexFunc(s, func(c rune) bool { return !plain(c) }) < 0 {
		return mark + s + mark
	}
	return w.phrase("open") + w.escaped(s) + w.phrase("close")
}

// escaped is a text inside of a literal that has escapes and takes in values.
func (w *writer) escaped(s string) string {
	special := w.phrase("special")
	var out []string
	for _, c := range s {
		one := string(c)
		switch {
		case c == '\n':
			one = `\n`
		case c == '\r':
			one = `\r` // Java reads \u000d as the end of the line
		case c == '\\' || strings.ContainsRune(special, c):
			one = `\` + one
		case !unicode.IsPrint(c) && c <= 0xffff:
			one = w.fill(w.phrase("escape"), places{"x", fmt.Sprintf("%04x", c)})
		}
		out = append(out, one)
	}
	return strings.Join(out, "")
}

// template is a text that is put together of literals and values.
func (w *writer) template(t template) string {
	var out []string
	for len(t) > 0 {
		n := 0
		for n < len(t) && t[n].group == nil {
			n++
		}
		if n > 0 {
			out = append(out, w.interpolated(t[:n]))
		}
		if n < len(t) {
			out = append(out, w.group(t[n].group))
			n++
		}
		t = t[n:]
	}
	return strings.Join(out, w.plus())
}

// plus stands between texts that are put together.
func (w *writer) plus() string {
	if w.tight {
		return w.phrase("plus tight")
	}
	return w.phrase("plus")
}

// among is a text among others in one call, where Go writes no blanks.
func (w *writer) among(t template) string {
	before := w.tight
	w.tight = true
	text := w.template(t)
	w.tight = before
	return text
}

// group is a text that counts only where its values are there.
func (w *writer) group(t template) string {
	var there []string
	for _, p := range t {
		if p.text == "" {
			there = append(there, w.fill(w.phrase("there"), places{"x", w.variable(p.value)}))
		}
	}
	return w.fill(w.phrase("group"), places{"there", strings.Join(there, w.phrase("and")), "text", w.among(t)})
}

// interpolated is a text whose values stand inside of it, in languages that have that, and else beside it.
func (w *writer) interpolated(t template) string {
	inside := w.phrase("inside") != ""
	if len(t) == 1 && t[0].text == "" {
		return w.variable(t[0].value)
	}
	if len(t) == 1 {
		return w.quote(t[0].text)
	}
	var out []string
	for _, p := range t {
		text := p.text
		switch {
		case text == "":
			text = w.variable(p.value)
			if inside {
				text = w.fill(w.phrase("inside"), places{"x", text})
			}
		case inside:
			for _, c := range w.phrase("doubled") {
				text = strings.ReplaceAll(text, string(c), string(c)+string(c))
			}
			text = w.escaped(text)
		default:
			text = w.quote(text)
		}
		out = append(out, text)
	}
	if inside {
		return w.phrase("begin") + strings.Join(out, "") + w.phrase("close")
	}
	return strings.Join(out, w.plus())
}
