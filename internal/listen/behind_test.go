package listen_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/listen"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
)

// lateRecorder records an attempt when it is let.
type lateRecorder struct {
	listen.Recorder
	came chan late
}

type late struct{ let, recorded chan struct{} }

func (r lateRecorder) AppendAttempt(ctx context.Context, a *record.Attempt) error {
	l := late{make(chan struct{}), make(chan struct{})}
	r.came <- l
	<-l.let
	defer close(l.recorded)
	return r.Recorder.AppendAttempt(ctx, a)
}

// TestAttemptsAreRecordedBehindTheAnswer sends two deliveries on one connection while no attempt gets to the disk: both are answered.
// Whichever attempt is recorded first, people are told of them in the order of their answers, and an end waits for both.
func TestAttemptsAreRecordedBehindTheAnswer(t *testing.T) {
	t.Parallel()
	app := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(app.Close)
	to, err := target.Parse(app.URL)
	if err != nil {
		t.Fatal(err)
	}
	recorder := lateRecorder{came: make(chan late, 2)}
	r := start(t, func(o *listen.Options) {
		recorder.Recorder = o.Recorder
		o.Recorder, o.Targets = recorder, []target.Target{to}
	})
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}
	var attempts []late
	for _, body := range []string{"1", "2"} {
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
		attempts = append(attempts, <-recorder.came)
	}
	first, second := next[record.Received](t, r).Delivery.ID, next[record.Received](t, r).Delivery.ID
	r.stop()
	close(attempts[1].let)
	<-attempts[1].recorded
	select {
	case err := <-r.ended:
		t.Fatalf("ended before all was recorded: %v", err)
	default:
	}
	close(attempts[0].let)
	if a, b := next[record.Attempted](t, r).Attempt.DeliveryID, next[record.Attempted](t, r).Attempt.DeliveryID; a != first || b != second {
		t.Errorf("told of %s and %s; the deliveries came as %s and %s", a, b, first, second)
	}
	if err := <-r.ended; err != nil {
		t.Error(err)
	}
}
