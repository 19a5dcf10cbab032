package e2e

// What advance does about receivers that hang.

import (
	"sync"
	"testing"
)

// TestPlatformAdvanceSideBySide has a receiver that does not answer until another one got all that it is owed. The other is not
// delayed, so the first answers in time.
func TestPlatformAdvanceSideBySide(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform()
	const attempts = 6
	all := make(chan struct{})
	var left sync.WaitGroup
	left.Add(attempts)
	go func() { left.Wait(); close(all) }()
	down := newTarget(t, func(message) string {
		left.Done()
		return answering(503)
	})
	waits := newTarget(t, func(message) string {
		<-all
		return okAnswer
	})
	hook, _ := w.webhook("waits", "http://"+waits.addr)
	w.webhook("down", "http://"+down.addr)
	id := w.trigger("card.activated")[0]
	w.must(0, "sandbox", "advance", "1h")
	_, logs := w.eventLogs(id)
	for _, l := range logs {
		if l.Webhook == hook && (l.Number != 1 || l.Result != "success") {
			t.Errorf("attempt %d: %s", l.Number, l.Result)
		}
	}
	if len(logs) != attempts+1 {
		t.Errorf("%d attempts, want %d", len(logs), attempts+1)
	}
}

// TestPlatformAdvanceHangingEvents has a receiver that answers no request before it has those of all events. A request that is not
// answered holds up the next event for a second and no longer, so each is answered in time.
func TestPlatformAdvanceHangingEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform()
	const events = 4
	all := make(chan struct{})
	var left sync.WaitGroup
	left.Add(events)
	go func() { left.Wait(); close(all) }()
	tg := newTarget(t, func(message) string {
		left.Done()
		<-all
		return okAnswer
	})
	w.webhook("one", "http://"+tg.addr)
	w.trigger("card.activated", "--count", "4")
	w.must(0, "sandbox", "advance", "1h")
	list := jsonOf[object](t, w.must(0, "events", "list", "--status", "completed", "-o", "json"))
	if list.num("total") != events || tg.count() != events {
		t.Errorf("%d events completed with %d requests, want %d with one each", list.num("total"), tg.count(), events)
	}
}
