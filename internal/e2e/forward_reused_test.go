package e2e

import (
	"bufio"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// expiring is a target like gunicorn's threads: it closes expired connections when the next request wakes it, and not before.
type expiring struct {
	ln    net.Listener
	mu    sync.Mutex
	conns map[net.Conn]bool // whether it has expired
	got   map[string]int    // by body
}

func newExpiring(t *testing.T) *expiring {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := &expiring{ln: ln, conns: map[net.Conn]bool{}, got: map[string]int{}}
	t.Cleanup(func() { _ = ln.Close(); e.expire(); e.wake(nil) })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			e.mu.Lock()
			e.conns[c] = false
			e.mu.Unlock()
			go e.serve(c)
		}
	}()
	return e
}

func (e *expiring) expire() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for c := range e.conns {
		e.conns[c] = true
	}
}

// wake closes what has expired and says whether c is among it.
func (e *expiring) wake(c net.Conn) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for other, expired := range e.conns {
		if expired {
			_ = other.Close()
		}
	}
	return e.conns[c]
}

func (e *expiring) serve(c net.Conn) {
	r := bufio.NewReader(c)
	for {
		if _, err := r.Peek(1); err != nil || e.wake(c) {
			return
		}
		m, err := readMessage(r, false)
		if err != nil {
			return
		}
		e.mu.Lock()
		e.got[string(m.body)]++
		e.mu.Unlock()
		if _, err := io.WriteString(c, okAnswer); err != nil {
			return
		}
	}
}

// burstTo sends n deliveries at once, which all must be answered with 200.
func burstTo(t *testing.T, addr, name string, n int) {
	t.Helper()
	var senders sync.WaitGroup
	for i := range n {
		senders.Go(func() {
			if m := exchange(t, addr, delivery(event(name+"-"+strconv.Itoa(i)))); m.status != 200 {
				t.Errorf("round %s: answered %s", name, m.start)
			}
		})
	}
	senders.Wait()
}

// TestBurstsToATargetThatLetsGo sends bursts to a target that closes every kept connection between them. Each delivery arrives
// once, its sender gets 200, and the stream and the journal say what was repeated.
func TestBurstsToATargetThatLetsGo(t *testing.T) {
	t.Parallel()
	const rounds, burst = 30, 6
	w := newWorld(t)
	e := newExpiring(t)
	l := w.listen("--forward", e.ln.Addr().String())
	for round := range rounds {
		burstTo(t, l.addr, strconv.Itoa(round), burst)
		e.expire()
	}
	l.interrupt()
	repeated := ""
	attempts := l.rest("attempt")
	for _, a := range attempts {
		if a.num("status") != 200 || a.str("error") != "" {
			t.Errorf("attempt: %v", a)
		}
		if a["repeated"] == true {
			repeated = a.str("deliveryId")
		}
	}
	if len(attempts) != rounds*burst || len(e.got) != rounds*burst {
		t.Errorf("%d attempts and %d bodies of %d", len(attempts), len(e.got), rounds*burst)
	}
	for body, n := range e.got {
		if n != 1 {
			t.Errorf("%s came %d times", body, n)
		}
	}
	if repeated == "" {
		t.Fatal("no kept connection was found dead, so nothing was proved")
	}
	shown := jsonOf[struct {
		Attempts []struct {
			Repeated bool
			Headers  map[string][]string
		}
	}](t, w.must(0, "journal", "show", repeated, "-o", "json"))
	if len(shown.Attempts) != 1 || !shown.Attempts[0].Repeated || len(shown.Attempts[0].Headers) != 1 {
		t.Errorf("the journal shows %+v", shown)
	}
	if text := w.must(0, "journal", "show", repeated).out; !strings.Contains(text, "repeated") {
		t.Errorf("the journal says %s", text)
	}
}
