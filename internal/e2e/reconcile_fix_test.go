package e2e

// whctl events reconcile --fix against a platform that fails while gaps are delivered again: what was asked for is told, and nothing else.

import (
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// between puts a proxy between the commands to come and the sandbox that they use. stray answers a call itself, and says whether it did.
func (w *world) between(stray http.HandlerFunc, takes func(*http.Request) bool) {
	w.t.Helper()
	box, err := url.Parse(w.apiURL())
	if err != nil {
		w.t.Fatal(err)
	}
	through := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(box) }}
	api := newFakeAPI(w.t, func(rw http.ResponseWriter, r *http.Request) {
		if takes(r) {
			stray(rw, r)
			return
		}
		through.ServeHTTP(rw, r)
	})
	w.setenv("WHCTL_API_URL=" + api.url)
}

// gapsOfThree is a world with three events that never arrived, and a listener that would take them now.
func gapsOfThree(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.platform()
	w.webhook("one", "http://"+closedPort(t))
	w.trigger("card.activated", "--count", "3")
	w.must(0, "sandbox", "advance", "1h")
	l := w.start("listen", "--addr", "127.0.0.1:0", "--webhook", "one")
	w.must(0, "webhooks", "update", "one", "--url", "http://"+l.addr)
	return w
}

func retries(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/retry")
}

// TestReconcileFixAsksASilentPlatformOnce: once the platform did not answer, the other events are not asked for, and nobody is told that
// they may have been queued.
func TestReconcileFixAsksASilentPlatformOnce(t *testing.T) {
	t.Parallel()
	w := gapsOfThree(t)
	var calls atomic.Int32
	w.between(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, func(r *http.Request) bool {
		return retries(r) && calls.Add(1) > 1
	})
	r := w.must(6, "events", "reconcile", "--fix", "--yes", "--timeout", "20s", "-o", "json")
	asked := jsonOf[object](t, r).sub("fix").list("asked")
	if len(asked) != 3 || calls.Load() != 2 {
		t.Fatalf("%d calls, and %v", calls.Load(), asked)
	}
	for i, want := range []string{"", "the event may have been queued all the same", "not asked for, as the platform did not answer"} {
		if got := asked[i].str("error"); !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("event %d: %q, want %q", i, got, want)
		}
	}
	if n := strings.Count(r.err, "may have been queued"); n != 2 || !strings.Contains(r.err, "1 more event not asked for: the platform does not answer") {
		t.Errorf("stderr %s", r.err)
	}
}

// TestReconcileFixTellsWhatItAskedFor: when no check after the redeliveries comes to its end, the last one before is printed with what was
// asked for.
func TestReconcileFixTellsWhatItAskedFor(t *testing.T) {
	t.Parallel()
	w := gapsOfThree(t)
	var asked atomic.Bool
	w.between(func(rw http.ResponseWriter, _ *http.Request) { sendJSON(rw, 500, `{"message":"broken"}`) }, func(r *http.Request) bool {
		asked.Store(asked.Load() || retries(r))
		return asked.Load() && !retries(r)
	})
	r := w.must(5, "events", "reconcile", "--fix", "--yes", "-o", "json")
	found := agreed{jsonOf[object](t, r)}
	if fix := found.sub("fix"); len(fix.list("asked")) != 3 || fix.num("left") != 3 || !found.note("what came of 3 redeliveries is not known") {
		t.Errorf("%s", r.out)
	}
}

// TestReconcileFixWithoutAGap: what --fix did is always told.
func TestReconcileFixWithoutAGap(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform()
	r := w.must(0, "events", "reconcile", "--fix", "--jq", ".fix")
	if strings.TrimSpace(r.out) != `{"asked":[],"left":0}` {
		t.Errorf("%s", r.out)
	}
}
