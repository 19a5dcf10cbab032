package verifier

// The comment above a verifier: what it is given.

import (
	"strings"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// docWidth is how wide comments are, without what begins their lines.
const docWidth = 96

// doc is the comment above the function.
func (w *writer) doc(v *verifier, p *scheme.Parsed) string {
	lines := []string{}
	add := func(text string) { lines = append(lines, wrap(text, docWidth)...) }
	lines = append(lines, w.phrase("doc"))
	for _, one := range v.parameters {
		text := w.fill(w.phrase("doc "+one.kind), places{"name", one.name})
		if where := p.Scheme().Key.Where; one.kind == "key" && where != "" {
			text += " It is shown " + comment(where) + "."
		}
		add(text)
	}
	if _, form := inBody(p); form {
		add("A body of multipart/form-data is not read: it is refused.")
	}
	if q := p.Scheme().Quirks; q != "" {
		add("To know: " + comment(q) + ".")
	}
	for i := range lines {
		lines[i] = w.fill(w.phrase("comment"), places{"x", lines[i]})
	}
	return strings.Join(lines, "\n")
}

// wrap breaks the text of a list at blanks. Its second and later lines are set in. None begins with @: that would be a tag of Javadoc or
// PHPDoc, and the compiler of Java goes by @deprecated.
func wrap(text string, width int) []string {
	var out, words []string
	for word := range strings.FieldsSeq(text) {
		if len(words) > 0 && word[0] == '@' {
			words[len(words)-1] += " " + word
			continue
		}
		words = append(words, word)
	}
	line := "  -"
	for _, word := range words {
		if len(line)+1+len(word) > width {
			out = append(out, line)
			line = "   "
		}
		line += " " + word
	}
	return append(out, line)
}
