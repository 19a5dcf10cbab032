package render

// How a diagnosis looks.

import (
	"fmt"
	"strings"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/term"
)

// Findings gives the lines that show a diagnosis, the best finding first: what is wrong, how it is known, how to fix it.
func Findings(st term.Style, d explain.Diagnosis, width int) []string {
	l := &findingLines{width: width}
	for i, f := range d.Findings {
		l.add("  ", fmt.Sprintf("%d. ", i+1), f.Title, st.Bold)
		l.add("     ", "", f.Evidence, nil)
		l.add("     ", "fix: ", f.Fix, nil)
		if i == 0 { // recipes of the best finding only: those of each of five would bury it
			for _, r := range f.Recipes {
				l.recipe(r, st)
			}
			if f.RecipesLeft > 0 {
				l.add("       ", "", fault.Plural(f.RecipesLeft, "more framework")+": --all-recipes, or --lang LANGUAGE", st.Dim)
			}
		}
	}
	if len(d.Findings) == 0 && searched(d.Tried, d.CutOff) {
		l.add("  ", "", fmt.Sprintf("nothing matched: %s tried in %s", fault.Plural(d.Tried, "combination"), Dur(d.Elapsed)), nil)
	}
	l.steps(d.Next)
	if d.CutOff {
		l.add("  ", "", "the search was cut off after "+fault.Plural(d.Tried, "combination"), st.Dim)
	}
	return l.out
}

// searched says whether there was a search. The first try is the request as it is; where a header is missing there is no
// other, and nothing to report.
func searched(tried int, cutOff bool) bool { return tried > 1 || cutOff }

// findingLines wraps text, with later lines below the first one's text. It leaves code as it is.
type findingLines struct {
	width int // 0: unlimited
	out   []string
}

func (l *findingLines) add(indent, label, text string, paint func(string) string) {
	if text == "" {
		return
	}
	room := 0
	if l.width > 0 {
		room = max(l.width-len(indent)-len(label), 20)
	}
	for i, part := range term.Wrap(term.Clean(strings.TrimRight(text, "\n")), room) {
		if i > 0 {
			label = strings.Repeat(" ", len(label))
		}
		line := indent + label + part
		if paint != nil {
			line = paint(line)
		}
		l.out = append(l.out, line)
	}
}

// steps adds what to do next: one step on its line, several with numbers. A command stands on a line of its own.
func (l *findingLines) steps(steps explain.Steps) {
	label := "next: "
	for i, step := range steps {
		number := ""
		if len(steps) > 1 {
			number = fmt.Sprintf("%d. ", i+1)
		}
		text := step.Text
		if step.Command != "" {
			text += ":"
		}
		l.add("  ", label+number, text, nil)
		label = strings.Repeat(" ", len(label))
		if step.Command != "" {
			l.add("  ", label+strings.Repeat(" ", len(number)+2), step.Command, nil)
		}
	}
}

// recipe adds lines of code. They are never broken: a line that the terminal wraps can still be copied as one. Several lines stand below
// their label, so that they can be copied as they are, YAML too.
func (l *findingLines) recipe(r explain.Recipe, st term.Style) {
	const indent, narrow = "       ", 60
	label := r.Framework + ": "
	if r.From != "" {
		label = r.Framework + " (not run, from its documentation): "
	}
	isNarrow, several := l.width > 0 && l.width < narrow, strings.Contains(strings.TrimSuffix(r.Code, "\n"), "\n")
	if isNarrow {
		label = r.Framework + ":"
	}
	if isNarrow || several {
		l.out = append(l.out, st.Dim(term.Clean(indent+strings.TrimSpace(label))))
		label = "  "
	}
	for code := range strings.Lines(r.Code) {
		l.out = append(l.out, st.Dim(term.Clean(indent+label+strings.TrimRight(code, "\n"))))
		label = strings.Repeat(" ", len(label))
	}
}
