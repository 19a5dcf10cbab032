package render

import (
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/term"
)

func TestFindingsCountCombinations(t *testing.T) {
	t.Parallel()
	for tried, want := range map[int]string{1: "cut off after 1 combination\n", 2: "cut off after 2 combinations\n"} {
		text := strings.Join(Findings(term.Style{}, sign.Diagnosis{Tried: tried, CutOff: true}, 0), "\n") + "\n"
		if !strings.Contains(text, want) {
			t.Errorf("%d: %s", tried, text)
		}
	}
}
