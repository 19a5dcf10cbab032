package e2e

import (
	"strings"
	"testing"
)

// TestTargetsThatMisbehave forwards to targets with broken answers. The sender gets 502, the attempt says why, and the listener
// still ends at the first ^C.
func TestTargetsThatMisbehave(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ answer, hint string }{
		"another protocol": {"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\nhello", ""},
		"not HTTP":         {"SSH-2.0-OpenSSH_9.6\r\nConnection: close\r\n\r\n", ""},
		"TLS":              {"\x15\x03\x01\x00\x02\x02\x16", "https://"},
		"huge header":      {"HTTP/1.1 200 OK\r\nX-A: " + strings.Repeat("a", 600_000) + "\r\nConnection: close\r\n\r\n", ""},
		"two lengths":      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello", ""},
		"broken chunks":    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\nhello", ""},
		"status of a word": {"HTTP/1.1 abc OK\r\nConnection: close\r\n\r\n", ""},
		"only a status":    {"HTTP/1.1 200 OK\r\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tg := newTarget(t, func(message) string { return c.answer })
			l := w.listen("--forward", tg.addr, "--timeout", "2s")
			if m := exchange(t, l.addr, delivery(event("1"))); m.status != 502 && (m.status != 504 || name != "only a status") {
				t.Errorf("the sender got %s %.60q", m.start, m.body)
			}
			a := l.await("attempt")
			if a.str("error") == "" || a.num("status") != 0 || !strings.Contains(a.str("hint"), c.hint) {
				t.Errorf("the attempt says status %v, error %q, hint %q", a["status"], a.str("error"), a.str("hint"))
			}
			l.stop()
		})
	}
}

// TestPipelinedDeliveries sends three deliveries without waiting for an answer: three answers come, in order.
func TestPipelinedDeliveries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := newTarget(t, func(m message) string {
		return "HTTP/1.1 200 OK\r\nX-Echo: " + string(m.body[13:14]) + "\r\nContent-Length: 0\r\n\r\n"
	})
	l := w.listen("--forward", tg.addr)
	all := ""
	for _, id := range []string{"1", "2", "3"} {
		raw := string(delivery(event(id)))
		if id != "3" {
			raw = strings.Replace(raw, "Connection: close\r\n", "", 1)
		}
		all += raw
	}
	conn := dial(t, l.addr)
	if _, err := conn.Write([]byte(all)); err != nil {
		t.Fatal(err)
	}
	answers := make([]byte, 0, 1000)
	b := make([]byte, 1000)
	for {
		n, err := conn.Read(b)
		answers = append(answers, b[:n]...)
		if err != nil {
			break
		}
	}
	got := strings.Count(string(answers), "HTTP/1.1 200 OK\r\n")
	one, two, three := strings.Index(string(answers), "X-Echo: 1"), strings.Index(string(answers), "X-Echo: 2"), strings.Index(string(answers), "X-Echo: 3")
	if got != 3 || one < 0 || two < one || three < two {
		t.Errorf("%d answers: %q", got, answers)
	}
	l.stop()
}
