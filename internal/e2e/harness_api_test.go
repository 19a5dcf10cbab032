package e2e

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// fakeAPI is a management API that answers as a test says, also what the real API and the sandbox never would. It keeps what it
// was asked.
type fakeAPI struct {
	url string

	mu  sync.Mutex
	got []string // "METHOD /path?query"
	all bytes.Buffer
}

func newFakeAPI(t testing.TB, answer http.HandlerFunc) *fakeAPI {
	t.Helper()
	api := &fakeAPI{}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		api.mu.Lock()
		api.got = append(api.got, r.Method+" "+r.URL.RequestURI())
		_ = r.Header.Write(&api.all)
		api.all.Write(body)
		api.mu.Unlock()
		answer(rw, r)
	}))
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	api.url = server.URL
	return api
}

// asked gives what the API was asked so far.
func (a *fakeAPI) asked() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]string(nil), a.got...)
}

// text is everything that came, headers and bodies.
func (a *fakeAPI) text() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.all.String()
}

// use makes the fake the API of the commands to come, with a token of its own.
func (w *world) use(a *fakeAPI) {
	w.setenv("WHCTL_PROFILE=baanx", "WHCTL_API_URL="+a.url, "WHCTL_TOKEN="+platformToken)
}

// platformToken is a token that no output may show.
const platformToken = "tok-only-for-this-test-5f3c9a52"

// sendJSON answers with a JSON text as it stands.
func sendJSON(rw http.ResponseWriter, status int, text string) {
	rw.Header().Set("Content-Type", "application/json")
	rw.WriteHeader(status)
	_, _ = io.WriteString(rw, strings.TrimSpace(text))
}
