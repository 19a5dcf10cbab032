package brokers

// What whctl listen --from takes of a stream, and what it hands on.

import (
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/nats-io/nats.go/jetstream"
)

// receiver is a program behind a listener, which verifies what it gets.
type receiver struct {
	*httptest.Server
	mu  sync.Mutex
	all []request // in the order in which they came
}

// request is one that came.
type request struct {
	*http.Request
	id    string // of the event
	sum   [32]byte
	holds bool // its signature
}

// receive starts a program. answer gives its status for the nth request, from 0.
func receive(t *testing.T, answer func(n int) int) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		var e struct{ ID string }
		_ = json.Unmarshal(body, &e)
		at, signature := signatureOf(req.Header.Get("Stripe-Signature"))
		r.mu.Lock()
		n := len(r.all)
		r.all = append(r.all, request{req, e.ID, sha256.Sum256(body), signature != "" && mac(at, body) == signature})
		r.mu.Unlock()
		rw.WriteHeader(answer(n))
	}))
	t.Cleanup(r.Close)
	return r
}

func always(status int) func(int) int { return func(int) int { return status } }

// first answers the first request with one status, and the others with 200.
func first(status int) func(int) int {
	return func(n int) int {
		if n == 0 {
			return status
		}
		return 200
	}
}

func (r *receiver) got() []request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.all)
}

// events are the ids that came, each once, in the order of their first request.
func (r *receiver) events() (ids []string) {
	seen := map[string]bool{}
	for _, req := range r.got() {
		if !seen[req.id] {
			ids = append(ids, req.id)
		}
		seen[req.id] = true
	}
	return ids
}

// key is the flag of the key.
func (w *world) key() []string { return []string{"--secret-file", filepath.Join(w.dir, "key")} }

// settled waits until no message of a consumer is left.
func (w *world) settled(js jetstream.JetStream, name string) {
	w.t.Helper()
	w.wait("the acknowledgements", func() bool {
		c, err := js.Consumer(w.t.Context(), "WEBHOOKS", name)
		if err != nil {
			return false
		}
		info, err := c.Info(w.t.Context())
		return err == nil && info.NumAckPending == 0 && info.NumPending == 0
	})
}

// behind is a listener that takes from the stream.
func (w *world) behind(host string, args ...string) *listener {
	w.t.Helper()
	return w.run(host, append([]string{"--from", "nats://" + w.addr() + "/webhooks.>"}, args...)...)
}

// A delivery comes out of the stream as it went in: the request again, its bytes, its signature, which is verified again.
func TestFrom(t *testing.T) {
	t.Parallel()
	for _, ack := range []string{"now", "forward"} {
		t.Run(ack, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			js := w.jetstream()
			w.stream(js, webhooks())
			app := receive(t, always(200))
			l := w.behind("behind", append(w.key(), "--ack", ack, "--forward", app.URL)...)
			front := w.listen("--ack", "now", "--forward", "nats://"+w.addr()+"/webhooks.{scheme}")
			body := event("evt_1")
			if status := front.send(body); status != 200 {
				t.Fatalf("status %d", status)
			}
			w.wait("the program", func() bool { return len(app.got()) == 1 })
			got := app.got()[0]
			if got.sum != sha256.Sum256(body) || !got.holds || got.Method != "POST" || got.RequestURI != "/hooks?a=%2F" ||
				got.Header.Get("Content-Type") != "application/json" || got.Header.Get("Authorization") != "" {
				t.Errorf("%s %s %v", got.Method, got.RequestURI, got.Header)
			}
			l.says("✓ valid")
			w.settled(js, "whctl")
			if out := l.out.String(); strings.Contains(out, "listening on") || strings.Contains(out, "lost") {
				t.Errorf("it says\n%s", out)
			}
		})
	}
}
