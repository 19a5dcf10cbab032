package render

import (
	"fmt"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/term"
)

// Findings are the display lines of a diagnosis: what was wrong, how it is known, how to fix it, best guess first.
func Findings(st term.Style, d sign.Diagnosis, width int) []string {
	var out []string
	line := func(indent, label, text string, paint func(string) string) {
		text = indent + label + term.Clean(text)
		if width > 0 {
			text = term.Cut(text, width)
		}
		out = append(out, paint(text))
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
		for _, r := range f.Recipes {
			line("       ", r.Framework+": ", r.Code, st.Dim)
		}
	}
	if len(d.Findings) == 0 && d.Tried > 0 {
		line("  ", "", fmt.Sprintf("nothing matched: %d combinations tried in %s", d.Tried, Dur(d.Elapsed)), plain)
	}
	if d.CutOff {
		line("  ", "", fmt.Sprintf("the search was cut off after %d combinations", d.Tried), st.Dim)
	}
	return out
}
