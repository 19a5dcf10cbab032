package brokers

// A broker that is slow to acknowledge.

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// gate is a way to a server that holds back what the server says while it is shut.
type gate struct {
	mu   sync.Mutex
	open chan struct{}
}

// newGate gives the gate, which is open, and its address.
func newGate(t *testing.T, server string) (*gate, string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	g := &gate{open: make(chan struct{})}
	close(g.open)
	go func() {
		for {
			client, err := ln.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("tcp", server)
			if err != nil {
				client.Close()
				continue
			}
			go func() { _, _ = io.Copy(to, client); to.Close() }()
			go func() { _, _ = io.Copy(&held{g, client}, to); client.Close() }()
		}
	}()
	return g, ln.Addr().String()
}

func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = make(chan struct{})
}

func (g *gate) let() {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.open)
}

// held writes once the gate is open.
type held struct {
	g *gate
	w io.Writer
}

func (h *held) Write(p []byte) (int, error) {
	h.g.mu.Lock()
	open := h.g.open
	h.g.mu.Unlock()
	<-open
	return h.w.Write(p)
}

// The stream has each event before the listener hears of it, which waits no longer and sends again. Each is there once, and in order where they
// share a subject.
func TestSlowBroker(t *testing.T) {
	t.Parallel()
	for way, subject := range map[string]string{"subject": "webhooks.{scheme}.{id}", "window": "webhooks.{scheme}"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			s := w.stream(w.jetstream(), webhooks())
			g, addr := newGate(t, w.addr())
			l := w.listen("--ack", "now", "--timeout", "300ms", "--dedupe", way, "--forward", "bus=nats://"+addr+"/"+subject)
			if status := l.send(event("evt_0")); status != 200 {
				t.Fatalf("status %d", status)
			}
			w.waitFor(s, 1)
			g.shut()
			for i := 1; i < 4; i++ {
				if status := l.send(event(fmt.Sprintf("evt_%d", i))); status != 200 {
					t.Fatalf("status %d", status)
				}
			}
			l.says("no acknowledgement in 300ms")
			w.waitFor(s, 2)
			g.let()
			w.wait("the queue to be empty", func() bool {
				out, err := w.whctl("queue", "list", "-o", "json")
				return err == nil && strings.TrimSpace(out) == "[]"
			})
			all := w.messages(s)
			if len(all) != 4 {
				t.Errorf("%d messages of 4 events:\n%s", len(all), l.out.String())
			}
			for i, m := range all {
				if want := fmt.Sprintf("evt_%d", i); m.Header.Get("ce-id") != want {
					t.Errorf("message %d is %s, want %s", i, m.Header.Get("ce-id"), want)
				}
			}
		})
	}
}
