package e2e

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// odd are bodies that something on the way might be tempted to change.
func odd() map[string][]byte {
	large := make([]byte, 5<<20)
	_, _ = rand.Read(large)
	return map[string][]byte{
		"NUL bytes":           {0, 1, 0, 'a', 0},
		"invalid UTF-8":       []byte("{\"a\":\"\xff\xfe\xc3\x28\"}"),
		"CRLF":                []byte("a\r\nb\r\n\r\n"),
		"BOM":                 []byte("\xef\xbb\xbf{\"a\":1}"),
		"pretty JSON":         []byte("{\n  \"a\": 1.00,\n\t\"b\" : [ ]\n}\n"),
		"duplicate keys":      []byte(`{"a":1,"a":2,"A":3}`),
		"numbers and escapes": []byte(`{"n":1e400,"m":-0,"big":12345678901234567890123,"e":"\u00e9\/"}`),
		"5 MiB at random":     large,
		"empty":               {},
		"looks like chunks":   []byte("5\r\nhello\r\n0\r\n\r\n"),
		"blanks at the ends":  []byte("  \n{}\n  \n"),
	}
}

// TestForwardKeepsEveryByte sends each body signed and as it stands, once with a length and once in chunks, and looks at
// what arrives on the other side's socket.
func TestForwardKeepsEveryByte(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := okTarget(t)
	l := w.listen("--forward", tg.addr, "--body", "none")
	n := 0
	for name, body := range odd() {
		for way, raw := range map[string][]byte{name: delivery(body), name + ", in chunks": inChunks(body)} {
			if m := exchange(t, l.addr, raw); m.status != 200 {
				t.Errorf("%s: answered %s %s", way, m.start, m.body)
				continue
			}
			if got := tg.nth(t, n); !bytes.Equal(got.body, body) {
				t.Errorf("%s: the target got %.80q, sent was %.80q", way, got.body, body)
			}
			n++
			checkRecorded(t, w, way, l.await("delivery"), body)
		}
	}
	l.stop()
}

// checkRecorded compares what a delivery's line and the journal hold with the body that was sent.
func checkRecorded(t *testing.T, w *world, way string, d object, body []byte) {
	t.Helper()
	if reason := d.sub("verdict").str("reason"); reason != "valid" || d.num("size") != len(body) {
		t.Errorf("%s: verdict %s, size %d", way, reason, d.num("size"))
	}
	if !bytes.Equal(bodyIn(t, d), body) {
		t.Errorf("%s: the JSON line holds another body", way)
	}
	if r := w.must(0, "journal", "show", d.str("id"), "--raw"); r.out != string(body) {
		t.Errorf("%s: the journal holds another body", way)
	}
}

// bodyIn is the body in a delivery's JSON.
func bodyIn(t *testing.T, d object) []byte {
	t.Helper()
	text, has := d["body"].(string)
	if has {
		return []byte(text)
	}
	b, err := base64.StdEncoding.DecodeString(d.str("bodyBase64"))
	if err != nil {
		t.Error(err)
	}
	return b
}

// inChunks is a signed delivery of body in chunks of uneven sizes.
func inChunks(body []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "POST / HTTP/1.1\r\nHost: hooks.example.test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n%s\r\n",
		signedHeader(testKey, time.Now(), body))
	for size := 1; len(body) > 0; size = size*3 + 1 {
		part := body[:min(size, len(body))]
		body = body[len(part):]
		fmt.Fprintf(&b, "%x\r\n%s\r\n", len(part), part)
	}
	b.WriteString("0\r\n\r\n")
	return b.Bytes()
}

