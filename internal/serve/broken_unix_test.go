//go:build unix

package serve

import (
	"io"
	"net"
	"testing"
	"time"
)

// The end of what a peer sends is known before anybody reads it. Bytes that nobody has read yet are no end.
func TestEnded(t *testing.T) {
	t.Parallel()
	var c net.ListenConfig
	ln, err := c.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	peer, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if ended(conn) {
		t.Error("it ended while nothing was sent")
	}
	if _, err := peer.Write([]byte("two")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	_ = peer.Close()
	if ended(conn) {
		t.Error("it ended before what was sent")
	}
	if _, err := io.ReadFull(conn, make([]byte, 2)); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for looks := 0; !ended(conn) && looks < 1000; looks++ {
		<-tick.C
	}
	if !ended(conn) {
		t.Error("it is not known to have ended")
	}
	if _ = conn.Close(); !ended(conn) {
		t.Error("a closed connection goes on")
	}
}
