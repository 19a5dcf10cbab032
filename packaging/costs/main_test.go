package main

import (
	"os"
	"strings"
	"testing"
)

// TestThePageNamesEveryModule compares docs/dependencies.md with the modules that go.mod asks for by itself.
func TestThePageNamesEveryModule(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	direct := 0
	for line := range strings.Lines(string(mod)) {
		f := strings.Fields(line)
		if !strings.HasPrefix(line, "\t") || len(f) != 2 { // the others are marked as indirect
			continue
		}
		direct++
		if !strings.Contains(string(page), "| `"+f[0]+"` |") {
			t.Errorf("docs/dependencies.md does not say why there is %s, and what it costs", f[0])
		}
	}
	if direct < 10 {
		t.Errorf("go.mod has %d modules of its own, which cannot be", direct)
	}
}
