//go:build unix

package e2e

import (
	"strings"
	"testing"
)

// TestAnyCallOnATerminal: an answer on a terminal is indented, and does nothing there.
func TestAnyCallOnATerminal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.use(newFakeAPI(t, says(200, `{"name":"dev","odd":"\u001b[31m`+"\u202e"+`"}`)))
	c := w.onTerminal(80, "api", "/v1/any")
	if code := c.wait(); code != 0 || !strings.Contains(c.out.String(), "\n  ") || !strings.Contains(c.out.String(), "dev") {
		t.Errorf("exit code %d, output %q", code, c.out)
	}
	checkClean(t, "api", c.out.String())
	w.use(newFakeAPI(t, typed(200, "text/plain", "odd \x1b[31m\x00 \u202e")))
	c = w.onTerminal(80, "api", "/v1/any")
	if code := c.wait(); code != 0 || !strings.Contains(c.out.String(), "odd") {
		t.Errorf("exit code %d, output %q", code, c.out)
	}
	checkClean(t, "api", c.out.String())
}
