//go:build unix

package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/sign"
)

// TestCatalogueFitsTheTerminal lists the schemes on narrow and wide terminals: every line fits, names are whole, and a
// column without room is left out.
func TestCatalogueFitsTheTerminal(t *testing.T) {
	t.Parallel()
	w, names := newWorld(t), sign.BuiltinNames()
	for _, width := range []uint16{40, 80, 200} {
		c := w.onTerminal(width, "schemes", "list", "--color", "never")
		if code := c.wait(); code != 0 {
			t.Errorf("%d columns: exit code %d", width, code)
		}
		screen := strings.ReplaceAll(c.out.String(), "\r\n", "\n")
		checkClean(t, "schemes list", screen)
		lines := strings.Split(strings.TrimRight(screen, "\n"), "\n")
		if len(lines) != len(names)+1 {
			t.Fatalf("%d columns: %d lines", width, len(lines))
		}
		for i, line := range lines {
			if utf8.RuneCountInString(line) > int(width) || i > 0 && !strings.HasPrefix(line, names[i-1]+" ") || strings.HasSuffix(line, "  …") {
				t.Errorf("%d columns: line %d is %q", width, i, line)
			}
		}
		if strings.Contains(lines[0], "SIGNED") != (width == 200) || !strings.Contains(lines[0], "PROVIDER") {
			t.Errorf("%d columns: %q", width, lines[0])
		}
	}
}
