package sandbox_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sandbox"
	"github.com/whctl/whctl/internal/sign/signtest"
)

func TestDeliversSignedAndLogs(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{})
	r := receive(t, always(http.StatusNoContent))
	h := w.create(t, "one", r.url, "card.*")
	raised := w.trigger(t, api.TriggerRequest{Type: "all"})
	if len(raised) != 3 {
		t.Fatalf("%d events, want one of each of three types", len(raised))
	}
	want := map[string]string{"kyc.status.changed": "skipped", "card.activated": "completed", "transaction.cleared": "skipped"}
	for _, e := range raised {
		status := e.Status
		if e.Webhooks > 0 {
			status = w.settled(t, e.EventID)
		}
		if status != want[e.EventType] {
			t.Errorf("%s is %s, want %s", e.EventType, status, want[e.EventType])
		}
	}
	got := r.arrivals()
	if len(got) != 1 || got[0].typ != "card.activated" {
		t.Fatalf("the receiver got %d deliveries: %v", len(got), r.ids())
	}
	if v := verify(t, signtest.Rules(t, "baanx"), got[0], r.url, h.APIKey); !v.OK {
		t.Errorf("the delivery does not verify: %s %s", v.Reason, v.Detail)
	}
	logs, err := w.client.EventLogs(t.Context(), got[0].id)
	if err != nil {
		t.Fatal(err)
	}
	if len(logs.Logs) != 1 || logs.Event.Status != "completed" || logs.Event.ProcessedAt.IsZero() {
		t.Fatalf("logs %+v", logs)
	}
	l := logs.Logs[0]
	if l.AttemptNumber != 1 || l.DeliveryStatus != "success" || l.ResponseStatus == nil || *l.ResponseStatus != 204 || l.ErrorMessage != nil ||
		l.DurationMs == nil || !l.NextRetryAt.IsZero() || l.RequestURL != r.url || string(l.RequestBody) != string(got[0].body) ||
		l.RequestHeaders["X-Signature"] != got[0].header.Get("X-Signature") || l.RequestHeaders["Content-Type"] != "application/json" {
		t.Errorf("log %+v", l)
	}
}

// The contract: six attempts, 1, 2, 4, 8 and 16 seconds apart, each with a signature of its own and the same event id.
func TestAdvancePlaysTheSchedule(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{})
	r := receive(t, always(http.StatusServiceUnavailable))
	h := w.create(t, "one", r.url)
	began := time.Now()
	e := w.trigger(t, api.TriggerRequest{Type: "card.activated"})[0]
	done := w.advance(t, 24*time.Hour)
	if took := time.Since(began); took > 20*time.Second { // the pauses alone are 31 s
		t.Errorf("a day took %s", took)
	}
	if done.Failed != 1 || done.Queued != 0 {
		t.Errorf("advanced: %+v", done)
	}
	logs, err := w.client.EventLogs(t.Context(), e.EventID)
	if err != nil {
		t.Fatal(err)
	}
	if logs.Event.Status != "failed" || !logs.Event.ProcessedAt.IsZero() || len(logs.Logs) != 6 {
		t.Fatalf("event %s with %d attempts", logs.Event.Status, len(logs.Logs))
	}
	checkSchedule(t, logs.Logs)
	for i, a := range r.arrivals() {
		if v := verify(t, signtest.Rules(t, "baanx"), a, r.url, h.APIKey); !v.OK || a.id != e.EventID {
			t.Errorf("attempt %d: %s, event %s", i+1, v.Reason, a.id)
		}
	}
	// A manual retry begins a new run.
	again, err := w.client.RetryEvent(t.Context(), e.EventID, "")
	if err != nil || again.WebhookCount != 1 || again.Message != "Event queued for retry to 1 webhook(s)" {
		t.Fatalf("retry: %+v, %v", again, err)
	}
	w.advance(t, time.Minute)
	logs, err = w.client.EventLogs(t.Context(), e.EventID)
	if err != nil {
		t.Fatal(err)
	}
	if len(logs.Logs) != 12 || logs.Logs[6].AttemptNumber != 1 || logs.Event.Status != "failed" {
		t.Errorf("after the retry: %d attempts, %s", len(logs.Logs), logs.Event.Status)
	}
}

