package sandbox_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sandbox"
)

// FuzzRequests sends anything to any route: every answer is JSON with a status that is no fault of the sandbox's.
func FuzzRequests(f *testing.F) {
	for _, route := range routes() {
		method, path, _ := strings.Cut(route, " ")
		f.Add(method, path, []byte(`{"name":"n","url":"https://x.test","event_types":["*"],"metadata":{},"type":"card.activated","sets":["a=1"],"webhookId":"x"}`))
	}
	f.Add("POST", "/_sandbox/trigger", []byte(`{"type":"all","count":2}`))
	f.Add("POST", "/_sandbox/trigger", []byte(`{"body":"e30=","sets":["a.b[0]=1"]}`))
	f.Add("POST", "/_sandbox/advance", []byte(`{"byMs":1000}`))
	f.Fuzz(func(t *testing.T, method, path string, body []byte) {
		if _, err := url.ParseRequestURI(path); err != nil || path[0] != '/' || strings.ContainsAny(path, " #") || strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" || method == "" {
			return
		}
		s, err := sandbox.New(sandbox.Options{Fixtures: true})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(string(body)))
		r.Host = "localhost"
		r.Header.Set("Authorization", "Bearer "+s.Token())
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		redirected := w.Code/100 == 3 // of a path that is not clean, by net/http
		if w.Code >= http.StatusInternalServerError || !redirected && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s %s %q: %d %s", method, path, body, w.Code, w.Body)
		}
	})
}

// FuzzParseChaos: what is accepted can be written and read again.
func FuzzParseChaos(f *testing.F) {
	f.Add("duplicate=0.1,reorder=0.2,delay=2s:0.5,drop=0.05,status=500:0.1")
	f.Add("drop=1e-300,status=599,delay=1ns")
	f.Fuzz(func(t *testing.T, spec string) {
		c, err := sandbox.ParseChaos(spec)
		if err != nil {
			return
		}
		again, err := sandbox.ParseChaos(c.String())
		if err != nil || again.String() != c.String() {
			t.Errorf("%q is written as %q and read as %q, %v", spec, c, again, err)
		}
	})
}
