package e2e

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestTooLargeIsReadableWhileSending has senders that are still sending when the 413 comes: they must see the answer and
// not a connection that was reset.
func TestTooLargeIsReadableWhileSending(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen("--max-body", "100KiB")
	body := bytes.Repeat([]byte("0123456789abcdef"), 1<<19) // 8 MiB
	for name, raw := range map[string][]byte{
		"announced": delivery(body),
		"in chunks": inChunks(body),
	} {
		conn := dial(t, l.addr)
		sent := make(chan error, 1)
		go func() {
			_, err := conn.Write(raw)
			sent <- err
		}()
		if err := <-sent; err != nil { // reads the answer only when all was sent, as many clients do
			t.Errorf("%s: the sender was cut off: %v", name, err)
		}
		m, err := readMessage(bufio.NewReader(conn), true)
		if err != nil || m.status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: the sender got %q, %v", name, m.start, err)
		}
		d := l.await("delivery")
		kept, _ := d["truncated"].(bool)
		if d.num("answer") != 413 || !kept || len(d.str("body")) > 64<<10 {
			t.Errorf("%s: answer %v, truncated %v, %d bytes kept", name, d["answer"], kept, len(d.str("body")))
		}
	}

	// a sender that asks first is told without sending
	conn := dial(t, l.addr)
	_, _ = fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8388608\r\nExpect: 100-continue\r\n\r\n")
	m, err := readMessage(bufio.NewReader(conn), true)
	if err != nil || m.status != http.StatusRequestEntityTooLarge {
		t.Errorf("with Expect: got %q, %v", m.start, err)
	}
	l.stop()
}

// TestExactlyTheLimitPasses sends a body of just the limit's size and one of a byte more, with a length and in chunks.
func TestExactlyTheLimitPasses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen("--max-body", "1000")
	for _, c := range []struct{ size, status int }{{999, 200}, {1000, 200}, {1001, 413}} {
		body := bytes.Repeat([]byte("x"), c.size)
		for _, raw := range [][]byte{delivery(body), inChunks(body)} {
			if m := exchange(t, l.addr, raw); m.status != c.status {
				t.Errorf("%d bytes: answered %s, want %d", c.size, m.start, c.status)
			}
		}
	}
	l.stop()
}

// TestBrokenRequests sends what no sender should: none of it may end the listener, be recorded as a delivery or reach
// the target, and a good delivery passes afterwards.
func TestBrokenRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := okTarget(t)
	l := w.listen("--forward", tg.addr)
	sig := signedHeader(testKey, time.Now(), []byte("hello"))
	for name, raw := range map[string]string{
		"two lengths":           "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n" + sig + "\r\nhello",
		"negative length":       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n" + sig + "\r\nhello",
		"length as hex":         "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n" + sig + "\r\nhello",
		"unknown coding":        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n" + sig + "\r\n5\r\nhello\r\n0\r\n\r\n",
		"blank in name":         "POST / HTTP/1.1\r\nHost: a\r\nX A: 1\r\n" + sig + "Content-Length: 5\r\n\r\nhello",
		"no host":               "POST / HTTP/1.1\r\n" + sig + "Content-Length: 5\r\n\r\nhello",
		"two hosts":             "POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\n" + sig + "Content-Length: 5\r\n\r\nhello",
		"huge header":           "POST / HTTP/1.1\r\nHost: a\r\nX-A: " + strings.Repeat("a", 100<<10) + "\r\n" + sig + "Content-Length: 5\r\n\r\nhello",
		"many headers":          "POST / HTTP/1.1\r\nHost: a\r\n" + strings.Repeat("X-A: b\r\n", 20_000) + sig + "Content-Length: 5\r\n\r\nhello",
		"not HTTP":              "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n",
		"broken chunk":          "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n" + sig + "\r\nzz\r\nhello\r\n0\r\n\r\n",
		"chunk size overflows":  "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n" + sig + "\r\nffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
		"ends in the body":      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n" + sig + "\r\nhello",
		"control in the target": "POST /\x1b[2J HTTP/1.1\r\nHost: a\r\n" + sig + "Content-Length: 5\r\n\r\nhello",
		"absolute target":       "POST http://hooks.example.test/a?b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + sig + "Content-Length: 5\r\n\r\nhello",
		"nothing":               "",
	} {
		conn := dial(t, l.addr)
		_, _ = io.WriteString(conn, raw)
		if tcp, is := conn.(interface{ CloseWrite() error }); is {
			_ = tcp.CloseWrite()
		}
		answer, _ := io.ReadAll(conn)
		if strings.HasPrefix(string(answer), "HTTP/1.1 2") {
			t.Errorf("%s: answered %.60q", name, answer)
		}
		if strings.Contains(name, "chunk") && !strings.HasPrefix(string(answer), "HTTP/1.1 400") {
			t.Errorf("%s: answered %.60q, want 400", name, answer)
		}
		_ = conn.Close()
	}
	if m := exchange(t, l.addr, delivery(event("good"))); m.status != 200 {
		t.Errorf("a good delivery was answered %s", m.start)
	}
	d := l.await("delivery")
	if d.str("eventId") != "good" || tg.count() != 1 {
		t.Errorf("first delivery %q, the target got %d requests", d.str("path"), tg.count())
	}
	l.stop()
	if n := len(jsonOf[[]object](t, w.must(0, "journal", "list", "-o", "json"))); n != 1 {
		t.Errorf("%d deliveries in the journal, want 1", n)
	}
}

