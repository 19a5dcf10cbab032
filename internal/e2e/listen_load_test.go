package e2e

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

const senders = 64

// send makes one delivery over a connection of its own and gives the status; 0 when there was no answer.
func send(t *testing.T, addr string, body []byte) int {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", addr)
	if err != nil {
		return 0
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(patience))
	if _, err := conn.Write(delivery(body)); err != nil {
		return 0
	}
	m, err := readMessage(bufio.NewReader(conn), true)
	if err != nil {
		return 0
	}
	return m.status
}

// recorded gives the bodies in the journal by event id.
func recorded(t *testing.T, w *world) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, d := range jsonOf[[]object](t, w.must(0, "journal", "list", "--limit", "0", "--bodies", "-o", "json")) {
		found[d.str("eventId")] = d.str("body")
	}
	return found
}

// TestManySendersAtOnce has 64 of them send 20 deliveries each: all are answered, handed on and recorded.
func TestManySendersAtOnce(t *testing.T) {
	t.Parallel()
	const each = 20
	w := newWorld(t)
	tg := okTarget(t)
	l := w.listen("--forward", tg.addr, "--exit-after", fmt.Sprint(senders*each))
	var all sync.WaitGroup
	for s := range senders {
		all.Go(func() {
			for i := range each {
				if status := send(t, l.addr, event(fmt.Sprintf("%d-%d", s, i))); status != 200 {
					t.Errorf("sender %d, delivery %d: answered %d", s, i, status)
				}
			}
		})
	}
	all.Wait()
	if code := l.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if n := tg.count(); n != senders*each {
		t.Errorf("the target got %d", n)
	}
	if n := len(recorded(t, w)); n != senders*each {
		t.Errorf("the journal has %d", n)
	}
	if n := len(l.rest("delivery")); n+l.missed() != senders*each {
		t.Errorf("the stream has %d deliveries and says that %d lines were dropped", n, l.missed())
	}
}

// TestKilledUnderLoadLosesNothing kills the listener, as the system would, while senders are at it: what was answered is
// in the journal, whole, and the next listener starts on it as on any other.
func TestKilledUnderLoadLosesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for round := range 3 {
		answered := killUnderLoad(t, w, round)
		have := recorded(t, w)
		for id, body := range answered {
			if have[id] != body {
				t.Errorf("round %d: %s was answered 200, the journal has %q", round, id, have[id])
			}
		}
	}
	l := w.listen()
	if status := send(t, l.addr, event("afterwards")); status != 200 {
		t.Errorf("afterwards: answered %d", status)
	}
	l.stop()
	if _, has := recorded(t, w)["afterwards"]; !has || strings.Contains(l.errs.String(), "warning") {
		t.Errorf("recorded %v, stderr %q", has, l.errs)
	}
}

// killUnderLoad kills a listener once enough was answered, and gives the bodies of what was.
func killUnderLoad(t *testing.T, w *world, round int) map[string]string {
	t.Helper()
	const plenty = 150
	l := w.listen()
	answered := map[string]string{}
	var mu sync.Mutex
	enough := make(chan struct{})
	var all sync.WaitGroup
	for s := range senders {
		all.Go(func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("%d-%d-%d", round, s, i)
				if send(t, l.addr, event(id)) != 200 {
					return
				}
				mu.Lock()
				answered[id] = string(event(id))
				if len(answered) == plenty {
					close(enough)
				}
				mu.Unlock()
			}
		})
	}
	<-enough
	if err := l.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	<-l.done
	return answered
}

// TestTwoListenersShareTheJournal lets two processes write at once while a third reads.
func TestTwoListenersShareTheJournal(t *testing.T) {
	t.Parallel()
	const each = 100
	w := newWorld(t)
	one, two := w.listen(), w.listen()
	var all sync.WaitGroup
	for name, l := range map[string]*process{"one": one, "two": two} {
		for s := range 8 {
			all.Go(func() {
				for i := range each / 8 {
					if status := send(t, l.addr, event(fmt.Sprintf("%s-%d-%d", name, s, i))); status != 200 {
						t.Errorf("%s: answered %d", name, status)
					}
				}
			})
		}
	}
	all.Go(func() {
		for range 5 {
			if r := w.run("journal", "list", "-o", "json"); r.code != 0 {
				t.Errorf("reading meanwhile: %d %s", r.code, r.err)
			}
		}
	})
	all.Wait()
	one.stop()
	two.stop()
	if n := len(recorded(t, w)); n != 2*8*(each/8) {
		t.Errorf("the journal has %d", n)
	}
}

// TestJournalThatIsTakenAway removes the journal under a listener. A delivery that would be recorded where nobody finds it is not
// answered 2xx, and the listener says why.
func TestJournalThatIsTakenAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen()
	if status := send(t, l.addr, event("1")); status != 200 {
		t.Errorf("answered %d", status)
	}
	if err := os.RemoveAll(w.path("data")); err != nil {
		t.Fatal(err)
	}
	if status := send(t, l.addr, event("2")); status != 503 {
		t.Errorf("answered %d without a journal", status)
	}
	if e := l.await("state"); e.str("state") != "storage_lost" || !strings.Contains(e.str("message"), "removed or replaced") || !strings.Contains(e.str("message"), "again") {
		t.Errorf("said %v", e)
	}
	l.stop()
}
