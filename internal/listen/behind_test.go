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
