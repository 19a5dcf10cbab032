package e2e

import (
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// TestRequestTargetsThatAreNoPaths sends requests for a proxy, and the preface of HTTP/2. None is recorded or reaches the target,
// and each kind is said.
func TestRequestTargetsThatAreNoPaths(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := okTarget(t)
	l := w.listen("--forward", tg.addr)
	body := event("1")
	sig := signedHeader(testKey, time.Now(), body)
	for _, c := range []struct{ method, target, want string }{
		{"POST", "http://hooks.example.test/", "400"},
		{"POST", "HTTP://hooks.example.test", "400"},
		{"GET", "https://hooks.example.test/x?y", "400"},
		{"POST", "ftp://hooks.example.test/", "400"},
		{"POST", "mailto:somebody", "400"},
		{"POST", "hooks.example.test:80", "400"},
		{"POST", "relative/path", "400"},
		{"POST", "?query", "400"},
		{"POST", "**", "400"},
		{"POST", "/#/hooks.example.test", "400"},
		{"POST", "/a?b#c", "400"},
		{"POST", "/a%zz#c", "400"},
		{"CONNECT", "hooks.example.test:443", "400"},
		{"CONNECT", "/", "400"},
		{"CONNECT", "*", "400"},
		{"PRI", "/", "505"},
		{"PRI", "*", "505"},
	} {
		if m := exchange(t, l.addr, request(c.method, c.target, sig, body)); !strings.HasPrefix(m.start, "HTTP/1.1 "+c.want+" ") {
			t.Errorf("%s %s: answered %s, want %s", c.method, c.target, m.start, c.want)
		}
	}
	conn := dial(t, l.addr)
	_, _ = io.WriteString(conn, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00")
	if answer, _ := io.ReadAll(conn); !strings.HasPrefix(string(answer), "HTTP/1.1 505 ") || !strings.Contains(string(answer), "HTTP/1.1") {
		t.Errorf("HTTP/2 was answered %.60q", answer)
	}
	for _, target := range []string{"*", "/", "//two", "/http://x/", "/?http://x"} {
		if m := exchange(t, l.addr, request("OPTIONS", target, signedHeader(testKey, time.Now(), nil), nil)); m.status != 200 {
			t.Errorf("OPTIONS %s: answered %s", target, m.start)
		}
	}
	l.stop()
	var said strings.Builder
	for _, e := range l.rest("error") {
		said.WriteString(e.str("message"))
	}
	for _, want := range []string{"asked for another host", "HTTP/2 without TLS"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("%q is not said: %s", want, said.String())
		}
	}
	if n := len(jsonOf[[]object](t, w.must(0, "journal", "list", "-o", "json"))); n != 5 || tg.count() != 5 {
		t.Errorf("%d deliveries in the journal and %d at the target, want 5", n, tg.count())
	}
}

// TestListenerIsNoTargetOfItself names the listener's own address in every form that can be dialled.
func TestListenerIsNoTargetOfItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, port, err := net.SplitHostPort(closedPort(t))
	if err != nil {
		t.Fatal(err)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ addr, target string }{
		{"127.0.0.1", "127.0.0.1:%s"},
		{"127.0.0.1", "%s"},
		{"127.0.0.1", "%s/hooks"},
		{"127.0.0.1", "localhost:%s"},
		{"127.0.0.1", "https://LOCALHOST:%s/x"},
		{"127.0.0.1", "0.0.0.0:%s"},
		{"127.0.0.1", "http://[::ffff:127.0.0.1]:%s"},
		{"localhost", "127.0.0.1:%s"},
		{"0.0.0.0", "127.0.0.1:%s"},
		{"0.0.0.0", "127.9.9.9:%s"},
		{"0.0.0.0", "0.0.0.0:%s"},
		{"0.0.0.0", host + ":%s"},
	} {
		target, shown := fmt.Sprintf(c.target, port), strings.Replace(c.addr, "localhost", "127.0.0.1", 1)+":"+port
		r := w.run("listen", "--addr", net.JoinHostPort(c.addr, port), "--forward", closedPort(t), "--forward", target,
			"--no-verify", "--for", "1ms")
		if strings.Contains(r.err, "port is in use") {
			continue // another test was given it in the meantime
		}
		if r.code != 2 || !strings.Contains(r.err, "is this listener itself, at "+shown+"\n") || !strings.Contains(r.err, "\nhint: ") {
			t.Errorf("--addr %s --forward %s: exit code %d, %s", c.addr, target, r.code, r.err)
		}
	}
	for _, c := range []struct{ addr, target string }{
		{"127.0.0.1", closedPort(t)},
		{"127.0.0.1", "127.0.0.2:%s"},
		{"127.0.0.1", "192.0.2.1:%s"},
		{"127.0.0.1", "no-such-name.invalid:%s"},
	} {
		target := strings.ReplaceAll(c.target, "%s", port)
		if r := w.run("listen", "--addr", net.JoinHostPort(c.addr, port), "--forward", target, "--no-verify", "--for", "1ms"); r.code != 0 &&
			!strings.Contains(r.err, "port is in use") {
			t.Errorf("--addr %s --forward %s: exit code %d, %s", c.addr, target, r.code, r.err)
		}
	}
}

// TestCirclesEnd has two listeners that forward to each other, and marks of other listeners.
func TestCirclesEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	// A relay knows nothing of circles: it forwards what it gets.
	to := make(chan string, 1)
	relay := newTarget(t, func(m message) string {
		addr := <-to
		to <- addr
		raw := m.start + "\r\n" + strings.Join(m.head, "\r\n") + "\r\n\r\n" + string(m.body)
		back := exchange(t, addr, []byte(strings.Replace(raw, "\r\nHost:", "\r\nConnection: close\r\nHost:", 1)))
		return fmt.Sprintf("%s\r\nContent-Length: %d\r\n\r\n%s", back.start, len(back.body), back.body)
	})
	l := w.listen("--forward", relay.addr)
	to <- l.addr
	if m := exchange(t, l.addr, delivery(event("round"))); m.status != 508 {
		t.Errorf("a circle was answered %s", m.start)
	}
	if e := l.await("error"); !strings.Contains(e.str("message"), "came back") {
		t.Errorf("error %v", e)
	}
	if relay.count() != 1 {
		t.Errorf("it went round %d times", relay.count())
	}
	<-to
	ok := okTarget(t)
	to <- ok.addr
	body := event("marks")
	for marks, want := range map[string]int{
		"Whctl-Hop: a\r\nWhctl-Hop: b\r\nwhctl-hop: c, d,e\r\n":        200,
		"Whctl-Hop: a,b,c,d,e,f\r\n":                                   508,
		strings.Repeat("Whctl-Hop: x\r\n", 6):                          508,
		"Whctl-Hop: a, b\r\nWHCTL-HOP: c, d\r\nWhctl-Hop: e, f, g\r\n": 508,
	} {
		if m := exchange(t, l.addr, request("POST", "/", marks+signedHeader(testKey, time.Now(), body), body)); m.status != want {
			t.Errorf("%q: answered %s, want %d", marks, m.start, want)
		}
	}
	l.stop()
	if n := len(jsonOf[[]object](t, w.must(0, "journal", "list", "-o", "json"))); n != 2 {
		t.Errorf("%d deliveries in the journal, want the two that were handed on", n)
	}
}
