package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// TestTargetsThatAreNoGoodEscapes sends paths with a % that begins no escape, as Node, nginx and gunicorn allow. They are recorded
// and forwarded as they came, in whatever pieces they come, and on kept connections too.
func TestTargetsThatAreNoGoodEscapes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := okTarget(t)
	l := w.listen("--forward", tg.addr)
	body := event("1")
	n := 0
	check := func(target string) {
		t.Helper()
		if got := tg.nth(t, n); got.start != "POST "+target+" HTTP/1.1" || !bytes.Equal(got.body, body) {
			t.Errorf("%s: the target got %q", target, got.start)
		}
		if d := l.await("delivery"); d.str("path") != target || d.sub("verdict").str("reason") != "valid" {
			t.Errorf("%s: recorded as %q, %v", target, d.str("path"), d["verdict"])
		}
		n++
	}
	targets := []string{
		"/a%zz", "/%", "/a%", "/a%2", "/100%/x", "/%25zz", "/%%25", "/a%zz?b=%zz&%", "/caf%e9%c3%", "/ok%2Fok", "/x?%",
		"/" + strings.Repeat("%z", 3000),
	}
	for _, target := range targets {
		if m := exchange(t, l.addr, request("POST", target, signedHeader(testKey, time.Now(), body), body)); m.status != 200 {
			t.Errorf("%.40s: answered %s", target, m.start)
			continue
		}
		check(target)
	}
	conn := dial(t, l.addr)
	r := bufio.NewReader(conn)
	for i, target := range targets[:8] {
		raw := bytes.Replace(request("POST", target, signedHeader(testKey, time.Now(), body), body), []byte("Connection: close\r\n"), nil, 1)
		size := []int{1, 2, 7, len(raw)}[i%4]
		for part := raw; len(part) > 0; part = part[min(size, len(part)):] {
			if _, err := conn.Write(part[:min(size, len(part))]); err != nil {
				t.Fatal(err)
			}
		}
		if m, err := readMessage(r, false); err != nil || m.status != 200 {
			t.Fatalf("%s in pieces of %d: answered %s, %v", target, size, m.start, err)
		}
		check(target)
	}
	l.stop()
}

// TestPiecesOfRequestsAreNoRequestLines pipelines bodies that look like requests with such a path: not a byte changes.
func TestPiecesOfRequestsAreNoRequestLines(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := okTarget(t)
	l := w.listen("--forward", tg.addr)
	body := []byte("POST /a%zz HTTP/1.1\r\nHost: x\r\n\r\nGET /%zz HTTP/1.1\r\n")
	raw := bytes.Replace(request("POST", "/", signedHeader(testKey, time.Now(), body), body), []byte("Connection: close\r\n"), nil, 1)
	conn := dial(t, l.addr)
	if _, err := conn.Write(bytes.Repeat(raw, 6)); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(conn)
	for i := range 6 {
		if m, err := readMessage(r, false); err != nil || m.status != 200 {
			t.Fatalf("number %d: answered %s, %v", i, m.start, err)
		}
		if got := tg.nth(t, i); !bytes.Equal(got.body, body) {
			t.Errorf("number %d: the target got %q", i, got.body)
		}
	}
	l.stop()
}

// TestWhyARequestCouldNotBeRead: each cause has words of its own.
func TestWhyARequestCouldNotBeRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen()
	for _, c := range []struct{ raw, answer, said string }{
		{"POST / HTTP/1.1\r\nHost: a\r\nX-A: " + strings.Repeat("a", 100<<10) + "\r\n\r\n", "431", "over 64 KiB"},
		{"POST / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", "400", "no valid HTTP"},
		{"hello\r\n\r\n", "400", "no valid HTTP"},
		{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", "501", "transfer encoding"},
		{"POST / HTTP/3.0\r\nHost: a\r\n\r\n", "505", "HTTP version"},
		{"\x16\x03\x01\x00\x05hello\r\n\r\n", "400", "speaks TLS"},
		{"POST / HTTP/1.1\r\nHost: a\r\nX-Half", "", "broke off"},
	} {
		conn := dial(t, l.addr)
		_, _ = io.WriteString(conn, c.raw)
		if tcp, is := conn.(interface{ CloseWrite() error }); is && c.answer == "" {
			_ = tcp.CloseWrite()
		}
		answer, _ := io.ReadAll(conn)
		if c.answer != "" && !strings.HasPrefix(string(answer), "HTTP/1.1 "+c.answer+" ") {
			t.Errorf("%.20q: answered %.40q", c.raw, answer)
		}
		_ = conn.Close()
		if !eventually(func() bool { return strings.Contains(l.out.String(), c.said) }) {
			t.Errorf("%.20q: %q is not said", c.raw, c.said)
		}
	}
	l.stop()
	for _, e := range l.rest("error") {
		if !strings.Contains(e.str("message"), "could not be read: ") {
			t.Errorf("said %q", fmt.Sprint(e))
		}
	}
}
