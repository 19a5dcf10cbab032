package brokers

// A subject that the server maps to another one.

import "testing"

// A server may map the subject to another one, of which its list of streams knows nothing. The start does not claim that nothing takes it,
// and the event is stored, as the only message.
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
	l.says("no stream takes subject incoming.all, unless the server maps it to another one")
}