// TestForwardKeepsTheRequest looks at methods, targets and headers on the other side's socket.
func TestForwardKeepsTheRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := okTarget(t)
	l := w.listen("--forward", "http://"+tg.addr)
	header := "x-rEPEATED: one\r\nX-Repeated: two\r\nx-repeated: two\r\nX-Empty:\r\nX-Latin: caf\xe9\r\nX-Spaces:   in  side   \r\n" +
		"Accept-Encoding: br\r\nCookie: a=1; b=2\r\nUser-Agent: sender/1\r\nX-Forwarded-For: 192.0.2.7\r\nTE: trailers\r\nX-Hop: gone\r\n" +
		"Keep-Alive: 5\r\nAuthorization: Bearer abc\r\n"
	for i, c := range []struct{ method, target string }{
		{"POST", "/a%2Fb;c=1/?q=%2F;x=%20&empty&=&a=1;b=2"},
		{"PUT", "//double//slash/../up?%zz&%"},
		{"GET", "/"},
		{"DELETE", "/hooks/%E2%82%AC?x=a+b"},
		{"PATCH", "/?"},
		{"PROPFIND", "/weird|chars^`{}\"<>"},
		{"HEAD", "/head"},
		{"OPTIONS", "/o"},
	} {
		var body []byte
		if c.method == "POST" || c.method == "PUT" || c.method == "PATCH" {
			body = []byte("body of " + c.method)
		}
		raw := request(c.method, c.target, header+signedHeader(testKey, time.Now(), body), body)
		raw = bytes.Replace(raw, []byte("Connection: close"), []byte("Connection: close, X-Hop"), 1)
		if m := exchange(t, l.addr, raw); m.status != 200 {
			t.Errorf("%s %s: answered %s", c.method, c.target, m.start)
			continue
		}
		got := tg.nth(t, i)
		if want := c.method + " " + c.target + " HTTP/1.1"; got.start != want {
			t.Errorf("the target got %q, want %q", got.start, want)
		}
		if !bytes.Equal(got.body, body) {
			t.Errorf("%s: body %q", c.method, got.body)
		}
		checkForwarded(t, c.method, got, tg.addr)
		if d := l.await("delivery"); d.str("path") != c.target || d.str("method") != c.method {
			t.Errorf("the JSON line says %s %s, sent was %s %s", d.str("method"), d.str("path"), c.method, c.target)
		}
	}
	l.stop()
}

func checkForwarded(t *testing.T, method string, got message, addr string) {
	t.Helper()
	for name, want := range map[string][]string{
		"X-Repeated":        {"one", "two", "two"},
		"X-Empty":           {""},
		"X-Latin":           {"caf\xe9"},
		"X-Spaces":          {"in  side"},
		"Accept-Encoding":   {"br"},
		"Cookie":            {"a=1; b=2"},
		"User-Agent":        {"sender/1"},
		"Authorization":     {"Bearer abc"},
		"Host":              {addr},
		"X-Forwarded-Host":  {"hooks.example.test"},
		"X-Forwarded-Proto": {"http"},
		"X-Hop":             nil,
		"Keep-Alive":        nil,
		"TE":                nil,
	} {
		if values := got.values(name); !slices.Equal(values, want) {
			t.Errorf("%s: the target got %s %q, want %q", method, name, values, want)
		}
	}
	if hops := got.values("X-Forwarded-For"); strings.Join(hops, ", ") != "192.0.2.7, 127.0.0.1" {
		t.Errorf("%s: X-Forwarded-For %q", method, hops)
	}
	for _, line := range got.head { // nothing of our own making
		name, _, _ := strings.Cut(line, ":")
		if !slices.Contains([]string{
			"X-Repeated", "X-Empty", "X-Latin", "X-Spaces", "Accept-Encoding", "Cookie", "User-Agent", "Authorization", "Host", "X-Timestamp",
			"X-Signature", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Content-Length", "Whctl-Hop",
		}, textproto.CanonicalMIMEHeaderKey(name)) {
			t.Errorf("%s: the target got a header that nobody sent: %q", method, line)
		}
	}
}