// checkSchedule looks at six failed attempts: their numbers, the gaps between them and what each says of the next.
func checkSchedule(t *testing.T, logs []api.DeliveryLog) {
	t.Helper()
	gaps := []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second}
	for i, l := range logs {
		if l.AttemptNumber != i+1 || l.DeliveryStatus != "failed" {
			t.Errorf("attempt %d: %+v", i+1, l)
		}
		if i == len(gaps) {
			if !l.NextRetryAt.IsZero() {
				t.Error("the last attempt announces another")
			}
			break
		}
		if gap := logs[i+1].CreatedAt.Sub(l.CreatedAt.Time); gap != gaps[i] || l.NextRetryAt.Sub(l.CreatedAt.Time) != gaps[i] {
			t.Errorf("gap %d is %s, want %s; the next is announced for %s", i+1, gap, gaps[i], l.NextRetryAt)
		}
	}
}

func TestFinalAnswersAreNotTriedAgain(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 400, 401, 404, 408, 429} {
		w := start(t, sandbox.Options{})
		r := receive(t, always(status))
		w.create(t, "one", r.url)
		e := w.trigger(t, api.TriggerRequest{Type: "card.activated"})[0]
		w.advance(t, time.Hour)
		s, err := w.client.EventStatus(t.Context(), e.EventID)
		if err != nil || s.Status != "failed" || len(r.arrivals()) != 1 {
			t.Errorf("%d: event %s, %d attempts, %v", status, s.Status, len(r.arrivals()), err)
		}
	}
}

func TestRecoversAndClosedPort(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{})
	r := receive(t, func(n int) int {
		if n < 2 {
			return 500
		}
		return 200
	})
	w.create(t, "one", r.url)
	closed := "http://127.0.0.1:1/nothing-listens"
	w.create(t, "two", closed)
	e := w.trigger(t, api.TriggerRequest{Type: "card.activated"})[0]
	w.advance(t, time.Minute)
	logs, err := w.client.EventLogs(t.Context(), e.EventID)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.arrivals()) != 3 || len(logs.Logs) != 9 || logs.Event.Status != "failed" {
		t.Fatalf("%d arrivals, %d logs, %s", len(r.arrivals()), len(logs.Logs), logs.Event.Status)
	}
	for _, l := range logs.Logs {
		if l.RequestURL == closed && (l.ResponseStatus != nil || l.ErrorMessage == nil || l.DurationMs != nil || l.ResponseBody != nil) {
			t.Errorf("an attempt without an answer: %+v", l)
		}
	}
}

// In normal running the wall clock drives the retries.
func TestLiveRetries(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{})
	r := receive(t, func(n int) int { return []int{500, 200}[min(n, 1)] })
	w.create(t, "one", r.url)
	e := w.trigger(t, api.TriggerRequest{Type: "card.activated"})[0]
	if got := w.settled(t, e.EventID); got != "completed" {
		t.Errorf("the event ended %s", got)
	}
	logs, err := w.client.EventLogs(t.Context(), e.EventID)
	if err != nil || len(logs.Logs) != 2 {
		t.Fatalf("%d logs, %v", len(logs.Logs), err)
	}
	if gap := logs.Logs[1].CreatedAt.Sub(logs.Logs[0].CreatedAt.Time); gap < time.Second || gap > 15*time.Second {
		t.Errorf("the retry came after %s", gap)
	}
}

func TestThousandInOrder(t *testing.T) {
	t.Parallel()
	const n = 1000
	w := start(t, sandbox.Options{})
	r := receive(t, always(200))
	w.create(t, "one", r.url)
	began := time.Now()
	var want []string
	for _, e := range w.trigger(t, api.TriggerRequest{Type: "card.activated", Count: n}) {
		want = append(want, e.EventID)
	}
	ended := 0
	await(t, w, "all events", func(e record.Settled) bool {
		if e.Status == "completed" {
			ended++
		}
		return ended == n
	})
	t.Logf("%d deliveries in %s", n, time.Since(began))
	if got := r.ids(); !slices.Equal(got, want) {
		t.Errorf("got %d deliveries, not in the order of the triggers", len(got))
	}
	list, err := w.client.ListEvents(t.Context(), api.EventQuery{Limit: 100, Status: "completed"})
	if err != nil || list.Total != n || len(list.Events) != 100 {
		t.Errorf("total %d, shown %d, %v", list.Total, len(list.Events), err)
	}
}
