package render

import (
	"fmt"
	"strings"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/term"
)

// Findings are the display lines of a diagnosis: what was wrong, how it is known, how to fix it, best guess first.
func Findings(st term.Style, d sign.Diagnosis, width int) []string {
	var out []string
	line := func(indent, label, text string, paint func(string) string) {
		room := 0
		if width > 0 {
			room = max(width-len(indent)-len(label), 20)
		}
		for i, part := range term.Wrap(term.Clean(strings.TrimRight(text, "\n")), room) {
			if i > 0 {
				label = strings.Repeat(" ", len(label))
			}
			out = append(out, paint(indent+label+part))
		}
	}
	plain := func(s string) string { return s }
	for i, f := range d.Findings {
		line("  ", fmt.Sprintf("%d. ", i+1), f.Title, st.Bold)
		if f.Evidence != "" {
			line("     ", "", f.Evidence, plain)
		}
		if f.Fix != "" {
			line("     ", "fix: ", f.Fix, plain)
		}
		if i > 0 {
			continue // the best guess alone gets its recipes: five times eleven of them help nobody
		}
		for _, r := range f.Recipes {
			label := r.Framework + ": "
			for code := range strings.Lines(r.Code) {
				line("       ", label, code, st.Dim)
				label = strings.Repeat(" ", len(label))
			}
		}
	}
	if len(d.Findings) == 0 && d.Tried > 0 {
		line("  ", "", fmt.Sprintf("nothing matched: %d combinations tried in %s", d.Tried, Dur(d.Elapsed)), plain)
	}
	if d.Next != "" {
		line("  ", "next: ", d.Next, plain)
	}
	if d.CutOff {
		line("  ", "", fmt.Sprintf("the search was cut off after %d combinations", d.Tried), st.Dim)
	}
	return out
}
