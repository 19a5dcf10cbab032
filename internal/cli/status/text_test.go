package status

import (
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/term"
)

// TestCardTellsWhatIsUncertain: troubles that may be incomplete and a listener that cannot be asked for are said.
func TestCardTellsWhatIsUncertain(t *testing.T) {
	t.Parallel()
	streams, _, _ := term.Fake(term.FakeOptions{})
	r := report{
		Listeners: []listener{{URL: "http://127.0.0.1:1", Missed: 3}}, Journal: journal{Bytes: 1, Open: 1},
		Targets: []target{{Target: "shop", Open: 1, failure: failure{Error: "permission denied"}}},
	}
	text := card(&cmdkit.Env{IO: streams}, r).String()
	for _, want := range []string{"3 events came too fast to be looked at: a trouble may be missing here, or over\n", "shop: 1 open; who sends them cannot be asked: permission denied\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
}
