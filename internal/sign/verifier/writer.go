package verifier

// From steps to a language.

import (
	"cmp"
	"sort"
	"strings"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// writer writes one verifier in one language.
type writer struct {
	phrases map[string]words
	shared  places   // of every phrase
	imports []string // that were needed so far
	helpers []string // the same
	missing []string // phrases that were needed and are not there
	tight   bool     // texts are put together among others
	inLoop  bool     // what does not hold goes on with the next round
}

func newWriter(p *scheme.Parsed, v *verifier, language string) *writer {
	s := p.Scheme()
	w := &writer{phrases: readPhrases(language)}
	packages := ""
	if json, _ := inBody(p); json && w.has("packages json") {
		packages = w.phrase("packages json")
	}
	if p.Public() && w.has("packages public") {
		packages = w.phrase("packages public")
	}
	w.shared = append(v.shared,
		"scheme", comment(s.Name), "title", comment(cmp.Or(s.Title, s.Name)), "page", comment(s.URL), "see", w.see(s.URL), "class", titled(s.Name), "snake", snaked(s.Name),
		"form", comment(strings.Join(s.Signature.Header, ", ")+": "+p.Form()), "packages", packages)
	return w
}

// see is the line that names the page of a scheme. The page does not begin it: where it stands, programs look for words that they go by,
// such as Go for +build and TypeScript for @ts-nocheck.
func (w *writer) see(page string) any {
	if page == "" {
		return ""
	}
	return phrase("see")
}

// write writes the whole file.
func (w *writer) write(v *verifier, p *scheme.Parsed) string {
	var list, given []string
	for _, p := range v.parameters {
		with := places{"name", p.name}
		list = append(list, w.fill(w.phrase("parameter "+p.kind), with))
		if p.kind != "now" || w.has("argument now") {
			given = append(given, w.fill(w.phrase("argument "+p.kind), with))
		}
	}
	body := w.steps(v.steps)
	w.shared = append(w.shared, "parameters", strings.Join(list, ", "), "arguments", strings.Join(given, ", "), "body", body, "doc", w.doc(v, p))
	gap := len(w.phrase("gap"))
	var helpers []string
	for len(helpers) < len(w.helpers) { // one may need another
		helpers = append(helpers, w.fill(w.phrase("helper "+w.helpers[len(helpers)]), nil))
	}
	w.shared = append(w.shared, "helpers", strings.Join(helpers, strings.Repeat("\n", gap+1)), "imports", w.importLines())
	return tidy(w.fill(w.phrase("file"), nil), gap)
}

// importLines are what the file imports.
func (w *writer) importLines() string {
	sort.Slice(w.imports, func(i, j int) bool { // Python's import lines stand before its from lines
		a, b := w.imports[i], w.imports[j]
		if n, m := strings.Count(a, " "), strings.Count(b, " "); n != m {
			return n < m
		}
		return a < b
	})
	for i, one := range w.imports {
		w.imports[i] = w.fill(w.phrase("import"), places{"x", one})
	}
	return strings.Join(w.imports, "\n")
}

// tidy leaves as many empty lines as a language has between its functions, one inside of them, and none at the ends of a block.
func tidy(text string, gap int) string {
	var out []string
	empty := 0
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimRight(line, " \t")
		if line == "" {
			empty++
			continue
		}
		if len(out) > 0 && !opens(out[len(out)-1]) && !closes(line) {
			if line[0] == ' ' || line[0] == '\t' {
				empty = min(empty, 1)
			}
			for range min(empty, gap) {
				out = append(out, "")
			}
		}
		empty = 0
		out = append(out, line)
	}
	return strings.Join(out, "\n") + "\n"
}

// opens says whether a line begins a block of code.
func opens(line string) bool {
	return strings.HasSuffix(line, "{") || strings.HasSuffix(line, ":") && strings.HasPrefix(line, " ") || strings.HasSuffix(line, " do |item|")
}

func closes(line string) bool {
	line = strings.TrimSpace(line)
	return line == "}" || line == "end"
}

