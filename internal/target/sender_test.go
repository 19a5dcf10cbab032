package target_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
)

// behaviour is what the other end of a sender does with a message.
type behaviour int

const (
	takes behaviour = iota
	refuses
	fails
	hangs
	isAway
)

// backend is one kind of target under the suite.
type backend struct {
	// open gives a sender to an end that behaves so, and what that end got. The sender waits for as long as timeout says.
	open func(t *testing.T, b behaviour, timeout time.Duration) (s target.Sender, got func() []target.Message)
}

// Every sender passes the same tests.
func TestSenders(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]backend{"HTTP": {openHTTP}} {
		for what, test := range map[string]func(t *testing.T, b backend){
			"bytes": testBytes, "outcomes": testOutcomes, "stop": testStop, "many": testMany, "secrets": testSecrets, "close": testClose,
		} {
			t.Run(name+"/"+what, func(t *testing.T) {
				t.Parallel()
				test(t, b)
			})
		}
	}
}

func message() target.Message {
	body := make([]byte, 0, 512)
	for i := range 512 {
		body = append(body, byte(i))
	}
	return target.Message{
		Method: http.MethodPost, Request: "/in?a=%2F&b", Body: body,
		Header: http.Header{"Content-Type": {"application/json"}, "X-Two": {"a", "", "b"}, "Authorization": {"Bearer s3cr3t-of-the-sender"}},
	}
}

// A message arrives as it is, every byte and every value, and is not changed.
func testBytes(t *testing.T, b backend) {
	t.Helper()
	s, got := b.open(t, takes, time.Minute)
	for _, body := range [][]byte{message().Body, nil, make([]byte, 1<<20)} {
		m := message()
		m.Body = body
		sent := m
		sent.Header = m.Header.Clone()
		o := s.Send(t.Context(), m)
		if o.Kind != record.OutcomeDelivered || o.Err != nil || o.Took <= 0 {
			t.Fatalf("%d bytes: %+v", len(body), o)
		}
		if !reflect.DeepEqual(m, sent) {
			t.Errorf("the message was changed: %+v", m)
		}
		all := got()
		last := all[len(all)-1]
		if string(last.Body) != string(body) {
			t.Errorf("%d bytes arrived as %d", len(body), len(last.Body))
		}
		for name, values := range m.Header {
			if !reflect.DeepEqual(last.Header[name], values) {
				t.Errorf("%s arrived as %q", name, last.Header[name])
			}
		}
	}
}

func testOutcomes(t *testing.T, b backend) {
	t.Helper()
	for does, want := range map[behaviour]record.OutcomeKind{
		takes: record.OutcomeDelivered, refuses: record.OutcomeRefused, fails: record.OutcomeFailed,
		hangs: record.OutcomeTimeout, isAway: record.OutcomeUnreachable,
	} {
		s, _ := b.open(t, does, 300*time.Millisecond)
		o := s.Send(t.Context(), message())
		unanswered := does == hangs || does == isAway
		if o.Kind != want || (o.Err != nil) != unanswered || unanswered && o.Err.Error() == "" {
			t.Errorf("%d: %s, want %s: %+v", does, o.Kind, want, o)
		}
		if does == hangs && o.Took > 10*time.Second {
			t.Errorf("it waited for %s", o.Took)
		}
	}
}

// Whoever sends can give up at any time.
func testStop(t *testing.T, b backend) {
	t.Helper()
	s, got := b.open(t, hangs, 0)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan target.Outcome, 1)
	go func() { done <- s.Send(ctx, message()) }()
	for len(got()) == 0 && ctx.Err() == nil {
		select {
		case o := <-done:
			t.Fatalf("it did not wait: %+v", o)
		case <-time.After(time.Millisecond):
		}
	}
	cancel()
	select {
	case o := <-done:
		if o.Kind != record.OutcomeCancelled || o.Err == nil {
			t.Errorf("%+v", o)
		}
	case <-time.After(30 * time.Second):
		t.Error("it waits on")
	}
}

// Messages at the same time arrive once each.
func testMany(t *testing.T, b backend) {
	t.Helper()
	const n = 50
	s, got := b.open(t, takes, time.Minute)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			m := message()
			m.Body = fmt.Appendf(nil, "message %d", i)
			if o := s.Send(t.Context(), m); o.Kind != record.OutcomeDelivered {
				t.Errorf("%d: %+v", i, o)
			}
		})
	}
	all.Wait()
	seen := map[string]int{}
	for _, m := range got() {
		seen[string(m.Body)]++
	}
	for i := range n {
		if seen[fmt.Sprintf("message %d", i)] != 1 {
			t.Errorf("message %d came %d times", i, seen[fmt.Sprintf("message %d", i)])
		}
	}
}

// What is said of a failure names nothing of the message.
func testSecrets(t *testing.T, b backend) {
	t.Helper()
	for _, does := range []behaviour{hangs, isAway} {
		s, _ := b.open(t, does, 100*time.Millisecond)
		o := s.Send(t.Context(), message())
		said := o.Err.Error() + o.Hint.String()
		if o.Probe != nil {
			said += o.Probe(t.Context()).String()
		}
		if strings.Contains(said, "s3cr3t") || strings.Contains(said, "/in") {
			t.Errorf("said %q", said)
		}
	}
}

func testClose(t *testing.T, b backend) {
	t.Helper()
	s, _ := b.open(t, takes, time.Minute)
	_ = s.Send(t.Context(), message())
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Error(err)
	}
}

func openHTTP(t *testing.T, b behaviour, timeout time.Duration) (s target.Sender, got func() []target.Message) {
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
		case refuses:
			w.WriteHeader(http.StatusUnauthorized)
		case fails:
			w.WriteHeader(http.StatusInternalServerError)
		case hangs:
			select {
			case <-end:
			case <-r.Context().Done():
			}
		case takes, isAway:
		}
	}))
	t.Cleanup(app.Close)
	t.Cleanup(func() { close(end) })
	url := app.URL
	if b == isAway {
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
	if o := s.Send(t.Context(), message()); o.Kind != record.OutcomeDelivered {
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
			if o := s.Send(t.Context(), message()); o.Kind != want || o.Status != status || o.Err != nil {
				t.Errorf("%d: %+v", status, o)
			}
		}
	}
}
