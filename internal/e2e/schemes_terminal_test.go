//go:build unix

package e2e

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// TestCatalogueFitsTheTerminal lists the schemes on narrow and wide terminals: every line fits, names are whole, and a
// column without room is left out.
func TestCatalogueFitsTheTerminal(t *testing.T) {
	t.Parallel()
	w, names := newWorld(t), slices.Sorted(slices.Values(slices.Concat(scheme.BuiltinNames(), scheme.UnsignedNames())))
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

// TestRecipesAndTablesOnNarrowTerminals explains a refusal, lists the journal and shows a scheme on narrow terminals: code
// stays whole, so that it can be pasted, words are not broken, and the columns that are shown can be read.
func TestRecipesAndTablesOnNarrowTerminals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := newTarget(t, func(message) string { return "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n" })
	l := w.listen("--forward", tg.addr)
	exchange(t, l.addr, delivery([]byte(`{"event_id": "1", "event_type": "card.activated"}`)))
	l.await("attempt")
	l.stop()
	screen := func(width uint16, args ...string) string {
		c := w.onTerminal(width, append(args, "--color", "never")...)
		if code := c.wait(); code != 0 {
			t.Errorf("%q: exit code %d", args, code)
		}
		return strings.ReplaceAll(c.out.String(), "\r\n", "\n")
	}
	const code = "app.post('/webhook', express.raw({ type: () => true, limit: '5mb' }), (req, res) => {\n"
	for _, width := range []uint16{50, 100} {
		if out := screen(width, "why", "--secret-file", "key"); !strings.Contains(out, "\n         "+code) {
			t.Errorf("%d columns:\n%s", width, out)
		}
	}
	if out := screen(48, "journal", "list"); !strings.HasPrefix(out, "ID          WHEN      TYPE            ANSWER\n") || !strings.Contains(out, "  card.activated  401\n") {
		t.Error(out)
	}
	out := screen(60, "schemes", "show", "stripe")
	for line := range strings.Lines(out) {
		if utf8.RuneCountInString(line) > 61 {
			t.Errorf("%q", line)
		}
	}
	if !strings.Contains(out, "\n           ") || !strings.Contains(out, "customer.subscription.deleted") {
		t.Error(out)
	}
}