// TestHeaderThatIsNotUTF8: JSON cannot hold such a value as text, so its bytes are there in base64.
func TestHeaderThatIsNotUTF8(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen()
	const odd = "caf\xe9 \xff"
	body := event("odd")
	exchange(t, l.addr, request("POST", "/", "X-Odd: "+odd+"\r\nX-Odd: plain\r\n"+signedHeader(testKey, time.Now(), body), body))
	l.await("delivery")
	l.stop()
	d := jsonOf[object](t, w.must(0, "journal", "show", "last", "-o", "json")).sub("delivery")
	want := base64.StdEncoding.EncodeToString([]byte(odd))
	if got := fmt.Sprint(d.sub("headersBase64")); got != fmt.Sprintf("map[X-Odd:[%s cGxhaW4=]]", want) {
		t.Errorf("headersBase64 is %s, want %s", got, want)
	}
}

// TestUnusualRequests sends what is rare and right: it is taken, and handed on as it came.
func TestUnusualRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := okTarget(t)
	l := w.listen("--forward", tg.addr)
	sig := signedHeader(testKey, time.Now(), []byte("hello"))
	for i, c := range []struct{ name, raw, start string }{
		{"HTTP/1.0", "POST /a HTTP/1.0\r\n" + sig + "Content-Length: 5\r\n\r\nhello", "POST /a HTTP/1.1"},
		{"asks first", "POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\n" + sig + "Content-Length: 5\r\n\r\nhello", "POST /a HTTP/1.1"},
		{"trailer", "POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n" + sig + "\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n", "POST /a HTTP/1.1"},
		{"bare line feeds", strings.ReplaceAll("POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"+sig+"Content-Length: 5\r\n\r\n", "\r\n", "\n") + "hello", "POST /a HTTP/1.1"},
		{"own method", "NOTIFY-ME /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + sig + "Content-Length: 5\r\n\r\nhello", "NOTIFY-ME /a HTTP/1.1"},
	} {
		conn := dial(t, l.addr)
		_, _ = io.WriteString(conn, c.raw)
		r := bufio.NewReader(conn)
		m, err := readMessage(r, true)
		if err == nil && m.status == 100 {
			m, err = readMessage(r, true)
		}
		if err != nil || m.status != 200 {
			t.Errorf("%s: got %q, %v", c.name, m.start, err)
			continue
		}
		got := tg.nth(t, i)
		if got.start != c.start || string(got.body) != "hello" {
			t.Errorf("%s: the target got %q with %q", c.name, got.start, got.body)
		}
	}
	l.stop()
}