// TestAnswerComesBackAsItIs looks at the sender's socket: status, every header value and the body are the target's.
func TestAnswerComesBackAsItIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	blob := make([]byte, 300_000)
	_, _ = rand.Read(blob)
	answers := []struct {
		raw    string
		status int
		body   string
	}{
		{"HTTP/1.1 299 Odd\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nX-Twice: 1\r\nX-Twice: 1\r\nContent-Length: 4\r\n\r\n\x00\xff\r\n", 299, "\x00\xff\r\n"},
		{"HTTP/1.1 500 No\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", 500, "abc"},
		{"HTTP/1.1 302 Go\r\nLocation: http://127.0.0.1:1/elsewhere\r\nContent-Length: 0\r\n\r\n", 302, ""},
		{"HTTP/1.1 204 None\r\nX-Twice: 2\r\n\r\n", 204, ""},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n", 200, "abcdefg"},
		{"HTTP/1.1 418 Tea\r\nConnection: close\r\n\r\nuntil the end", 418, "until the end"},
		{"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 201 Created\r\nContent-Type: text/plain; charset=latin1\r\nContent-Length: 1\r\n\r\n\xe9", 201, "\xe9"},
		{"HTTP/1.1 200 OK\r\nContent-Length: " + strconv.Itoa(len(blob)) + "\r\n\r\n" + string(blob), 200, string(blob)},
		{"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nDate: yesterday\r\nServer: odd\r\nContent-Length: 0\r\n\r\n", 401, ""},
	}
	var current atomic.Int64
	tg := newTarget(t, func(message) string { return answers[current.Load()].raw })
	l := w.listen("--forward", tg.addr)
	for i, a := range answers {
		current.Store(int64(i))
		m := exchange(t, l.addr, delivery(event(strconv.Itoa(i))))
		if m.status != a.status || string(m.body) != a.body {
			t.Errorf("%d: the sender got %s and %.60q, want %d and %.60q", i, m.start, m.body, a.status, a.body)
		}
		_, rest, _ := strings.Cut(a.raw, "HTTP/1.1 "+strconv.Itoa(a.status))
		head, _, _ := strings.Cut(rest, "\r\n\r\n")
		want := message{head: strings.Split(head, "\r\n")[1:]}
		for _, line := range append(want.head, "Content-Type:", "Date:", "Server:", "Set-Cookie:") {
			name, _, _ := strings.Cut(line, ":")
			if hop := []string{"Connection", "Transfer-Encoding", "Content-Length"}; slices.Contains(hop, name) {
				continue
			}
			if got := m.values(name); !slices.Equal(got, want.values(name)) {
				t.Errorf("%d: the sender got %s %q, the target sent %q", i, name, got, want.values(name))
			}
		}
		if at := l.await("attempt"); at.num("status") != a.status {
			t.Errorf("%d: the attempt says %v", i, at)
		}
	}
	l.stop()
}

// TestAnswerThatBreaksOffIsNoWholeAnswer has a target that promises more than it sends. The sender must not take that for a whole
// answer, whether or not its beginning was passed on already.
func TestAnswerThatBreaksOffIsNoWholeAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var size atomic.Int64
	tg := newTarget(t, func(message) string {
		n := int(size.Load())
		return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", 2*n, strings.Repeat("x", n))
	})
	l := w.listen("--forward", tg.addr)

	size.Store(5)
	if m := exchange(t, l.addr, delivery(event("1"))); m.status != 502 {
		t.Errorf("the sender got %s, want 502", m.start)
	}
	if a := l.await("attempt"); a.str("error") == "" {
		t.Errorf("the attempt names no error: %v", a)
	}

	size.Store(1 << 20)
	conn := dial(t, l.addr)
	if _, err := conn.Write(delivery(event("2"))); err != nil {
		t.Fatal(err)
	}
	if m, err := readMessage(bufio.NewReader(conn), true); err == nil {
		t.Errorf("the sender got %s with %d bytes as a whole answer", m.start, len(m.body))
	}
	if a := l.await("attempt"); a.str("error") == "" {
		t.Errorf("the attempt names no error: %v", a)
	}
	l.stop()
}
