package listen

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/record"
)

// TestLimitsAreSet checks that a stranger cannot hold a connection for ever.
func TestLimitsAreSet(t *testing.T) {
	t.Parallel()
	l := New(Options{MaxBody: 1000, Now: time.Now, Emit: func(record.Activity) {}})
	for name, set := range map[string]struct{ got, most time.Duration }{
		"header": {l.server.ReadHeaderTimeout, 30 * time.Second},
		"read":   {l.server.ReadTimeout, time.Minute},
		"idle":   {l.server.IdleTimeout, 5 * time.Minute},
	} {
		if set.got <= 0 || set.got > set.most {
			t.Errorf("%s timeout is %s", name, set.got)
		}
	}
	if l.server.MaxHeaderBytes <= 0 || l.server.MaxHeaderBytes > 1<<20 {
		t.Errorf("headers may have %d bytes", l.server.MaxHeaderBytes)
	}
	if l.server.WriteTimeout != 0 {
		t.Error("a write timeout would cut off the answer of a slow target, and with --timeout 0 a breakpoint")
	}
}

// TestSlowSendersAreCutOff shortens the limits, as a test cannot wait as long as people may.
func TestSlowSendersAreCutOff(t *testing.T) {
	t.Parallel()
	events := make(chan record.Activity, 100)
	l := New(Options{MaxBody: 1000, Now: time.Now, Emit: func(a record.Activity) { events <- a }})
	l.server.ReadHeaderTimeout, l.server.ReadTimeout = 100*time.Millisecond, 200*time.Millisecond
	ln, err := Open(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- l.Serve(ctx, ln) }()
	for name, c := range map[string]struct {
		sent, answer, said string
	}{
		"a header that does not end": {"POST / HTTP/1.1\r\nHost: a\r\nX-A: ", "", "could not be read"},
		"a body that does not end":   {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf", "HTTP/1.1 408 ", "cut off after 4 bytes"},
		"chunks that do not end":     {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", "HTTP/1.1 408 ", "cut off after 4 bytes"},
	} {
		answer := sendHalf(t, ln.Addr().String(), c.sent)
		if !strings.HasPrefix(answer, c.answer) || c.answer == "" && answer != "" {
			t.Errorf("%s: answer %q, want %q and the end of the connection", name, answer, c.answer)
		}
		if a := <-events; a.Type != record.TypeError || !strings.Contains(a.Error.Message, c.said) {
			t.Errorf("%s: said %+v", name, a)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// sendHalf sends what is no whole request and gives all that comes back until the connection ends.
func sendHalf(t *testing.T, addr, text string) string {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Errorf("the connection did not end: %v", err)
	}
	return string(answer)
}

// TestConnectionsAreBounded opens as many connections as are allowed and one more: that one waits its turn.
func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	var lc net.ListenConfig
	inner, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln := newRoom(inner, 2, nil)
	ln.grace = time.Hour // what makes room is tested elsewhere
	accepted := make(chan net.Conn, 10)
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				close(accepted)
				return
			}
			accepted <- conn
		}
	}()
	for range 3 {
		var d net.Dialer
		conn, err := d.DialContext(t.Context(), "tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	first, second := <-accepted, <-accepted
	select {
	case <-accepted:
		t.Fatal("a third connection was taken")
	default:
	}
	_ = first.Close()
	_ = first.Close() // twice gives back one place
	third := <-accepted
	_ = second.Close()
	_ = third.Close()
	_ = ln.Close()
	if conn, more := <-accepted; more {
		t.Errorf("%v came after the end", conn)
	}
}
