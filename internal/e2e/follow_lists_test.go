package e2e

import (
	"slices"
	"testing"
)

// TestListsFollow: webhooks, the attempts of one event and the jobs of the queue are shown as they change.
func TestListsFollow(t *testing.T) {
	t.Parallel()
	if onWindows() {
		t.Log("signals cannot be sent on Windows")
		return
	}
	w := newWorld(t)
	w.platform()
	l := w.start("listen", "--addr", "127.0.0.1:0", "--no-verify", "--ack", "now", "--forward", "app="+closedPort(t))
	id, _ := w.webhook("dev", "http://"+l.addr)
	hooks := w.spawn("webhooks", "list", "--follow", "--interval", "100ms", "-o", "json")
	jobs := w.spawn("queue", "list", "--follow", "-o", "json")
	if first := hooks.awaitObject(); first.str("id") != id || first["isActive"] != true {
		t.Errorf("first webhook line %v", first)
	}
	event := w.trigger("card.activated")[0]
	logs := w.spawn("events", "logs", event, "--follow", "--interval", "100ms", "-o", "json")
	if a := logs.awaitObject(); a.str("eventId") != event || a.str("deliveryStatus") != "success" {
		t.Errorf("attempt line %v", a)
	}
	w.must(0, "events", "retry", event)
	if a := logs.awaitObject(); a.str("eventId") != event {
		t.Errorf("second attempt line %v", a)
	}
	w.must(0, "webhooks", "disable", "dev")
	if changed := hooks.awaitObject(); changed.str("id") != id || changed["isActive"] != false {
		t.Errorf("changed webhook line %v", changed)
	}
	w.must(0, "webhooks", "delete", "dev", "--yes")
	if gone := hooks.awaitObject(); gone.str("id") != id || gone["deleted"] != true {
		t.Errorf("line of the deleted webhook %v", gone)
	}
	job := jobs.awaitObject()
	if !slices.Contains([]string{"queued", "waiting"}, job.str("state")) || job.str("target") != "app" {
		t.Errorf("job line %v", job)
	}
	w.must(0, "queue", "drop", job.str("id"), "--yes")
	for next := jobs.awaitObject(); ; next = jobs.awaitObject() {
		if next.str("id") == job.str("id") && next.str("state") == "dropped" {
			break
		}
	}
	for _, p := range []*process{hooks, jobs, logs} {
		p.interrupt()
		if code := p.wait(); code != 130 {
			t.Errorf("exit code %d after ^C: %s", code, p.errs)
		}
	}
	for _, args := range [][]string{{"webhooks", "list", "--follow"}, {"queue", "list", "--follow"}, {"events", "logs", event, "--follow"}} {
		w.must(2, append(args, "-o", "yaml")...)
	}
	w.must(2, "webhooks", "list", "--follow", "--interval", "1ms")
	w.must(2, "events", "logs", event, "--follow", "--interval", "1ms")
}
