package e2e

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// loggedAttempt is one entry of an event's delivery log.
type loggedAttempt struct {
	Number  int       `json:"attemptNumber"`
	Status  *int      `json:"responseStatus"`
	Result  string    `json:"deliveryStatus"`
	Webhook string    `json:"webhookId"`
	At      time.Time `json:"createdAt"`
}

// eventLogs reads an event's status and its attempts.
func (w *world) eventLogs(id string) (status string, attempts []loggedAttempt) {
	w.t.Helper()
	v := jsonOf[struct {
		Event struct {
			Status string `json:"status"`
		} `json:"event"`
		Logs []loggedAttempt `json:"logs"`
	}](w.t, w.must(0, "events", "logs", id, "-o", "json"))
	return v.Event.Status, v.Logs
}

// TestPlatformAdvance plays a whole schedule: six attempts, at the documented gaps, without waiting for them; then a retry
// brings the event back.
func TestPlatformAdvance(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform()
	var status atomic.Int64
	status.Store(503)
	tg := newTarget(t, func(message) string { return answering(int(status.Load())) })
	_, key := w.webhook("down", "http://"+tg.addr)

	began := time.Now()
	id := w.trigger("card.activated")[0]
	moved := jsonOf[object](t, w.must(0, "sandbox", "advance", "31s", "-o", "json"))
	took := time.Since(began)
	if took > 10*time.Second {
		t.Errorf("six attempts took %s, want no wait for the gaps, of 31 seconds in all", took)
	}
	t.Logf("six attempts in %s, two commands included", took.Round(time.Millisecond))
	if moved.num("failed") != 1 || moved.num("queued") != 0 {
		t.Errorf("advance says %v", moved)
	}
	got, logs := w.eventLogs(id)
	if got != "failed" || len(logs) != 6 || tg.count() != 6 {
		t.Fatalf("the event is %s after %d attempts in the log and %d at the receiver", got, len(logs), tg.count())
	}
	for i, gap := range []string{"0s", "1s", "2s", "4s", "8s", "16s"} {
		if i > 0 && logs[i].At.Sub(logs[i-1].At).String() != gap {
			t.Errorf("attempt %d came %s after the one before, want %s", i+1, logs[i].At.Sub(logs[i-1].At), gap)
		}
		if logs[i].Number != i+1 || logs[i].Status == nil || *logs[i].Status != 503 || logs[i].Result != "failed" {
			t.Errorf("attempt %d is logged as %+v", i+1, logs[i])
		}
		m := tg.nth(t, i)
		if want := hmacHex(key, []byte(m.value("X-Timestamp")+"."), m.body); m.value("X-Signature") != want {
			t.Errorf("attempt %d has a wrong signature", i+1)
		}
	}
	w.must(0, "sandbox", "advance", "24h") // there is no seventh
	if tg.count() != 6 {
		t.Errorf("%d attempts after a day, want 6", tg.count())
	}

	status.Store(200)
	if r := w.must(0, "events", "retry", id, "--wait", "--interval", "100ms"); r.out != id+"  Event queued for retry to 1 webhook(s)\n" {
		t.Errorf("retry says %q", r.out)
	}
	got, logs = w.eventLogs(id)
	if got != "completed" || len(logs) != 7 || logs[6].Number != 1 || tg.count() != 7 {
		t.Errorf("after the retry the event is %s with %d attempts", got, len(logs))
	}
}

// TestPlatformFinalAnswers has receivers say no for good: one attempt each, however far the clock moves.
func TestPlatformFinalAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform()
	for i, code := range []int{400, 401, 404, 429} {
		tg := newTarget(t, func(message) string { return answering(code) })
		w.webhook(fmt.Sprint("no", i), "http://"+tg.addr)
	}
	id := w.trigger("card.activated")[0]
	w.must(0, "sandbox", "advance", "24h")
	status, logs := w.eventLogs(id)
	if status != "failed" || len(logs) != 4 {
		t.Fatalf("the event is %s with %d attempts, want failed with 4", status, len(logs))
	}
	for _, l := range logs {
		if l.Number != 1 || l.Status == nil || *l.Status/100 != 4 {
			t.Errorf("attempt %+v", l)
		}
	}
}

