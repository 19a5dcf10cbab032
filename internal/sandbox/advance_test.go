package sandbox_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/sandbox"
)

// act makes receivers that all answer as answer says.
func act(answer func(path string, n int) (time.Duration, int)) *acted {
	return &acted{got: map[string][]time.Duration{}, answer: answer}
}

// acted is a receiver that answers after a while. It is for a bubble, in which a socket would stop the clock.
type acted struct {
	mu  sync.Mutex
	got map[string][]time.Duration // since the first of all requests, by path
	// answer says how long a receiver takes for its nth request, from 0, and what it answers then.
	answer func(path string, n int) (time.Duration, int)
	began  time.Time
}

// Do is for sandbox.Deliverer.
func (a *acted) Do(ctx context.Context, q deliver.Request) deliver.Result {
	u, err := url.Parse(q.URL)
	if err != nil {
		return deliver.Result{Err: err, Cause: deliver.Invalid}
	}
	a.mu.Lock()
	if a.began.IsZero() {
		a.began = time.Now()
	}
	n := len(a.got[u.Path])
	a.got[u.Path] = append(a.got[u.Path], time.Since(a.began))
	a.mu.Unlock()
	took, status := a.answer(u.Path, n)
	select {
	case <-time.After(min(took, q.Timeout)):
	case <-ctx.Done():
		return deliver.Result{Err: ctx.Err(), Cause: deliver.Cut}
	}
	if took >= q.Timeout {
		return deliver.Result{Err: errors.New("no answer"), Cause: deliver.Timeout}
	}
	return deliver.Result{Status: status, Duration: took}
}

// at returns when a receiver got its requests, since the first of all.
func (a *acted) at(path string) []time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.got[path])
}

// direct is a client's way to a sandbox without a socket.
type direct struct{ h http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w, came := httptest.NewRecorder(), r.Clone(r.Context())
	came.RequestURI = r.URL.RequestURI()
	d.h.ServeHTTP(w, came)
	return w.Result(), nil
}

// inBubble runs a test of a sandbox whose time is not the wall's.
func inBubble(t *testing.T, o sandbox.Options, test func(*testing.T, *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		box, err := sandbox.New(o)
		if err != nil {
			t.Fatal(err)
		}
		w.client, err = client.New(client.Options{BaseURL: "http://localhost", Token: box.Token(), Version: "test", Transport: direct{box.Handler()}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- box.Run(ctx) }()
		test(t, w)
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		w.client.Close()
		if err := box.Close(); err != nil {
			t.Error(err)
		}
	})
}

