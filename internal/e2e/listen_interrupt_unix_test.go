//go:build unix

package e2e

import (
	"io"
	"os"
	"strings"
	"testing"
)

// TestInterruptLeavesNoTrace: what a command says after ^C does not stand behind the ^C that the terminal shows, and an interrupt that the
// terminal does not show leaves no empty line.
func TestInterruptLeavesNoTrace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args  []string
		ready string // what it says once it runs
		says  string
	}{
		"listen":  {[]string{"listen", "--addr", "127.0.0.1:0", "--secret-file", "key"}, "╰", "ended after "},
		"in JSON": {[]string{"listen", "--addr", "127.0.0.1:0", "--secret-file", "key", "-o", "json"}, `"ready"`, "ended after "},
		"expect":  {[]string{"expect", "--addr", "127.0.0.1:0", "--secret-file", "key"}, "╰", "ended after "},
	} {
		for how, interrupt := range map[string]func(*terminal) error{
			"typed":    func(c *terminal) error { _, err := io.WriteString(c.keys, "\x03"); return err },
			"signaled": func(c *terminal) error { return c.cmd.Process.Signal(os.Interrupt) },
		} {
			t.Run(name+" "+how, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.setenv("NO_COLOR=1")
				p := w.onTerminal(100, c.args...)
				if !eventually(func() bool { return strings.Contains(p.out.String(), c.ready) }) {
					t.Fatalf("it does not begin: %q", p.out)
				}
				if err := interrupt(p); err != nil {
					t.Fatal(err)
				}
				p.wait()
				checkInterrupted(t, p.out.String(), c.says)
			})
		}
	}
}

// checkInterrupted looks for a line that begins with says. No line up to it is empty or shows ^C.
func checkInterrupted(t *testing.T, screen, says string) {
	t.Helper()
	lines := strings.Split(strings.ReplaceAll(screen, "\r\n", "\n"), "\n")
	for i, line := range lines {
		seen := line[strings.LastIndex(line, "\r")+1:] // what is written over is not seen
		switch {
		case seen == "" && i < len(lines)-1:
			t.Errorf("an empty line: %q", screen)
		case strings.Contains(seen, "^C"):
			t.Errorf("^C stands in %q", line)
		case strings.HasPrefix(seen, says):
			return
		}
	}
	t.Errorf("no line begins with %q: %q", says, screen)
}