// TestPlatformRetryWait holds the exit codes of retry --wait: 0 completed, 5 failed or skipped, 6 no outcome in time.
func TestPlatformRetryWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform()
	var status atomic.Int64
	status.Store(404)
	tg := newTarget(t, func(message) string { return answering(int(status.Load())) })
	hook, _ := w.webhook("one", "http://"+tg.addr)
	first := w.trigger("card.activated")[0]
	tg.nth(t, 0)
	retry := func(code int, says string, args ...string) {
		t.Helper()
		r := w.must(code, append([]string{"events", "retry", "--wait", "--interval", "100ms"}, args...)...)
		if !strings.Contains(r.err, says) {
			t.Errorf("retry %q says %q, want %q in it", args, r.err, says)
		}
	}
	retry(5, "error: event "+first+" ended failed\nhint: whctl events logs "+first+" shows why", first)
	status.Store(503)
	retry(6, "error: no outcome of "+first+" within 200ms", first, "--timeout", "200ms")
	w.must(0, "sandbox", "advance", "1h")
	status.Store(200)
	retry(0, first+" completed", first[:13], "--webhook", "one")
	retry(0, "completed", first, "--webhook", hook)

	// nobody is there to deliver to
	w.must(0, "webhooks", "disable", "one")
	skipped := w.trigger("card.activated")[0]
	if got, logs := w.eventLogs(skipped); got != "skipped" || len(logs) != 0 {
		t.Errorf("an event without a subscriber is %s with %d attempts", got, len(logs))
	}
	retry(5, "went to no webhook", skipped)
	retry(5, "went to no webhook", first)
	if r := w.must(0, "events", "retry", first); !strings.Contains(r.err, "goes to no webhook, as none is active; whctl webhooks enable WEBHOOK") {
		t.Errorf("retry without a subscriber says %q", r.err)
	}

	// several: all are tried, and the worst code wins
	w.must(0, "webhooks", "enable", "one")
	unknown := "00000000-0000-4000-8000-000000000000"
	before := tg.count()
	r := w.must(5, "events", "retry", unknown, first, skipped, "--wait", "--interval", "100ms", "-o", "json")
	if done := jsonOf[[]object](t, r); len(done) != 2 || done[0].str("eventId") != first || done[1].str("eventId") != skipped {
		t.Errorf("retried %v", done)
	}
	if !strings.Contains(r.err, "warning: "+unknown+": the API answered 404: Event not found") || !strings.Contains(r.err, "error: not every event was delivered") {
		t.Errorf("stderr %s", r.err)
	}
	if got := tg.count() - before; got != 2 {
		t.Errorf("%d deliveries, want 2", got)
	}
	if r := w.must(5, "events", "retry", unknown); r.out != "" {
		t.Errorf("a failed command printed %q", r.out)
	}
}

// TestPlatformRetryAllFailed brings back every failed event, once it is allowed to.
func TestPlatformRetryAllFailed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform()
	var status atomic.Int64
	status.Store(404)
	tg := newTarget(t, func(message) string { return answering(int(status.Load())) })
	w.webhook("one", "http://"+tg.addr)
	if r := w.must(0, "events", "retry", "--all-failed", "-o", "json"); r.out != "[]\n" || r.err != "no failed events\n" {
		t.Errorf("with nothing to retry: %q, %q", r.out, r.err)
	}
	ids := w.trigger("card.activated", "--count", "3")
	w.must(0, "sandbox", "advance", "1s")
	status.Store(200)
	if r := w.must(2, "events", "retry", "--all-failed"); r.out != "" || !strings.Contains(r.err, "hint: add --yes") {
		t.Errorf("without a terminal: %q, %q", r.out, r.err)
	}
	w.must(2, "events", "retry", "--all-failed", ids[0])
	w.must(2, "events", "retry")
	if tg.count() != 3 {
		t.Fatalf("%d deliveries before anything was confirmed, want 3", tg.count())
	}
	done := jsonOf[[]object](t, w.must(0, "events", "retry", "--all-failed", "--yes", "--wait", "--interval", "100ms", "-o", "json"))
	if len(done) != 3 || tg.count() != 6 {
		t.Errorf("%d events, %d deliveries", len(done), tg.count())
	}
	for _, id := range ids {
		if got, _ := w.eventLogs(id); got != "completed" {
			t.Errorf("%s is %s", id, got)
		}
	}
}
