package render

import (
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/term"
)

// The key of a sandbox is copied from the screen: no frame breaks it, and no label shares its line where it is too long.
func TestSandboxKeyIsNotBroken(t *testing.T) {
	t.Parallel()
	key := "whk_" + strings.Repeat("k", 64)
	ready := []hub.Stamped{{Event: record.Ready{URL: "http://127.0.0.1:4140", Scheme: "baanx", Keys: 1, SandboxKey: key}}}
	for width, want := range map[int]string{
		60: "\nsandbox key:\n" + key + "\n",
		80: "\nsandbox key:\n" + key + "\n",
		85: "\nsandbox key:\n" + key + "\n",
		86: "│ sandbox key   " + key + " │",
	} {
		_, got := play(t, term.FakeOptions{ErrTTY: true, Width: width, Env: map[string]string{"NO_COLOR": "1"}}, TextOptions{}, ready)
		if !strings.Contains(got, want) || strings.Count(got, "sandbox key") != 1 {
			t.Errorf("width %d:\n%s", width, got)
		}
	}
}

// The names of states are one word for programs and several for people.
func TestStatesAreSaidInWords(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]string{"storage_lost": "storage lost: why\n", "journal_recovered": "journal recovered: why\n", "lost": "lost: why\n"} {
		_, got := play(t, term.FakeOptions{}, TextOptions{}, []hub.Stamped{{Time: time.Unix(0, 0), Event: record.Changed{State: record.State(state), Message: "why"}}})
		if !strings.HasSuffix(got, want) {
			t.Errorf("%s: got %q", state, got)
		}
	}
}

// TestReadyNamesItsTargets: a target with a name of its own is told with its address, as lines and jobs have the name alone.
func TestReadyNamesItsTargets(t *testing.T) {
	t.Parallel()
	one, two := "http://localhost:3000", "https://crm.example/hooks"
	for want, r := range map[string]record.Ready{
		"localhost:3000 and " + two:      {Targets: []string{one, two}},
		"shop=localhost:3000 and " + two: {Targets: []string{one, two}, Names: []string{"shop", two}},
		"shop=localhost:3000 (card.*), crm=" + two + " (the rest)": {
			Targets: []string{one, two}, Names: []string{"shop", "crm"},
			Routes: []record.Route{{Name: "card.*", Targets: []string{"shop"}}, {Targets: []string{"crm"}}},
		},
	} {
		if got := readyTargets(r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
