package sandbox_test

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sandbox"
)

// gate is a receiver that holds its first request until it is let go, and then answers 500 to everything.
type gate struct {
	url     string
	arrived chan struct{}
	release chan struct{}
	n       atomic.Int32
}

func newGate(t *testing.T) *gate {
	t.Helper()
	g := &gate{arrived: make(chan struct{}, 1), release: make(chan struct{})}
	g.url = receiveWith(t, func(w http.ResponseWriter, _ *http.Request) {
		if g.n.Add(1) == 1 {
			g.arrived <- struct{}{}
			<-g.release
		}
		w.WriteHeader(http.StatusInternalServerError)
	})
	return g
}

// An advance waits for what the engine has under way, and plays on from there.
func TestAdvanceWaitsForWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{})
	g := newGate(t)
	w.create(t, "one", g.url)
	e := w.trigger(t, api.TriggerRequest{Type: "card.activated"})[0]
	<-g.arrived
	if s, err := w.client.EventLogs(t.Context(), e.EventID); err != nil || s.Event.Status != "processing" || s.Logs[0].DeliveryStatus != "processing" {
		t.Errorf("under way: %+v %v", s, err)
	}
	type result struct {
		a   api.Advanced
		err error
	}
	done := make(chan result, 1)
	go func() {
		a, err := w.client.Sandbox().Advance(t.Context(), time.Hour)
		done <- result{a, err}
	}()
	close(g.release)
	r := <-done
	if r.err != nil || r.a.Attempts != 5 || r.a.Failed != 1 || g.n.Load() != 6 {
		t.Errorf("%+v, %d requests", r, g.n.Load())
	}
}

// An interrupted advance leaves the clock where it got to, and the engine goes on.
func TestInterruptedAdvance(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{})
	g := newGate(t)
	w.create(t, "one", g.url)
	w.trigger(t, api.TriggerRequest{Type: "card.activated"})
	<-g.arrived
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { _, err := w.client.Sandbox().Advance(ctx, time.Hour); done <- err }()
	cancel()
	if err := <-done; fault.KindOf(err) != fault.Stopped {
		t.Errorf("the advance ended with %v", err)
	}
	close(g.release)
	await(t, w, "the next attempt, by the engine", func(e record.Tried) bool { return e.Number == 2 })
	if s, err := w.client.Sandbox().Status(t.Context()); err != nil || s.OffsetMs > 60_000 {
		t.Errorf("the clock was moved: %+v %v", s, err)
	}
}

// What a receiver triggers while the clock is being moved is played too.
func TestTriggerDuringAdvance(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{})
	var n atomic.Int32
	var calls *client.Client
	url := receiveWith(t, func(rw http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 1 {
			if _, err := calls.Sandbox().Trigger(r.Context(), api.TriggerRequest{Type: "kyc.status.changed"}); err != nil {
				t.Error(err)
			}
			rw.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	calls = w.client
	w.create(t, "one", url)
	w.trigger(t, api.TriggerRequest{Type: "card.activated"})
	w.advance(t, time.Minute)
	if list, err := w.client.ListEvents(t.Context(), api.EventQuery{Status: "completed"}); err != nil || list.Total != 2 || n.Load() != 3 {
		t.Errorf("%d completed after %d requests, %v", list.Total, n.Load(), err)
	}
}

// A retry takes the place of what an event still had to deliver, and alone decides how the event ends.
func TestRetryReplacesTheRun(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{})
	r := receive(t, func(n int) int { return []int{500, 500, 200}[min(n, 2)] })
	dead := receive(t, always(400))
	h := w.create(t, "one", r.url)
	w.create(t, "dead", dead.url)
	e := w.trigger(t, api.TriggerRequest{Type: "card.activated"})[0]
	w.advance(t, 1500*time.Millisecond)
	if _, err := w.client.RetryEvent(t.Context(), e.EventID, h.ID); err != nil {
		t.Fatal(err)
	}
	if done := w.advance(t, time.Hour); done.Completed > 1 || done.Queued != 0 {
		t.Errorf("advanced %+v", done)
	}
	logs, err := w.client.EventLogs(t.Context(), e.EventID)
	if err != nil {
		t.Fatal(err)
	}
	var numbers []int
	for _, l := range logs.Logs {
		if l.WebhookID == h.ID {
			numbers = append(numbers, l.AttemptNumber)
		}
	}
	if fmt.Sprint(numbers) != "[1 2 1]" || logs.Event.Status != "completed" {
		t.Errorf("attempts %v, %s", numbers, logs.Event.Status)
	}
}

// An event that is given the record id of another one does not take its place.
func TestIDsOfTwoKinds(t *testing.T) {
	t.Parallel()
	w := start(t, sandbox.Options{})
	r := receive(t, always(200))
	w.create(t, "one", r.url)
	first := w.trigger(t, api.TriggerRequest{Type: "card.activated"})[0]
	w.settled(t, first.EventID)
	second := w.trigger(t, api.TriggerRequest{Type: "card.activated", Sets: []string{"event_id=" + first.ID}})[0]
	if w.settled(t, second.EventID) != "completed" {
		t.Error("the second event")
	}
	if s, err := w.client.EventStatus(t.Context(), first.ID); err != nil || s.ID != second.ID {
		t.Errorf("the event id comes first: %s %v", s.Raw, err)
	}
	if s, err := w.client.EventStatus(t.Context(), first.EventID); err != nil || s.ID != first.ID {
		t.Errorf("%s %v", s.Raw, err)
	}
}

// What is under way when the sandbox ends, and does not come to its end in time, is made again at the next start.
func TestCutOffAttemptIsMadeAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data")
	hurry := func(d time.Duration) <-chan time.Time {
		if d == 5*time.Second { // how long the end waits
			d = 0
		}
		return time.After(d)
	}
	w := start(t, sandbox.Options{DataFile: path, After: hurry})
	g := newGate(t)
	t.Cleanup(func() { close(g.release) })
	w.create(t, "one", g.url)
	e := w.trigger(t, api.TriggerRequest{Type: "card.activated"})[0]
	<-g.arrived
	w.stop()
	again := start(t, sandbox.Options{DataFile: path})
	await(t, again, "the attempt", func(a record.Tried) bool { return a.EventID == e.EventID })
	logs, err := again.client.EventLogs(t.Context(), e.EventID)
	if err != nil || len(logs.Logs) == 0 || logs.Logs[0].AttemptNumber != 1 || *logs.Logs[0].ResponseStatus != 500 {
		t.Errorf("%+v %v", logs, err)
	}
}

// A slow receiver holds up the events behind it for a second each at most, and they arrive in order.
func TestSlowReceiverDoesNotBlock(t *testing.T) {
	t.Parallel()
	grace := make(chan time.Time)
	w := start(t, sandbox.Options{After: func(d time.Duration) <-chan time.Time {
		if d == time.Second {
			return grace
		}
		return time.After(d)
	}})
	g := newGate(t)
	w.create(t, "one", g.url)
	w.trigger(t, api.TriggerRequest{Type: "card.activated", Count: 2})
	<-g.arrived
	if g.n.Load() != 1 {
		t.Error("the second did not wait")
	}
	close(grace)
	await(t, w, "the second", func(record.Tried) bool { return true })
	close(g.release)
}
