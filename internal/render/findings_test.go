package render

import (
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/term"
)

func TestFindingsCountCombinations(t *testing.T) {
	t.Parallel()
	for tried, want := range map[int]string{1: "cut off after 1 combination\n", 2: "cut off after 2 combinations\n"} {
		text := strings.Join(Findings(term.Style{}, explain.Diagnosis{Tried: tried, CutOff: true}, 0), "\n") + "\n"
		if !strings.Contains(text, want) {
			t.Errorf("%d: %s", tried, text)
		}
	}
}

// A recipe is there to be pasted: its lines stay whole, whatever the terminal's width. All else is wrapped.
func TestFindingsLeaveCodeWhole(t *testing.T) {
	t.Parallel()
	const one, two = `app.post('/webhook', express.raw({ type: '*/*' }), (req, res) => verify(req.body))`, "// req.body is a Buffer"
	d := explain.Diagnosis{Findings: []explain.Finding{{
		Title: strings.Repeat("a title ", 20), Evidence: strings.Repeat("some evidence ", 20), Fix: strings.Repeat("a fix ", 20),
		Recipes: []explain.Recipe{{Framework: "Express", Code: one + "\n" + two}, {Framework: "Hono", Code: two + "\n"}},
	}}}
	for width, want := range map[int][]string{
		0:   {"       Express:", "         " + one, "         " + two, "       Hono: " + two},
		120: {"       Express:", "         " + one, "         " + two, "       Hono: " + two},
		60:  {"       Express:", "         " + one, "         " + two, "       Hono: " + two},
		59:  {"       Express:", "         " + one, "         " + two, "       Hono:", "         " + two},
		30:  {"       Express:", "         " + one, "         " + two, "       Hono:", "         " + two},
	} {
		lines := Findings(term.Style{}, d, width)
		n := len(lines) - len(want)
		if got, all := strings.Join(lines[n:], "\n"), strings.Join(want, "\n"); got != all {
			t.Errorf("%d columns: %s", width, got)
		}
		for _, line := range lines[:n] {
			if width > 0 && term.Width(line) > width {
				t.Errorf("%d columns: %q", width, line)
			}
		}
	}
}

// Steps have numbers where there are several, and commands stand on lines of their own.
func TestFindingsListSteps(t *testing.T) {
	t.Parallel()
	one := explain.Step{Text: "check the key", Command: "whctl keys list"}
	two := explain.Step{Text: "see whether a proxy drops the header"}
	for want, steps := range map[string]explain.Steps{
		"": nil,
		"  next: check the key:\n          whctl keys list":                                                                    {one},
		"  next: 1. check the key:\n             whctl keys list\n        2. see whether a proxy drops the\n           header": {one, two},
	} {
		if got := strings.Join(Findings(term.Style{}, explain.Diagnosis{Next: steps}, 40), "\n"); got != want {
			t.Errorf("%v:\n%s\nwant\n%s", steps, got, want)
		}
	}
}