// steps writes steps one below another.
func (w *writer) steps(list []step) string {
	var out []string
	for _, s := range list {
		if s.body != nil {
			before := w.inLoop
			w.inLoop = s.phrase == "each set" // elsewhere what does not hold ends it all
			s.with = append(s.with, "steps", w.steps(s.body))
			w.inLoop = before
		}
		out = append(out, w.fill(w.phrase(s.phrase), s.with))
	}
	return strings.Join(out, "\n")
}

// fill fills the places of a phrase. A line that is one place takes all lines of its text, and is gone where that is empty.
func (w *writer) fill(text string, with places) string {
	if !strings.Contains(text, quoteOpen) {
		return text
	}
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		bare := strings.TrimLeft(line, " \t")
		name, whole := strings.CutPrefix(bare, quoteOpen)
		name, whole2 := strings.CutSuffix(name, quoteClose)
		if !whole || !whole2 || strings.Contains(name, quoteOpen) {
			out = append(out, w.fillLine(line, with))
			continue
		}
		indent := line[:len(line)-len(bare)]
		value := w.place(name, with)
		if value == "" {
			continue
		}
		for one := range strings.SplitSeq(value, "\n") {
			out = append(out, strings.TrimRight(indent+one, " \t"))
		}
	}
	return strings.Join(out, "\n")
}

func (w *writer) fillLine(line string, with places) string {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(line, quoteOpen)
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		name, after, _ := strings.Cut(rest, quoteClose)
		out.WriteString(w.place(name, with))
		line = after
	}
}

// place is what stands in a place: of the step, of the scheme, or another phrase.
func (w *writer) place(name string, with places) string {
	if why, ok := strings.CutPrefix(name, "no "); ok {
		if w.inLoop {
			return w.phrase("no loop")
		}
		return w.fill(w.phrase("no"), places{"why", why})
	}
	value := with.of(name)
	if value == nil {
		value = w.shared.of(name)
	}
	if value == nil {
		value = phrase(name)
	}
	return w.value(value, with)
}

// value writes what stands in a place.
func (w *writer) value(value any, with places) string {
	switch v := value.(type) {
	case string:
		return v
	case variable:
		return w.variable(v)
	case literal:
		return w.quote(string(v))
	case literals:
		out := make([]string, len(v))
		for i, one := range v {
			out[i] = w.quote(one)
		}
		return strings.Join(out, ", ")
	case several:
		out := make([]string, len(v))
		for i, one := range v {
			out[i] = w.fill(w.phrase("name of several"), places{"x", literal(one)})
		}
		return strings.Join(out, ", ")
	case paths:
		out := make([]string, len(v))
		for i, one := range v {
			out[i] = w.fill(w.phrase("path of several"), places{"x", one}) + ","
		}
		return strings.Join(out, "\n")
	case phrase:
		return w.fill(w.phrase(string(v)), with)
	case template:
		return w.template(v)
	case chunks:
		return w.bytes(v, with)
	default:
		return ""
	}
}

// variable is a name as the language writes them.
func (w *writer) variable(v variable) string {
	name := strings.ReplaceAll(string(v), " ", "_")
	if w.phrase("case") == "camel" {
		parts := strings.Fields(string(v))
		for i := 1; i < len(parts); i++ {
			parts[i] = strings.ToUpper(parts[i][:1]) + parts[i][1:]
		}
		name = strings.Join(parts, "")
	}
	return w.fill(w.phrase("variable of"), places{"x", name})
}

// bytes puts bytes together.
func (w *writer) bytes(list chunks, with places) string {
	var out []string
	for _, one := range list {
		t, isText := one.(template)
		if !isText {
			out = append(out, w.value(one, with))
			continue
		}
		name := "bytes of"
		if len(t) > 1 && grouped(t) {
			name = "bytes of sum"
		}
		text := w.template(t)
		if len(list) > 1 {
			text = w.among(t)
		}
		out = append(out, w.fill(w.phrase(name), places{"x", text}))
	}
	if len(out) == 1 {
		return out[0]
	}
	return w.fill(w.phrase("joined"), places{"x", strings.Join(out, w.phrase("joint"))})
}

// grouped says whether a part of a text may be absent.
func grouped(t template) bool {
	for _, p := range t {
		if p.group != nil {
			return true
		}
	}
	return false
}
