//go:build unix

package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestQueueFits lists jobs whose events have every name that a sender can choose, on terminals of several widths and in every format.
func TestQueueFits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gone := newTarget(t, func(message) string { return answering(http.StatusGone) })
	l := w.listen("--ack", "now", "--forward", "a-target-with-quite-a-long-name="+gone.addr, "--forward", closedPort(t)+"/some/long/path/of/a/handler")
	n := 0
	for _, texts := range []map[string]string{forgeries(), nasty()} {
		for _, text := range texts {
			s := inJSON(text)[0]
			if m := exchange(t, l.addr, delivery([]byte(`{"event_type":`+s+`,"event_id":`+s+`}`))); m.status != 200 {
				t.Fatalf("answered %s", m.start)
			}
			n++
		}
	}
	w.awaitJobs(n, "--state", "dead", "--limit", "0")
	for _, cols := range []uint16{60, 80, 100, 120} {
		c := w.onTerminal(cols, "queue", "list", "--limit", "0")
		if code := c.wait(); code != 0 {
			t.Errorf("exit code %d", code)
		}
		screen := c.out.String()
		checkFits(t, fmt.Sprint("queue list on ", cols), screen, int(cols))
		head, _, _ := strings.Cut(screen, "\n")
		if !strings.Contains(head, "JOB") || !strings.Contains(head, "TYPE") || !strings.Contains(head, "STATE") || cols >= 100 && !strings.Contains(head, "REASON") {
			t.Errorf("on %d columns: %q", cols, head)
		}
	}
	for _, args := range [][]string{{"list", "-o", "json", "--limit", "0"}, {"list", "-o", "yaml"}, {"retry", "--dead", "-o", "yaml"}, {"drop", "last", "last~1", "last~2", "--yes"}} {
		c := w.onTerminal(80, append([]string{"queue"}, args...)...)
		if code := c.wait(); code != 0 {
			t.Errorf("%q: exit code %d", args, code)
		}
		checkClean(t, fmt.Sprint("queue ", args), c.out.String())
	}
}
