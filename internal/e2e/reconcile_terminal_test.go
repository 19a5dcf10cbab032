//go:build unix

package e2e

import (
	"strings"
	"testing"
)

// TestReconcileFixAsksOnce: before replays leave this machine one question is asked for all of them, and after a no nothing is done, by the
// platform neither.
func TestReconcileFixAsksOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform()
	w.webhook("one", "http://"+closedPort(t))
	l := w.start("listen", "--addr", "127.0.0.1:0", "--webhook", "one", "--forward", "http://shop.invalid", "--timeout", "5s")
	w.must(0, "webhooks", "update", "one", "--url", "http://"+l.addr)
	w.trigger("card.activated", "--count", "2")
	w.must(0, "sandbox", "advance", "1h")
	l.stop()
	attempts := func() int {
		return jsonOf[object](t, w.must(0, "webhooks", "logs", "one", "--limit", "100", "-o", "json")).num("count")
	}
	before := attempts()
	c := w.console(100, nil, "whctl", "events", "reconcile", "--fix")
	c.shows(1, "Send 2 deliveries to shop.invalid? That is not this machine.")
	c.press("n\n")
	c.shows(1, "nothing was changed")
	if code := c.ends(); code != 130 || strings.Count(c.screen(), "not this machine") != 1 {
		t.Errorf("exit code %d: %s", code, c.screen())
	}
	if after := attempts(); after != before {
		t.Errorf("the platform made %d attempts after a no", after-before)
	}
}
