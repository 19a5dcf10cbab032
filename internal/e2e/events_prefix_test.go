package e2e

// The beginning of an event's id, on a platform that has more events than it lists at once.

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

const (
	oldFailed = "beef0000-0000-4000-8000-000000000001" // neither is among the newest of all
	oldDone   = "beef1111-0000-4000-8000-000000000002"
	oldRecord = "abcd0000-0000-4000-8000-000000000003" // the id of a record, which the platform takes nowhere
)

// eventLine is an event of a list.
func eventLine(record, id, status string, second int) string {
	return fmt.Sprintf(`{"id":%q,"eventId":%q,"eventType":"card.activated","status":%q,"createdAt":"2026-01-02T03:%02d:%02d.000Z"}`, record, id, status, second/60, second%60)
}

// crowdedPlatform lists a hundred newer events whatever is asked for, but for a status.
func crowdedPlatform(rw http.ResponseWriter, r *http.Request) {
	newest := make([]string, 100)
	for i := range newest {
		newest[i] = eventLine(fmt.Sprintf("c0%06d-0000-4000-8000-000000000000", i), fmt.Sprintf("d0%06d-0000-4000-8000-000000000000", i), "pending", 200-i)
	}
	lists := map[string][]string{
		"": newest, "pending": newest, "failed": {eventLine(oldRecord, oldFailed, "failed", 2)}, "completed": {eventLine("ee000000-0000-4000-8000-000000000000", oldDone, "completed", 1)},
	}
	list := lists[r.URL.Query().Get("status")]
	switch {
	case r.Method == http.MethodPost && strings.Contains(r.URL.Path, oldRecord), strings.Contains(r.URL.Path, oldRecord):
		sendJSON(rw, 404, `{"message":"Event not found"}`)
	case r.Method == http.MethodPost:
		sendJSON(rw, 200, `{"success":true,"data":{"eventId":"`+oldFailed+`","webhookCount":1,"message":"queued"}}`)
	default:
		total := len(list)
		if r.URL.Query().Get("status") == "" {
			total = 102
		}
		sendJSON(rw, 200, fmt.Sprintf(`{"total":%d,"events":[%s]}`, total, strings.Join(list, ",")))
	}
}

// TestEventsByTheirBeginning: a beginning is looked for among the events of every status, and one that several have is refused before
// anything is delivered again.
func TestEventsByTheirBeginning(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	api := newFakeAPI(t, crowdedPlatform)
	w.use(api)
	r := w.must(2, "events", "retry", "beef")
	if !strings.Contains(r.err, "means 2 events") || !strings.Contains(r.err, oldFailed) || !strings.Contains(r.err, oldDone) || !strings.Contains(r.err, "hint: use more of the id") {
		t.Errorf("%s", r.err)
	}
	if slices.ContainsFunc(api.asked(), func(asked string) bool { return strings.HasPrefix(asked, "POST") }) {
		t.Errorf("asked %q", api.asked())
	}
	w.must(5, "events", "retry", "feed")
	for _, ref := range []string{"beef0", "abcd", oldRecord} {
		if r := w.must(0, "events", "retry", ref); !strings.Contains(r.out, oldFailed) {
			t.Errorf("%s: %s%s", ref, r.out, r.err)
		}
	}
}

// TestFollowedEventStaysTheSame: the attempts of an event are followed although a newer one begins as it does.
func TestFollowedEventStaysTheSame(t *testing.T) {
	t.Parallel()
	if onWindows() {
		t.Log("signals cannot be sent on Windows")
		return
	}
	w := newWorld(t)
	var polls atomic.Int32
	attempt := func(n int32) string {
		return fmt.Sprintf(`{"id":"a%d","webhookId":%q,"eventId":%q,"attemptNumber":%d,"deliveryStatus":"success","createdAt":"2026-01-02T03:04:%02d.000Z"}`, n, webhookID, oldFailed, n, n)
	}
	api := newFakeAPI(t, func(rw http.ResponseWriter, r *http.Request) {
		lines := []string{eventLine(oldRecord, oldFailed, "failed", 2)}
		if strings.Contains(r.URL.Path, oldFailed) {
			var attempts []string
			for n := range polls.Add(1) {
				attempts = append(attempts, attempt(n+1))
			}
			sendJSON(rw, 200, fmt.Sprintf(`{"event":%s,"logs":[%s]}`, lines[0], strings.Join(attempts, ",")))
			return
		}
		if polls.Load() > 0 {
			lines = append(lines, eventLine("ee000000-0000-4000-8000-000000000000", oldDone, "completed", 1))
		}
		sendJSON(rw, 200, fmt.Sprintf(`{"total":%d,"events":[%s]}`, len(lines), strings.Join(lines, ",")))
	})
	w.use(api)
	logs := w.spawn("events", "logs", "beef", "--follow", "--interval", "100ms", "-o", "json")
	for n := 1; n <= 3; n++ {
		if a := logs.awaitObject(); a.str("eventId") != oldFailed || a.num("attemptNumber") != n {
			t.Errorf("line %d: %v, %s", n, a, logs.errs)
		}
	}
	logs.interrupt()
	if code := logs.wait(); code != 130 {
		t.Errorf("exit code %d: %s", code, logs.errs)
	}
}
