package e2e

import (
	"strings"
	"testing"
)

// TestPlatformFollow follows events and delivery attempts while the platform goes away and comes back. Each row comes once, and
// both changes are said.
func TestPlatformFollow(t *testing.T) {
	t.Parallel()
	if onWindows() {
		t.Log("signals cannot be sent on Windows")
		return
	}
	w := newWorld(t)
	state := w.path("state")
	p := w.platform("--data", state)
	tg := okTarget(t)
	w.webhook("one", "http://"+tg.addr)
	first := w.trigger("card.activated")[0]
	w.must(0, "sandbox", "advance", "1s")

	events := w.spawn("events", "list", "--follow", "--interval", "100ms", "-o", "json")
	changes := w.spawn("events", "list", "--follow", "--changes", "--interval", "100ms", "-o", "json")
	logs := w.spawn("webhooks", "logs", "one", "--follow", "--interval", "100ms", "-o", "json")
	if e := events.awaitObject(); e.str("eventId") != first || e.str("status") != "completed" {
		t.Errorf("first event line %v", e)
	}
	if e := changes.awaitObject(); e.str("eventId") != first {
		t.Errorf("first event line with changes %v", e)
	}
	if l := logs.awaitObject(); l.str("eventId") != first || l.num("attemptNumber") != 1 {
		t.Errorf("first attempt line %v", l)
	}
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.wait()
	events.says("warning: connection lost, trying again: no answer from " + p.addr + ": connection refused")
	logs.says("warning: connection lost, trying again")
	changes.says("warning: connection lost, trying again")
	w.start("sandbox", "--addr", p.addr, "--data", state)
	second := w.trigger("kyc.status.changed")[0]
	if e := events.awaitObject(); e.str("eventId") != second {
		t.Errorf("an event again: %v", e)
	}
	for status := ""; status != "completed"; {
		e := changes.awaitObject()
		if e.str("eventId") != second || e.str("status") == status {
			t.Fatalf("an event again: %v", e)
		}
		status = e.str("status")
	}
	if l := logs.awaitObject(); l.str("eventId") != second || l.str("deliveryStatus") != "success" {
		t.Errorf("second attempt line %v", l)
	}
	for _, p := range []*process{events, logs, changes} {
		p.endFollow()
	}
}

// endFollow ends a follow that has lost its connection once and has shown all there is.
func (p *process) endFollow() {
	p.t.Helper()
	p.says("connection is back")
	if n := strings.Count(p.errs.String(), "connection lost"); n != 1 {
		p.t.Errorf("said %d times that the connection is lost: %s", n, p.errs)
	}
	p.interrupt()
	if code := p.wait(); code != 130 {
		p.t.Errorf("exit code %d after ^C, want 130", code)
	}
	for o := range p.lines {
		p.t.Errorf("one more line: %v", o)
	}
}

// TestPlatformFollowNobody follows an API that was never there: a mistake, not a lost connection.
func TestPlatformFollowNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.setenv("WHCTL_PROFILE=sandbox", "WHCTL_API_URL=http://"+closedPort(t))
	for _, args := range [][]string{{"events", "list", "--follow"}, {"webhooks", "logs", webhookID, "--follow"}} {
		if r := w.must(6, args...); !strings.Contains(r.err, "error: no answer from ") || !strings.Contains(r.err, "connection refused") || strings.Contains(r.err, "connection lost") {
			t.Errorf("whctl %q says %s", args, r.err)
		}
	}
	w.must(2, "events", "list", "--follow", "--interval", "1ms")
	w.must(2, "webhooks", "logs", webhookID, "--follow", "--interval", "0s")
}
