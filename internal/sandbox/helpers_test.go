package sandbox_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sandbox"
	"github.com/whctl/whctl/internal/sign"
)

// world is a sandbox that serves on a real socket and a client that calls it.
type world struct {
	box    *sandbox.Sandbox
	url    string
	client *client.Client
	events chan record.Event
	stop   func()
}

// start serves a sandbox until the test ends. Its engine runs too.
func start(t *testing.T, o sandbox.Options) *world {
	t.Helper()
	w := &world{events: make(chan record.Event, 100_000)}
	o.Emit = func(_ time.Time, e record.Event) { w.events <- e }
	var err error
	if w.box, err = sandbox.New(o); err != nil {
		t.Fatal(err)
	}
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	served := make(chan error, 1)
	go func() { served <- w.box.Serve(ctx, ln) }()
	w.url = "http://" + ln.Addr().String()
	w.client = newClient(t, w.url, w.box.Token())
	w.stop = sync.OnceFunc(func() {
		w.client.Close()
		cancel()
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
		if err := w.box.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	t.Cleanup(w.stop)
	return w
}

func newClient(t *testing.T, url, token string) *client.Client {
	t.Helper()
	c, err := client.New(client.Options{BaseURL: url, Token: token, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// patience is how long a test waits for what must come. It is far more than is needed on a machine that is not busy, and only a test that
// fails waits so long.
const patience = 90 * time.Second

// await waits until the sandbox has told of an event that fits.
func await[E record.Event](t *testing.T, w *world, what string, fits func(E) bool) E {
	t.Helper()
	limit := time.After(patience)
	for {
		select {
		case came := <-w.events:
			if e, ok := came.(E); ok && fits(e) {
				return e
			}
		case <-limit:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func (w *world) settled(t *testing.T, eventID string) string {
	t.Helper()
	return await(t, w, "the end of "+eventID, func(e record.Settled) bool { return e.EventID == eventID }).Status
}

func (w *world) create(t *testing.T, name, url string, types ...string) api.Webhook {
	t.Helper()
	if len(types) == 0 {
		types = []string{"*"}
	}
	h, err := w.client.CreateWebhook(t.Context(), api.CreateWebhook{Name: name, URL: url, EventTypes: types, IsActive: true})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (w *world) trigger(t *testing.T, q api.TriggerRequest) []api.TriggeredEvent {
	t.Helper()
	out, err := w.client.Sandbox().Trigger(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return out.Events
}

func (w *world) advance(t *testing.T, d time.Duration) api.Advanced {
	t.Helper()
	out, err := w.client.Sandbox().Advance(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// arrival is one request that a receiver got.
type arrival struct {
	header http.Header
	body   []byte
	id     string
	typ    string
	target string // path and query
}

// receiver is a real server that notes what it gets and answers as it is told.
type receiver struct {
	url string
	mu  sync.Mutex
	got []arrival
	// shake answers a handshake, which is no arrival; nil: none is known.
	shake func(w http.ResponseWriter, q *http.Request, body []byte) bool
}

// receive answers the nth request, from 0, with the status that answer gives.
func receive(t *testing.T, answer func(n int) int) *receiver {
	t.Helper()
	r := &receiver{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		var e struct {
			ID   string `json:"event_id"`
			Type string `json:"event_type"`
		}
		_ = json.Unmarshal(body, &e)
		r.mu.Lock()
		if r.shake != nil && r.shake(w, q, body) {
			r.mu.Unlock()
			return
		}
		n := len(r.got)
		r.got = append(r.got, arrival{q.Header, body, e.ID, e.Type, q.URL.RequestURI()})
		r.mu.Unlock()
		w.WriteHeader(answer(n))
		_, _ = io.WriteString(w, "noted")
	}))
	t.Cleanup(srv.Close)
	r.url = srv.URL + "/hook"
	return r
}

func always(status int) func(int) int { return func(int) int { return status } }

func (r *receiver) arrivals() []arrival {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]arrival(nil), r.got...)
}

func (r *receiver) ids() []string {
	var ids []string
	for _, a := range r.arrivals() {
		ids = append(ids, a.id)
	}
	return ids
}

func verify(t *testing.T, r *sign.Rules, a arrival, to, key string) sign.Verdict {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	k, err := r.Key(key)
	if err != nil {
		t.Fatal(err)
	}
	params := map[string]string{}
	for _, name := range r.Needs().Params {
		params[name] = "whctl-sandbox"
	}
	return r.Verify(&sign.Message{Method: http.MethodPost, URL: u.Scheme + "://" + u.Host + a.target, Header: a.header, Body: a.body, Params: params},
		[]sign.Key{k}, sign.VerifyOptions{Now: time.Now()})
}

// receiveWith is a receiver with a handler of its own; it gives the URL.
func receiveWith(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL + "/hook"
}
