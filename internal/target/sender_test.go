package target_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
	"github.com/whctl/whctl/internal/target/targettest"
)

// Every sender passes the same tests; those of brokers are beside real ones, in tests/brokers.
func TestSenders(t *testing.T) {
	t.Parallel()
	t.Run("HTTP", func(t *testing.T) {
		t.Parallel()
		targettest.Run(t, targettest.Kind{Open: openHTTP, Header: func(m target.Message) http.Header { return m.Header }})
	})
}

func openHTTP(t *testing.T, b targettest.Behaviour, timeout time.Duration) (s target.Sender, got func() []target.Message) {
	t.Helper()
	var mu sync.Mutex
	var all []target.Message
	end := make(chan struct{})
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		all = append(all, target.Message{Method: r.Method, Request: r.RequestURI, Header: r.Header, Body: body})
		mu.Unlock()
		switch b {
		case targettest.Refuses:
			w.WriteHeader(http.StatusUnauthorized)
		case targettest.Fails:
			w.WriteHeader(http.StatusInternalServerError)
		case targettest.Hangs:
			select {
			case <-end:
			case <-r.Context().Done():
			}
		case targettest.Takes, targettest.IsAway:
		}
	}))
	t.Cleanup(app.Close)
	t.Cleanup(func() { close(end) })
	url := app.URL
	if b == targettest.IsAway {
		url = nobody(t)
	}
	to, err := target.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	to.Timeout = timeout
	s = target.NewHTTP(to, deliver.New(deliver.Options{}), time.Now)
	t.Cleanup(func() { _ = s.Close() })
	return s, func() []target.Message {
		mu.Lock()
		defer mu.Unlock()
		return append([]target.Message{}, all...)
	}
}

// nobody is an address that nothing listens on.
func nobody(t *testing.T) string {
	t.Helper()
	var c net.ListenConfig
	ln, err := c.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	return "http://" + ln.Addr().String()
}

// The path, the query and the headers of a target come with each message.
func TestHTTPAddsWhatItsTargetHas(t *testing.T) {
	t.Parallel()
	var asked, added string
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked, added = r.RequestURI, r.Header.Get("X-Added") }))
	t.Cleanup(app.Close)
	to, err := target.Parse(app.URL + "/hooks?k=1")
	if err != nil {
		t.Fatal(err)
	}
	to.Header = http.Header{"X-Added": {"yes"}}
	s := target.NewHTTP(to, deliver.New(deliver.Options{}), time.Now)
	if o := s.Send(t.Context(), target.Message{Method: http.MethodPost, Request: "/in?a=%2F&b", Header: http.Header{}}); o.Kind != record.OutcomeDelivered {
		t.Fatalf("%+v", o)
	}
	if asked != "/hooks?k=1&a=%2F&b" || added != "yes" {
		t.Errorf("asked for %s, X-Added is %q", asked, added)
	}
}

// What a status means is decided here and nowhere else.
func TestHTTPStatuses(t *testing.T) {
	t.Parallel()
	status := 0
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	t.Cleanup(app.Close)
	to, err := target.Parse(app.URL)
	if err != nil {
		t.Fatal(err)
	}
	s := target.NewHTTP(to, deliver.New(deliver.Options{}), time.Now)
	for want, all := range map[record.OutcomeKind][]int{
		record.OutcomeDelivered: {200, 204, 299},
		record.OutcomeRefused:   {301, 302, 303, 307, 308, 400, 401, 403, 419, 422, 498},
		record.OutcomeFailed:    {300, 304, 404, 409, 410, 429, 500, 502, 503},
	} {
		for _, status = range all {
			if o := s.Send(t.Context(), target.Message{Method: http.MethodPost, Request: "/in?a=%2F&b", Header: http.Header{}}); o.Kind != want || o.Status != status || o.Err != nil {
				t.Errorf("%d: %+v", status, o)
			}
		}
	}
}