// apart compares the times between the attempts of an event at a webhook.
func (w *world) apart(t *testing.T, event, webhook string, want []time.Duration) {
	t.Helper()
	logs, err := w.client.EventLogs(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	var gaps []time.Duration
	var last time.Time
	for _, l := range logs.Logs {
		if l.WebhookID != webhook {
			continue
		}
		if !last.IsZero() {
			gaps = append(gaps, l.CreatedAt.Sub(last))
		}
		last = l.CreatedAt.Time
	}
	if !slices.Equal(gaps, want) {
		t.Errorf("the attempts at %s are %v apart, want %v", logs.Logs[0].RequestURL, gaps, want)
	}
}

func seconds(n ...int) (all []time.Duration) {
	for _, s := range n {
		all = append(all, time.Duration(s)*time.Second)
	}
	return all
}

// A receiver that never answers delays no other webhook, and several events of one webhook hang side by side: six attempts of half
// a minute each take three minutes, and at most what the schedule waits between them, however many events there are. On the
// sandbox's clock the attempts are as far apart as the schedule says.
func TestAdvanceGoesSideBySide(t *testing.T) {
	t.Parallel()
	const events = 5
	answer := func(path string, _ int) (time.Duration, int) {
		return map[string]time.Duration{"/hangs": time.Hour, "/slow": 200 * time.Millisecond}[path], http.StatusServiceUnavailable
	}
	a := act(answer)
	inBubble(t, sandbox.Options{Deliver: a}, func(t *testing.T, w *world) {
		t.Helper()
		ids, began := map[string]string{}, time.Now()
		for _, path := range []string{"/hangs", "/slow", "/quick", "/hangs/too"} {
			ids[path] = w.create(t, path, "http://localhost"+path).ID
		}
		raised := w.trigger(t, api.TriggerRequest{Type: "card.activated", Count: events})
		done := w.advance(t, time.Hour)
		if done.Failed != events || done.Queued != 0 {
			t.Errorf("advanced %+v", done)
		}
		if took := time.Since(began); took < 3*time.Minute || took > 3*time.Minute+(31+events)*time.Second {
			t.Errorf("it took %s", took)
		}
		for _, e := range raised {
			w.apart(t, e.EventID, ids["/hangs"], seconds(31, 32, 34, 38, 46))
			w.apart(t, e.EventID, ids["/slow"], seconds(1, 2, 4, 8, 16))
			w.apart(t, e.EventID, ids["/quick"], seconds(1, 2, 4, 8, 16))
		}
		for path, most := range map[string]time.Duration{"/hangs": time.Hour, "/slow": 6 * events * 201 * time.Millisecond, "/quick": 10 * time.Millisecond} {
			if at := a.at(path); len(at) != 6*events || at[len(at)-1] > most {
				t.Errorf("%s: attempts after %v", path, at)
			}
		}
	})
}

// What takes longer than a moment takes its time on the clock too, as it does when the clock runs; what is quick takes none.
func TestAdvanceCountsSlowAnswers(t *testing.T) {
	t.Parallel()
	for took, want := range map[time.Duration][]time.Duration{
		900 * time.Millisecond: seconds(1, 2, 4, 8, 16),
		3 * time.Second:        seconds(4, 5, 4, 8, 16), // counted from the end of an attempt that took longer than the wait
	} {
		answer := func(string, int) (time.Duration, int) { return took, http.StatusServiceUnavailable }
		inBubble(t, sandbox.Options{Deliver: act(answer)}, func(t *testing.T, w *world) {
			t.Helper()
			id := w.create(t, "one", "http://localhost/slow").ID
			e := w.trigger(t, api.TriggerRequest{Type: "card.activated"})[0]
			w.advance(t, time.Hour)
			w.apart(t, e.EventID, id, want)
		})
	}
}

// An advance that is given up leaves what is under way to come to its end, and the clock where it got to.
func TestAdvanceGivenUp(t *testing.T) {
	t.Parallel()
	answer := func(path string, _ int) (time.Duration, int) {
		return map[string]time.Duration{"/hangs": time.Hour}[path], http.StatusServiceUnavailable
	}
	a := act(answer)
	inBubble(t, sandbox.Options{Deliver: a}, func(t *testing.T, w *world) {
		t.Helper()
		w.create(t, "hangs", "http://localhost/hangs")
		w.create(t, "quick", "http://localhost/quick")
		w.trigger(t, api.TriggerRequest{Type: "card.activated"})
		before, err := w.client.Sandbox().Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if _, err := w.client.Sandbox().Advance(ctx, time.Hour); err == nil {
			t.Error("it ended well")
		}
		synctest.Wait()
		s, err := w.client.Sandbox().Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if moved := s.Now.Sub(before.Now.Time); moved != 31*time.Second || len(a.at("/quick")) != 6 || s.Queued != 0 {
			t.Errorf("the clock moved by %s, %d attempts at the quick one, %d jobs wait", moved, len(a.at("/quick")), s.Queued)
		}
		<-time.After(time.Hour)
		// The clock is ahead by what the quick one was played: the second attempt is due before the first is over.
		if at := a.at("/hangs"); !slices.Equal(at, seconds(0, 30, 62, 96, 134, 180)) {
			t.Errorf("attempts at the one that hangs after %v", at)
		}
	})
}

// A webhook that is deleted while it hangs is owed nothing more, and a reset leaves nothing to wait for but what is under way.
func TestAdvanceOfWhatIsGone(t *testing.T) {
	t.Parallel()
	for name, take := range map[string]func(*testing.T, *world, string) error{
		"deleted": func(t *testing.T, w *world, id string) error {
			t.Helper()
			return w.client.DeleteWebhook(t.Context(), id)
		},
		"reset": func(t *testing.T, w *world, _ string) error { t.Helper(); return w.client.Sandbox().Reset(t.Context()) },
	} {
		answer := func(string, int) (time.Duration, int) { return time.Hour, 0 }
		inBubble(t, sandbox.Options{Deliver: act(answer)}, func(t *testing.T, w *world) {
			t.Helper()
			id := w.create(t, "hangs", "http://localhost/hangs").ID
			w.trigger(t, api.TriggerRequest{Type: "card.activated"})
			began := time.Now()
			gone := make(chan error, 1)
			go func() {
				<-time.After(40 * time.Second)
				gone <- take(t, w, id)
			}()
			done := w.advance(t, time.Hour)
			if err := <-gone; err != nil || done.Queued != 0 || time.Since(began) != time.Minute {
				t.Errorf("%s: %v, %+v after %s", name, err, done, time.Since(began))
			}
		})
	}
}
