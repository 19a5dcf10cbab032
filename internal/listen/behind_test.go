package listen_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/listen"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
)

// lateRecorder records attempts when it is let.
type lateRecorder struct {
	listen.Recorder
	came chan late
}

type late struct {
	attempts int
	let      chan struct{}
}

func (r lateRecorder) AppendAttempts(ctx context.Context, attempts ...*record.Attempt) error {
	l := late{len(attempts), make(chan struct{})}
	r.came <- l
	<-l.let
	return r.Recorder.AppendAttempts(ctx, attempts...)
}

// TestAttemptsAreRecordedBehindTheAnswer sends deliveries on one connection while no attempt gets to the disk: all are answered. Those that
// wait meanwhile are recorded together, people are told of them in the order of their answers, and an end waits for all.
func TestAttemptsAreRecordedBehindTheAnswer(t *testing.T) {
	t.Parallel()
	app := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(app.Close)
	to, err := target.Parse(app.URL)
	if err != nil {
		t.Fatal(err)
	}
	recorder := lateRecorder{came: make(chan late, 1)}
	r := start(t, func(o *listen.Options) {
		recorder.Recorder = o.Recorder
		o.Recorder, o.Targets = recorder, []target.Target{to}
	})
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}
	send := func(body string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	send("1")
	first := <-recorder.came
	for _, body := range []string{"2", "3", "4"} { // the attempt before waits to be recorded once the next request is read
		send(body)
	}
	var came []string
	for range 4 {
		came = append(came, next[record.Received](t, r).Delivery.ID)
	}
	r.stop()
	close(first.let)
	more := <-recorder.came
	if first.attempts != 1 || more.attempts < 2 {
		t.Errorf("%d attempts were recorded, and then %d; want 1, and then those that waited", first.attempts, more.attempts)
	}
	select {
	case err := <-r.ended:
		t.Fatalf("ended before all was recorded: %v", err)
	default:
	}
	close(more.let)
	if first.attempts+more.attempts < len(came) {
		close((<-recorder.came).let)
	}
	for _, id := range came {
		if a := next[record.Attempted](t, r).Attempt; a.DeliveryID != id || a.ID == "" {
			t.Errorf("told of the attempt %q for %s; the deliveries came as %v", a.ID, a.DeliveryID, came)
		}
	}
	if err := <-r.ended; err != nil {
		t.Error(err)
	}
}

// unreached is a sender to nobody, whose probes take as long as they are let.
type unreached struct {
	target.Sender
	probe func()
}

func (u unreached) Send(context.Context, target.Message) target.Outcome {
	return target.Outcome{
		Kind: record.OutcomeUnreachable, Err: errors.New("connection refused"), Took: 1,
		Probe: func(context.Context) fault.Step { u.probe(); return fault.NextStep("start it") },
	}
}

// TestProbesWaitSideBySide has targets looked at that answer late: those of attempts that are recorded together are looked at together.
func TestProbesWaitSideBySide(t *testing.T) {
	t.Parallel()
	to, err := target.Parse("http://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	came, let := make(chan struct{}), make(chan struct{})
	r := start(t, func(o *listen.Options) {
		open := o.Open
		o.Targets = []target.Target{to}
		o.Open = func(to target.Target) target.Sender {
			return unreached{open(to), func() { came <- struct{}{}; <-let }}
		}
	})
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}
	for i := range 4 { // an attempt waits to be recorded once the next request is read
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url, strings.NewReader("1"))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		if i == 0 {
			<-came
		}
	}
	let <- struct{}{}
	for range 2 {
		select {
		case <-came:
		case <-time.After(30 * time.Second):
			t.Fatal("one look waits for another")
		}
	}
	close(let)
	go func() {
		for range came { // the others come later
		}
	}()
	for range 4 {
		if a := next[record.Attempted](t, r).Attempt; a.Hint == (fault.Step{}) {
			t.Errorf("the attempt for %s is recorded without its hint", a.DeliveryID)
		}
	}
	r.stop()
	if err := <-r.ended; err != nil {
		t.Error(err)
	}
	close(came)
}
