package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// bigAnswer is larger than what sockets hold.
func bigAnswer() string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", 30<<20, strings.Repeat("x", 30<<20))
}

// deaf sends a delivery and reads nothing of its answer.
func deaf(t *testing.T, addr string, raw []byte) net.Conn {
	t.Helper()
	conn := dial(t, addr)
	if _, err := conn.Write(raw); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestSecondTryIsRecordedWhileTheFirstIsAnswered has a sender that does not read the answer to its first try. The second try is
// recorded, forwarded and answered meanwhile. The sender that does not read is cut off, and ^C does not wait for it.
func TestSecondTryIsRecordedWhileTheFirstIsAnswered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	answer := bigAnswer()
	tg := newTarget(t, func(message) string { return answer })
	l := w.listen("--forward", tg.addr, "--timeout", "2s")
	stuck := deaf(t, l.addr, delivery(event("same")))
	tg.nth(t, 0)
	first := l.await("delivery")
	for range 3 {
		began := time.Now()
		if m := exchange(t, l.addr, delivery(event("same"))); m.status != 200 || len(m.body) != 30<<20 {
			t.Errorf("a later try was answered %s with %d bytes", m.start, len(m.body))
		}
		if took := time.Since(began); took > 15*time.Second {
			t.Errorf("it took %s", took)
		}
		if d := l.await("delivery"); d.str("duplicateOf") != first.str("id") {
			t.Errorf("duplicateOf %v", d["duplicateOf"])
		}
	}
	if n := len(jsonOf[[]object](t, w.must(0, "journal", "list", "-o", "json"))); n != 4 {
		t.Errorf("%d deliveries are recorded, want 4", n)
	}
	if e := l.await("error"); !strings.Contains(e.str("message"), "did not read the answer") {
		t.Errorf("said %v", e)
	}
	_ = stuck.SetReadDeadline(time.Now().Add(patience))
	if n, err := io.Copy(io.Discard, stuck); n >= 30<<20 {
		t.Errorf("the sender that did not read got %d bytes after all, %v", n, err)
	}
	for recorded := ""; recorded != first.str("id"); {
		recorded = l.await("attempt").str("deliveryId")
	}
	shown := jsonOf[struct {
		Attempts []struct {
			Answer int    `json:"answer"`
			Error  string `json:"error"`
		} `json:"attempts"`
	}](t, w.must(0, "journal", "show", first.str("id"), "-o", "json"))
	if a := shown.Attempts; len(a) != 1 || a[0].Answer != 0 || a[0].Error != "" {
		t.Errorf("attempts %v", a)
	}
	deaf(t, l.addr, delivery(event("at the end")))
	tg.nth(t, 4)
	began := time.Now()
	l.stop()
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("the first ^C took %s", took)
	}
}

// TestDuplicateIsSettledAfterwards: whether the first try had been answered is known when its sender has read all; what was
// recorded meanwhile says so then.
func TestDuplicateIsSettledAfterwards(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	answer := bigAnswer()
	tg := newTarget(t, func(message) string { return answer })
	l := w.listen("--forward", tg.addr)
	for _, c := range []struct {
		id    string
		reads bool
	}{{"read", true}, {"unread", false}} {
		conn := deaf(t, l.addr, delivery(event(c.id)))
		r := bufio.NewReader(conn)
		if _, err := r.ReadString('\n'); err != nil { // the answer has begun
			t.Fatal(err)
		}
		exchange(t, l.addr, delivery(event(c.id)))
		if c.reads {
			if n, err := io.Copy(io.Discard, io.LimitReader(r, 30<<20)); n < 30<<20 {
				t.Errorf("read %d, %v", n, err)
			}
		} else {
			_ = conn.Close()
		}
		l.await("attempt")
		l.await("attempt")
	}
	l.stop()
	for _, d := range jsonOf[[]object](t, w.must(0, "journal", "list", "-o", "json")) {
		if d.truth("duplicate") && d.truth("duplicateAnswered") != (d.str("eventId") == "read") {
			t.Errorf("%s: duplicateAnswered %v", d.str("eventId"), d["duplicateAnswered"])
		}
	}
}

// TestHalfClosedSenderHasItsAnswer sends as nc -N does: it closes its sending half and reads the answer. The next try knows of
// it. Who closes all of the connection has none.
func TestHalfClosedSenderHasItsAnswer(t *testing.T) {
	t.Parallel()
	if onWindows() {
		return // where the two cannot be told apart
	}
	w := newWorld(t)
	release := make(chan struct{})
	tg := newTarget(t, func(message) string {
		<-release
		return "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok"
	})
	l := w.listen("--forward", tg.addr)
	half, whole := dial(t, l.addr), dial(t, l.addr)
	for id, conn := range map[string]net.Conn{"half": half, "whole": whole} {
		if _, err := conn.Write(delivery(event(id))); err != nil {
			t.Fatal(err)
		}
	}
	tg.nth(t, 1)
	if tcp, is := half.(*net.TCPConn); is {
		_ = tcp.CloseWrite()
	}
	_ = whole.Close()
	close(release)
	if m, err := readMessage(bufio.NewReader(half), true); err != nil || m.status != 201 || string(m.body) != "ok" {
		t.Errorf("got %q %q, %v", m.start, m.body, err)
	}
	answers := map[int]int{}
	for range 2 {
		answers[l.await("attempt").num("answer")]++
	}
	if answers[201] != 1 || answers[0] != 1 {
		t.Errorf("recorded answers %v, want one 201 and one 0", answers)
	}
	for _, id := range []string{"half", "whole"} {
		exchange(t, l.addr, delivery(event(id)))
	}
	l.stop()
	for _, d := range jsonOf[[]object](t, w.must(0, "journal", "list", "-o", "json")) {
		if d.truth("duplicate") && d.truth("duplicateAnswered") != (d.str("eventId") == "half") {
			t.Errorf("%s: duplicateAnswered %v", d.str("eventId"), d["duplicateAnswered"])
		}
	}
}
