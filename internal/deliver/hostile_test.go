package deliver_test

// Targets that answer in ways which could confuse one request with the next, or hold a delivery up.

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/deliver"
)

// twice makes two deliveries, one after the other. Before the second it waits for ready, unless that is nil.
func twice(t *testing.T, s *server, q deliver.Request, ready <-chan struct{}) (first, second deliver.Result) {
	t.Helper()
	client := deliver.New(deliver.Options{MaxBody: 1 << 10})
	t.Cleanup(client.Close)
	q.URL, q.Timeout, q.Header = "http://"+s.addr, 10*time.Second, http.Header{"X-N": {"1"}}
	first = client.Do(t.Context(), q)
	if ready != nil {
		<-ready
	}
	q.Header = http.Header{"X-N": {"2"}}
	return first, client.Do(t.Context(), q)
}

// What an answer is, and whether its connection carries another request, is read as strictly as HTTP has it. Whatever comes behind
// an answer is no answer to the next request.
func TestAnswersOfHostileTargets(t *testing.T) {
	t.Parallel()
	const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	forged := "HTTP/1.1 201 Created\r\nContent-Length: 6\r\n\r\nforged"
	for name, c := range map[string]struct {
		answer string
		cause  deliver.Cause
		status int
		body   string
		kept   bool
	}{
		"a length":                         {keepsOpen, deliver.None, 200, "ok", true},
		"lines that end in LF alone":       {"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", deliver.None, 200, "ok", true},
		"a length that is short":           {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokay", deliver.None, 200, "ok", false},
		"an answer behind the answer":      {keepsOpen + forged, deliver.None, 200, "ok", false},
		"a length twice":                   {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", deliver.None, 200, "ok", true},
		"two lengths":                      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 4\r\n\r\nokay", deliver.NotHTTP, 0, "", false},
		"a length below nothing":           {"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok", deliver.NotHTTP, 0, "", false},
		"a length with a sign":             {"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok", deliver.NotHTTP, 0, "", false},
		"another coding":                   {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", deliver.NotHTTP, 0, "", false},
		"chunks":                           {chunked + "2\r\nok\r\n0\r\n\r\n", deliver.None, 200, "ok", true},
		"chunks with extensions":           {chunked + "2;a=b;c=\"d\"\r\nok\r\n0;last\r\n\r\n", deliver.None, 200, "ok", true},
		"chunks with a trailer":            {chunked + "2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n", deliver.None, 200, "ok", true},
		"an answer behind chunks":          {chunked + "2\r\nok\r\n0\r\n\r\n" + forged, deliver.None, 200, "ok", false},
		"chunks of nonsense":               {chunked + "2\r\nok\r\nzz\r\n", deliver.NotHTTP, 0, "", false},
		"a chunk without its end":          {chunked + "2\r\nokay\r\n0\r\n\r\n", deliver.NotHTTP, 0, "", false},
		"a chunk beyond counting":          {chunked + strings.Repeat("f", 17) + "\r\nok", deliver.NotHTTP, 0, "", false},
		"an extension without an end":      {chunked + "2;" + strings.Repeat("x", 1<<20), deliver.NotHTTP, 0, "", false},
		"no body":                          {"HTTP/1.1 204 No Content\r\n\r\n", deliver.None, 204, "", true},
		"a body where there is none":       {"HTTP/1.1 204 No Content\r\n\r\n" + forged, deliver.None, 204, "", false},
		"a body where there is none, 304":  {"HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\nok", deliver.None, 304, "", false},
		"hints before it":                  {strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 20) + keepsOpen, deliver.None, 200, "ok", true},
		"hints without end":                {strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 10000), deliver.NotHTTP, 0, "", false},
		"continue, unasked":                {"HTTP/1.1 100 Continue\r\n\r\n" + keepsOpen, deliver.None, 200, "ok", true},
		"another protocol":                 {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n", deliver.NotHTTP, 0, "", false},
		"large headers":                    {"HTTP/1.1 200 OK\r\nX-A: " + strings.Repeat("x", 200<<10) + "\r\nContent-Length: 2\r\n\r\nok", deliver.None, 200, "ok", true},
		"huge headers":                     {"HTTP/1.1 200 OK\r\nX-A: " + strings.Repeat("x", 300<<10) + "\r\nContent-Length: 2\r\n\r\nok", deliver.NotHTTP, 0, "", false},
		"many headers":                     {"HTTP/1.1 200 OK\r\n" + strings.Repeat("X-A: b\r\n", 50000) + "Content-Length: 2\r\n\r\nok", deliver.NotHTTP, 0, "", false},
		"a status line without end":        {"HTTP/1.1 200 " + strings.Repeat("x", 300<<10), deliver.NotHTTP, 0, "", false},
		"a folded header":                  {"HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 2\r\n\r\nok", deliver.None, 200, "ok", true},
		"a header without a colon":         {"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 2\r\n\r\nok", deliver.NotHTTP, 0, "", false},
		"HTTP/1.0":                         {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", deliver.None, 200, "ok", false},
		"HTTP/1.0 that stays":              {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", deliver.None, 200, "ok", true},
		"HTTP/2 in the first line":         {"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok", deliver.None, 200, "ok", true},
		"a word that it closes":            {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", deliver.None, 200, "ok", false},
		"more than is kept in memory":      {"HTTP/1.1 200 OK\r\nContent-Length: 2048\r\n\r\n" + strings.Repeat("x", 2048), deliver.None, 200, strings.Repeat("x", 1024), true},
		"just what is kept in memory":      {"HTTP/1.1 200 OK\r\nContent-Length: 1024\r\n\r\n" + strings.Repeat("x", 1024), deliver.None, 200, strings.Repeat("x", 1024), true},
		"just what is kept, in chunks":     {chunked + "400\r\n" + strings.Repeat("x", 1024) + "\r\n0\r\n\r\n", deliver.None, 200, strings.Repeat("x", 1024), true},
		"more than is kept, then too much": {"HTTP/1.1 200 OK\r\nContent-Length: 2048\r\n\r\n" + strings.Repeat("x", 2049), deliver.None, 200, strings.Repeat("x", 1024), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conns := [][]behaviour{{gives(c.answer, true)}, {gives(keepsOpen, true)}}
			if c.kept {
				conns = [][]behaviour{{gives(c.answer, true), gives(keepsOpen, true)}}
			}
			first, second := twice(t, serve(t, conns...), deliver.Request{Method: "POST", Body: []byte("x")}, nil)
			if first.Cause != c.cause || first.Status != c.status || string(first.Body) != c.body {
				t.Errorf("cause %q (%v), status %d, body %.40q", first.Cause, first.Err, first.Status, first.Body)
			}
			if second.Status != 200 || string(second.Body) != "ok" || second.Repeated {
				t.Errorf("the second: status %d, body %q, repeated %v, %v", second.Status, second.Body, second.Repeated, second.Err)
			}
		})
	}
}

// What comes on a connection that nothing was asked of, and a connection that the target half closed, are seen before the next request
// goes out: it has a connection of its own, and is not a repeated one.
func TestKeptConnectionsThatSpeak(t *testing.T) {
	t.Parallel()
	for name, then := range map[string]func(*net.TCPConn){
		"an answer to nothing": func(c *net.TCPConn) {
			_, _ = io.WriteString(c, "HTTP/1.1 201 Created\r\nContent-Length: 6\r\n\r\nforged")
		},
		"a time-out": func(c *net.TCPConn) {
			_, _ = io.WriteString(c, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
		},
		"half closed": func(c *net.TCPConn) { _ = c.CloseWrite() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			told, spoke := make(chan struct{}), make(chan struct{})
			s := serve(t, []behaviour{func(conn *net.TCPConn, _ *bufio.Reader, read func() bool) bool {
				read()
				_, _ = io.WriteString(conn, keepsOpen)
				<-told
				then(conn)
				close(spoke)
				return true
			}}, []behaviour{gives(keepsOpen, true)})
			client := deliver.New(deliver.Options{})
			t.Cleanup(client.Close)
			q := deliver.Request{Method: "POST", URL: "http://" + s.addr, Body: []byte("x")}
			if res := client.Do(t.Context(), q); res.Status != 200 {
				t.Fatalf("the first: %v", res.Err)
			}
			close(told)
			<-spoke
			if res := client.Do(t.Context(), q); res.Status != 200 || res.Repeated || string(res.Body) != "ok" {
				t.Errorf("the second: status %d, body %q, repeated %v, %v", res.Status, res.Body, res.Repeated, res.Err)
			}
		})
	}
}

// An answer to a request that is not read to its end is taken at once, and its connection is not used again.
func TestAnswerBeforeTheRequestIsRead(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	s := serve(t, []behaviour{func(conn *net.TCPConn, r *bufio.Reader, _ func() bool) bool {
		_, _ = r.Peek(1)
		_, _ = io.WriteString(conn, keepsOpen)
		<-over
		return false
	}}, []behaviour{gives(keepsOpen, true)})
	t.Cleanup(func() { close(over) })
	began := time.Now()
	first, second := twice(t, s, deliver.Request{Method: "POST", Body: make([]byte, 32<<20)}, nil)
	if first.Status != 200 || second.Status != 200 || second.Repeated {
		t.Errorf("status %d and %d, repeated %v, %v, %v", first.Status, second.Status, second.Repeated, first.Err, second.Err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
}

// dribbles answers letter by letter, without end.
func dribbles(conn *net.TCPConn, _ *bufio.Reader, read func() bool) bool {
	read()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for i := 0; ; i++ {
		if _, err := io.WriteString(conn, ("HTTP/1.1 200 OK\r\nX-A: " + strings.Repeat("x", 10000))[i:i+1]); err != nil {
			return false
		}
		<-tick.C
	}
}

// deaf reads one byte and no more, until the end of the test.
func deaf(over <-chan struct{}) behaviour {
	return func(_ *net.TCPConn, r *bufio.Reader, _ func() bool) bool {
		_, _ = r.Peek(1)
		<-over
		return false
	}
}

// A target that reads nothing, and one that answers letter by letter, hold a delivery no longer than it may take.
func TestTargetsThatStall(t *testing.T) {
	t.Parallel()
	large := make([]byte, 32<<20)
	t.Run("letter by letter, time-out", stalls(false, deliver.Request{Body: []byte("x"), Timeout: 300 * time.Millisecond}, deliver.Timeout))
	t.Run("letter by letter, cancelled", stalls(false, deliver.Request{Body: []byte("x")}, deliver.Canceled))
	t.Run("reads nothing, time-out", stalls(true, deliver.Request{Body: large, Timeout: 300 * time.Millisecond}, deliver.Timeout))
	t.Run("reads nothing, cancelled", stalls(true, deliver.Request{Body: large}, deliver.Canceled))
}

// stalls delivers to such a target. Without a time-out of its own the delivery is cancelled.
func stalls(unread bool, q deliver.Request, cause deliver.Cause) func(*testing.T) {
	return func(t *testing.T) {
		t.Parallel()
		over, do := make(chan struct{}), dribbles
		if unread {
			do = deaf(over)
		}
		s := serve(t, []behaviour{do})
		t.Cleanup(func() { close(over) })
		client := deliver.New(deliver.Options{})
		t.Cleanup(client.Close)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if q.Timeout == 0 {
			defer time.AfterFunc(300*time.Millisecond, cancel).Stop()
		}
		q.Method, q.URL = "POST", "http://"+s.addr
		began := time.Now()
		if res := client.Do(ctx, q); res.Cause != cause || time.Since(began) > 15*time.Second {
			t.Errorf("cause %q after %v: %v", res.Cause, time.Since(began), res.Err)
		}
	}
}

// Nothing that a receiver could read as another request, or as another header, is sent.
func TestWhatCannotBeSent(t *testing.T) {
	t.Parallel()
	s := serve(t) // a connection is an error
	client := deliver.New(deliver.Options{})
	t.Cleanup(client.Close)
	for name, q := range map[string]deliver.Request{
		"a line in a value":  {Method: "POST", Header: http.Header{"X-A": {"b\r\nX-C: d"}}},
		"a NUL in a value":   {Method: "POST", Header: http.Header{"X-A": {"\x00"}}},
		"a line in a name":   {Method: "POST", Header: http.Header{"X-A: b\r\nX-C": {"d"}}},
		"a blank in a name":  {Method: "POST", Header: http.Header{"X A": {"d"}}},
		"no name":            {Method: "POST", Header: http.Header{"": {"d"}}},
		"a blank in a path":  {Method: "POST", RawTarget: "/a HTTP/1.1"},
		"a line in a path":   {Method: "POST", RawTarget: "/a\r\nX-A: b"},
		"a blank in a query": {Method: "POST", URL: "http://" + s.addr + "/?a=b c"},
		"a line in a method": {Method: "POST / HTTP/1.1\r\nX-A: b"},
		"no method":          {},
		"a line in a host":   {Method: "POST", Header: http.Header{"Host": {"a\r\nX-A: b"}}},
		"a path in a host":   {Method: "POST", Header: http.Header{"Host": {"a/b"}}},
	} {
		if q.URL == "" {
			q.URL = "http://" + s.addr
		}
		if res := client.Do(t.Context(), q); res.Cause != deliver.Invalid || res.Err == nil || strings.ContainsAny(res.Err.Error(), "\r\n") {
			t.Errorf("%s: cause %q, %v", name, res.Cause, res.Err)
		}
	}
}

// Connections over TLS are kept as others are, and names in other letters are written as the network does.
func TestKeptConnectionsOverTLS(t *testing.T) {
	t.Parallel()
	var opened atomic.Int32
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(body)
	}))
	srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	client := deliver.New(deliver.Options{Insecure: true, MaxBody: 1 << 20})
	t.Cleanup(client.Close)
	for _, size := range []int{1, 16 << 10, 200 << 10, 0, 5} {
		body := strings.Repeat("x", size)
		res := client.Do(t.Context(), deliver.Request{Method: "POST", URL: srv.URL, Body: []byte(body), Timeout: 10 * time.Second})
		if res.Status != 200 || string(res.Body) != body {
			t.Errorf("%d bytes: status %d, %d bytes back, %v", size, res.Status, len(res.Body), res.Err)
		}
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("%d connections for five deliveries", n)
	}
}

func TestHostHeader(t *testing.T) {
	t.Parallel()
	for own, want := range map[string]string{"": "", "other.test:81": "other.test:81", "bücher.test": "xn--bcher-kva.test", "[fe80::1%25eth0]:80": "[fe80::1]:80"} {
		addr, got := rawServer(t, ok)
		client := deliver.New(deliver.Options{})
		q := deliver.Request{Method: "POST", URL: "http://" + addr, Body: []byte("x")}
		if own != "" {
			q.Header = http.Header{"Host": {own}}
		} else {
			want = addr
		}
		if res := client.Do(t.Context(), q); res.Err != nil {
			t.Fatalf("%q: %v", own, res.Err)
		}
		if raw := <-got; !strings.Contains(raw, "\r\nHost: "+want+"\r\n") || strings.Count(raw, "Host:") != 1 {
			t.Errorf("%q: sent %q", own, raw)
		}
		client.Close()
	}
}
