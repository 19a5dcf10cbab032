package brokers

// A subject that the server maps to another one.

import (
	"strings"
	"testing"
)

// A server may map the subject to another one. Its list of streams knows nothing of that, so the listener asks as who publishes, and nothing
// is stored for it.
func TestMappedSubject(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	if err := w.server.GlobalAccount().AddMapping("incoming.all", "webhooks.all"); err != nil {
		t.Fatal(err)
	}
	s := w.stream(w.jetstream(), webhooks())
	l := w.listen("--forward", "nats://"+w.addr()+"/incoming.all")
	if status := l.send(event("evt_1")); status != 200 || len(w.messages(s)) != 1 {
		t.Errorf("status %d, %d messages", status, len(w.messages(s)))
	}
	if out := l.out.String(); strings.Contains(out, "no stream takes subject") {
		t.Errorf("one does:\n%s", out)
	}
}
