package deliver_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/deliver"
)

// rawServer answers every connection's first request with answer, and hands over what it was sent.
func rawServer(t *testing.T, answer string) (addr string, got <-chan string) {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	ch := make(chan string, 16)
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				ch <- readRequest(conn)
				_, _ = io.WriteString(conn, answer)
			}()
		}
	}()
	return ln.Addr().String(), ch
}

func readRequest(conn net.Conn) string {
	var b bytes.Buffer
	r := bufio.NewReader(io.TeeReader(conn, &b))
	req, err := http.ReadRequest(r)
	if err != nil {
		return "unreadable: " + err.Error()
	}
	_, _ = io.Copy(io.Discard, req.Body)
	return b.String()
}

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Twice: a\r\nX-Twice: b\r\n\r\nhi"

func TestRequestGoesOutAsGiven(t *testing.T) {
	t.Parallel()
	addr, got := rawServer(t, ok)
	c := deliver.New(deliver.Options{})
	defer c.Close()
	res := c.Do(t.Context(), deliver.Request{
		Method: "PUT", URL: "http://" + addr + "/ignored", RawTarget: "/a%2Fb;c?x=1;y=%zz&z",
		Header: http.Header{
			"X-Twice": {"1", "2"}, "Connection": {"X-Hop, close"}, "X-Hop": {"gone"}, "Te": {"trailers"}, "Expect": {"100-continue"},
			"Content-Length": {"999"},
		},
		Body: []byte("\x00\xff body"),
	})
	if res.Err != nil || res.Status != 200 || string(res.Body) != "hi" {
		t.Fatalf("got %+v", res)
	}
	if twice := res.Header["X-Twice"]; len(twice) != 2 {
		t.Errorf("repeated headers of the answer became %q", twice)
	}
	raw := <-got
	if !strings.HasPrefix(raw, "PUT /a%2Fb;c?x=1;y=%zz&z HTTP/1.1\r\nHost: "+addr+"\r\n") {
		t.Errorf("request line or host changed: %q", raw)
	}
	if !strings.HasSuffix(raw, "\r\n\r\n\x00\xff body") || !strings.Contains(raw, "Content-Length: 7\r\n") {
		t.Errorf("body changed: %q", raw)
	}
	for _, name := range []string{"X-Hop", "Connection", "Te:", "Expect", "User-Agent", "Accept-Encoding"} {
		if strings.Contains(raw, name) {
			t.Errorf("%s was sent: %q", name, raw)
		}
	}
	if strings.Count(raw, "X-Twice: ") != 2 {
		t.Errorf("repeated headers of the request changed: %q", raw)
	}
}

func TestTargetsThatLookLikeHosts(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"//double/slash?q", "/plain", "/", "/?", "/a%20b", "/%C3%A9"} {
		addr, got := rawServer(t, ok)
		c := deliver.New(deliver.Options{})
		res := c.Do(t.Context(), deliver.Request{Method: "GET", URL: "http://" + addr, RawTarget: target})
		if res.Err != nil {
			t.Fatalf("%s: %v", target, res.Err)
		}
		if raw := <-got; !strings.HasPrefix(raw, "GET "+target+" HTTP/1.1\r\n") {
			t.Errorf("%s was sent as %q", target, raw)
		}
		c.Close()
	}
}

func TestFailuresHaveACause(t *testing.T) {
	t.Parallel()
	never := make(chan struct{})
	hang := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-never }))
	t.Cleanup(func() { close(never); hang.Close() })
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secure.Close)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	short, _ := rawServer(t, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
	closed, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := closed.Addr().String()
	_ = closed.Close()

	c := deliver.New(deliver.Options{})
	t.Cleanup(c.Close)
	for _, tc := range []struct {
		name, url string
		timeout   time.Duration
		cause     deliver.Cause
		hint      string
	}{
		{"closed port", "http://" + free, 0, deliver.Refused, "start the program"},
		{"no answer", hang.URL, 50 * time.Millisecond, deliver.Timeout, ""},
		{"untrusted certificate", secure.URL, 0, deliver.TLS, "--insecure"},
		{"https to a plain port", strings.Replace(plain.URL, "http:", "https:", 1), 0, deliver.TLS, "http://"},
		{"answer cut off", "http://" + short, 0, deliver.Cut, ""},
		{"no such host", "http://name.invalid", 0, deliver.DNS, "spelling"},
		{"no URL", "ftp://host/", 0, deliver.Invalid, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			res := c.Do(t.Context(), deliver.Request{Method: "POST", URL: tc.url, Timeout: tc.timeout, Body: []byte("x")})
			if res.Err == nil || res.Cause != tc.cause || res.Status != 0 {
				t.Fatalf("got cause %q, status %d, err %v; want cause %q", res.Cause, res.Status, res.Err, tc.cause)
			}
			if !strings.Contains(res.Hint.String(), tc.hint) {
				t.Errorf("hint %q does not hold %q", res.Hint, tc.hint)
			}
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if res := c.Do(ctx, deliver.Request{Method: "POST", URL: hang.URL}); res.Cause != deliver.Canceled {
			t.Errorf("got cause %q", res.Cause)
		}
	})
}

func TestNoRedirectIsFollowed(t *testing.T) {
	t.Parallel()
	reached := make(chan struct{}, 1)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached <- struct{}{} }))
	t.Cleanup(elsewhere.Close)
	addr, _ := rawServer(t, "HTTP/1.1 307 Temporary Redirect\r\nLocation: "+elsewhere.URL+"\r\nContent-Length: 0\r\n\r\n")
	res := deliver.New(deliver.Options{}).Do(t.Context(), deliver.Request{Method: "POST", URL: "http://" + addr, Body: []byte("x")})
	if res.Status != 307 {
		t.Fatalf("got %+v", res)
	}
	select {
	case <-reached:
		t.Error("the redirect was followed")
	default:
	}
}

func TestDialCheckSeesTheResolvedAddress(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(srv.Close)
	c := deliver.New(deliver.Options{DialCheck: func(a netip.Addr) error {
		return fmt.Errorf("%s: %w", a, deliver.ErrDenied)
	}})
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(srv.URL, "http://"))
	res := c.Do(t.Context(), deliver.Request{Method: "POST", URL: "http://localhost:" + port})
	if res.Cause != deliver.Denied {
		t.Errorf("got cause %q, err %v", res.Cause, res.Err)
	}
}

// A large answer goes through the sink whole, while only its beginning is kept.
func TestSinkGetsAllOfALargeAnswer(t *testing.T) {
	t.Parallel()
	want := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(want) }))
	t.Cleanup(srv.Close)
	var sunk bytes.Buffer
	res := deliver.New(deliver.Options{MaxBody: 1000}).Do(t.Context(), deliver.Request{
		Method: "GET", URL: srv.URL, Sink: func(int, http.Header) io.Writer { return &sunk },
	})
	if res.Err != nil || !bytes.Equal(sunk.Bytes(), want) || len(res.Body) != 1000 || res.BodySize != int64(len(want)) {
		t.Errorf("kept %d, sunk %d of %d bytes, err %v", len(res.Body), sunk.Len(), len(want), res.Err)
	}
}

func TestProbeFindsTheOtherLoopback(t *testing.T) {
	t.Parallel()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	if hint := deliver.Probe(t.Context(), "http://[::1]:"+port, deliver.Result{Cause: deliver.Refused}); !strings.Contains(hint.String(), "127.0.0.1:"+port) {
		t.Errorf("hint %q does not say where something listens", hint)
	}
}
