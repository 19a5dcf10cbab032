package serve

import (
	"net"
	"testing"
	"time"
)

// TestLimitsAreSet checks that a stranger cannot hold a connection for ever.
func TestLimitsAreSet(t *testing.T) {
	t.Parallel()
	s := New(t.Context(), Options{Conns: 1})
	for name, set := range map[string]struct{ got, most time.Duration }{
		"header": {s.Limits.Header, 30 * time.Second},
		"read":   {s.Limits.Read, time.Minute},
		"idle":   {s.Limits.Idle, 5 * time.Minute},
	} {
		if set.got <= 0 || set.got > set.most {
			t.Errorf("%s timeout is %s", name, set.got)
		}
	}
	if s.http.MaxHeaderBytes <= 0 || s.http.MaxHeaderBytes > 1<<20 {
		t.Errorf("headers may have %d bytes", s.http.MaxHeaderBytes)
	}
	if s.http.WriteTimeout != 0 {
		t.Error("a write timeout would cut off the answer of a slow target, and with --timeout 0 a breakpoint")
	}
}

// TestConnectionsAreBounded opens as many connections as are allowed and one more: that one waits its turn.
func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	var lc net.ListenConfig
	inner, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln := newRoom(func(Loss) {})
	ln.Listener, ln.limits = inner, Limits{Conns: 2, Grace: time.Hour} // what makes room is tested elsewhere
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

// TestPlacesLeaveFilesForTheRest: a connection needs a socket of its own and one for each target.
func TestPlacesLeaveFilesForTheRest(t *testing.T) {
	t.Parallel()
	limit := fileLimit()
	for _, targets := range []int{0, 1, 2, 7} {
		n := Places(targets)
		if n < 4 || n > maxConns || limit > 2*otherFiles && n > limit/2 {
			t.Errorf("%d places for %d targets with %d files", n, targets, limit)
		}
	}
}
