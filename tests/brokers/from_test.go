package brokers

// What whctl listen --from takes of a stream, and what it hands on.

import (
	"crypto/sha256"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// receiver is a program behind a listener.
type receiver struct {
	*httptest.Server
	mu  sync.Mutex
	all []*http.Request // in the order in which they came
	sum [][32]byte
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
		r.mu.Lock()
		n := len(r.all)
		r.all, r.sum = append(r.all, req), append(r.sum, sha256.Sum256(body))
		r.mu.Unlock()
		rw.WriteHeader(answer(n))
	}))
	t.Cleanup(r.Close)
	return r
}

func always(status int) func(int) int { return func(int) int { return status } }

func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.all)
}

// key is the flag of the key.
func (w *world) key() []string { return []string{"--secret-file", filepath.Join(w.dir, "key")} }

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
			w.wait("the program", func() bool { return app.count() == 1 })
			got := app.all[0]
			if app.sum[0] != sha256.Sum256(body) || got.Method != "POST" || got.RequestURI != "/hooks?a=%2F" || got.Header.Get("Stripe-Signature") == "" ||
				got.Header.Get("Content-Type") != "application/json" || got.Header.Get("Authorization") != "" {
				t.Errorf("%s %s %v", got.Method, got.RequestURI, got.Header)
			}
			l.says("✓ valid")
			c, err := js.Consumer(t.Context(), "WEBHOOKS", "whctl")
			if err != nil {
				t.Fatal(err)
			}
			w.wait("the acknowledgement", func() bool {
				info, err := c.Info(t.Context())
				return err == nil && info.NumAckPending == 0 && info.NumPending == 0
			})
			if out := l.out.String(); strings.Contains(out, "listening on") || strings.Contains(out, "lost") {
				t.Errorf("it says\n%s", out)
			}
		})
	}
}
