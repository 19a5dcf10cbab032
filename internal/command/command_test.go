package command_test

import (
	"slices"
	"testing"

	"github.com/whctl/whctl/internal/command"
)

func TestSplitWords(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]string{
		"a b  c": {"a", "b", "c"}, `op read "op://My Vault/item"`: {"op", "read", "op://My Vault/item"}, `a 'b "c' d`: {"a", `b "c`, "d"}, `a b\ c`: {"a", "b c"},
		`a "b\"c"`: {"a", `b"c`}, `C:\bin\pass.exe x`: {`C:\bin\pass.exe`, "x"}, "a ''": {"a", ""}, "a$HOME|b>c": {"a$HOME|b>c"}, "\ta\nb ": {"a", "b"},
	} {
		if got, err := command.Split(line); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", line, got, err)
		}
	}
	for _, line := range []string{"", " ", "'a", `a "b`, "''"} {
		if got, err := command.Split(line); err == nil {
			t.Errorf("%s: %q", line, got)
		}
	}
}
