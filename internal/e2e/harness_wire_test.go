package e2e

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// hmacHex is HMAC-SHA256 in hex over the parts, computed apart from the product.
func hmacHex(key string, parts ...[]byte) string {
	mac := hmac.New(sha256.New, []byte(key))
	for _, p := range parts {
		_, _ = mac.Write(p)
	}
	return hex.EncodeToString(mac.Sum(nil))
}

// signedHeader is the baanx header lines for a body at a time, ready to be put into a request.
func signedHeader(key string, at time.Time, body []byte) string {
	ts := strconv.FormatInt(at.Unix(), 10)
	return "X-Timestamp: " + ts + "\r\nX-Signature: " + hmacHex(key, []byte(ts+"."), body) + "\r\n"
}

// request is a raw HTTP/1.1 request that closes its connection. header is lines that end in CRLF.
func request(method, target, header string, body []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: hooks.example.test\r\nConnection: close\r\n%s", method, target, header)
	if len(body) > 0 || method == "POST" || method == "PUT" {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n")
	b.Write(body)
	return b.Bytes()
}

// delivery is a POST of body to / that is signed with the test key, now.
func delivery(body []byte) []byte {
	return request("POST", "/", "Content-Type: application/json\r\n"+signedHeader(testKey, time.Now(), body), body)
}

// event is a small body that carries an event.
func event(id string) []byte {
	return []byte(`{"event_id":"` + id + `","event_type":"card.activated"}`)
}

// message is an HTTP message as it stood on the wire, taken apart no further than needed.
type message struct {
	start  string
	head   []string // header lines in order, without line ends
	body   []byte   // without chunk framing
	status int      // of an answer
}

// values gives every value of a header in order.
func (m message) values(name string) []string {
	var found []string
	for _, line := range m.head {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.EqualFold(k, name) {
			found = append(found, strings.TrimSpace(v))
		}
	}
	return found
}

func (m message) value(name string) string { return strings.Join(m.values(name), "\x00") }

// readMessage reads one message. With toEnd a body without length goes on until the connection ends.
func readMessage(r *bufio.Reader, toEnd bool) (message, error) {
	var m message
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return m, err
		}
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			break
		}
		if m.start == "" {
			m.start = line
		} else {
			m.head = append(m.head, line)
		}
	}
	if fields := strings.Fields(m.start); strings.HasPrefix(m.start, "HTTP/") && len(fields) > 1 {
		m.status, _ = strconv.Atoi(fields[1])
	}
	var err error
	switch {
	case m.status/100 == 1 || m.status == 204 || m.status == 304:
	case strings.EqualFold(m.value("Transfer-Encoding"), "chunked"):
		m.body, err = readChunks(r)
	case m.value("Content-Length") != "":
		n, perr := strconv.Atoi(m.value("Content-Length"))
		if perr != nil {
			return m, perr
		}
		m.body = make([]byte, n)
		var got int
		got, err = io.ReadFull(r, m.body)
		m.body = m.body[:got]
	case toEnd:
		m.body, err = io.ReadAll(r)
	}
	return m, err
}

func readChunks(r *bufio.Reader) ([]byte, error) {
	var body []byte
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return body, err
		}
		n, err := strconv.ParseInt(strings.TrimRight(line, "\r\n"), 16, 64)
		if err != nil {
			return body, err
		}
		chunk := make([]byte, n)
		if _, err := io.ReadFull(r, chunk); err != nil {
			return body, err
		}
		body = append(body, chunk...)
		if n == 0 { // trailer lines, then a blank one
			for {
				line, err := r.ReadString('\n')
				if err != nil || strings.TrimRight(line, "\r\n") == "" {
					return body, err
				}
			}
		}
		if _, err := r.ReadString('\n'); err != nil {
			return body, err
		}
	}
}

func dial(t testing.TB, addr string) net.Conn {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// exchange sends raw bytes over a connection of their own and reads the one answer.
func exchange(t testing.TB, addr string, raw []byte) message {
	t.Helper()
	conn := dial(t, addr)
	go func() { _, _ = conn.Write(raw) }() // the answer may come before all of it is sent
	m, err := readMessage(bufio.NewReader(conn), true)
	if err != nil && (m.status == 0 || m.status < 400) { // a refusal may end in a reset, as not all of the request was read
		t.Fatalf("no whole answer: %v, got %q and %d bytes", err, m.start, len(m.body))
	}
	_ = conn.Close()
	return m
}

// target is a server on raw sockets: it keeps each request as it came and answers with raw bytes.
type target struct {
	addr string
	ln   net.Listener

	mu   sync.Mutex
	got  []message
	more chan struct{} // closed and replaced with each request
}

const okAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

// answerOf is a raw answer; head is lines that end in CRLF.
func answerOf(status, head, body string) string {
	return fmt.Sprintf("HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s", status, head, len(body), body)
}

// answering is a raw answer of a status and nothing else.
func answering(status int) string { return answerOf(strconv.Itoa(status)+" Because", "", "") }

// newTarget answers every request with what answer makes of it; an empty answer means none at all, and the connection
// stays open until the test ends.
func newTarget(t testing.TB, answer func(message) string) *target {
	t.Helper()
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	tg := &target{addr: ln.Addr().String(), ln: ln, more: make(chan struct{})}
	var conns sync.WaitGroup
	over := make(chan struct{})
	conns.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			conns.Go(func() { tg.serve(conn, answer, over) })
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		close(over)
		conns.Wait()
	})
	return tg
}

func okTarget(t testing.TB) *target {
	t.Helper()
	return newTarget(t, func(message) string { return okAnswer })
}

func (tg *target) serve(conn net.Conn, answer func(message) string, over <-chan struct{}) {
	defer func() { _ = conn.Close() }()
	closed := make(chan struct{})
	defer close(closed)
	go func() {
		select {
		case <-over:
			_ = conn.Close()
		case <-closed:
		}
	}()
	r := bufio.NewReader(conn)
	for {
		m, err := readMessage(r, false)
		if err != nil {
			return
		}
		tg.mu.Lock()
		tg.got = append(tg.got, m)
		close(tg.more)
		tg.more = make(chan struct{})
		tg.mu.Unlock()
		raw := answer(m)
		if raw == "" {
			<-over
			return
		}
		if _, err := io.WriteString(conn, raw); err != nil || !strings.HasPrefix(raw, "HTTP/") || textHas(raw, "Connection", "close") {
			return
		}
	}
}

// textHas says whether the head of a raw answer has a header with this value.
func textHas(raw, name, value string) bool {
	r := textproto.NewReader(bufio.NewReader(strings.NewReader(raw)))
	if _, err := r.ReadLine(); err != nil {
		return false
	}
	h, _ := r.ReadMIMEHeader()
	return h.Get(name) == value
}

// count is how many requests have come.
func (tg *target) count() int {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	return len(tg.got)
}

// all gives what has come so far.
func (tg *target) all() []message {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	return append([]message(nil), tg.got...)
}

// nth waits for request n, counted from 0.
func (tg *target) nth(t testing.TB, n int) message {
	t.Helper()
	over := time.After(patience)
	for {
		tg.mu.Lock()
		got, more := tg.got, tg.more
		tg.mu.Unlock()
		if len(got) > n {
			return got[n]
		}
		select {
		case <-more:
		case <-over:
			t.Fatalf("the target got %d requests, want number %d", len(got), n)
		}
	}
}

// closedPort is an address on which nothing listens. Its port is below those that systems give out, so that no test beside this one
// gets it.
func closedPort(t testing.TB) string {
	t.Helper()
	for range 100 {
		var lc net.ListenConfig
		ln, err := lc.Listen(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000)))
		if err == nil {
			_ = ln.Close()
			return ln.Addr().String()
		}
	}
	t.Fatal("no port is free")
	return ""
}

// inTurn is a receiver that gives one answer after the other; the last one stays.
func inTurn(t testing.TB, raw ...string) *target {
	t.Helper()
	var n atomic.Int64
	return newTarget(t, func(message) string { return raw[min(int(n.Add(1)), len(raw))-1] })
}

// outsideAddress is an address of this machine that is not loopback, "" when there is none.
func outsideAddress() string {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return ""
	}
	for _, a := range addrs {
		if ip, is := a.(*net.IPNet); is && !ip.IP.IsLoopback() && ip.IP.IsGlobalUnicast() && ip.IP.To4() != nil {
			return ip.IP.String()
		}
	}
	return ""
}

// outside counts connections to an address of this machine that is not loopback. Where there is none it is an address
// that nobody has.
func outside(t testing.TB) *target {
	t.Helper()
	tg := &target{addr: "192.0.2.1:443", more: make(chan struct{})}
	ip := outsideAddress()
	if ip == "" {
		return tg
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", net.JoinHostPort(ip, "0"))
	if err != nil {
		t.Fatal(err)
	}
	tg.addr, tg.ln = ln.Addr().String(), ln
	var accepting sync.WaitGroup
	accepting.Go(func() { tg.countConnections(ln) })
	t.Cleanup(func() {
		_ = ln.Close()
		accepting.Wait()
	})
	return tg
}

func (tg *target) countConnections(ln net.Listener) {
	for {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		_ = conn.Close()
		tg.mu.Lock()
		tg.got = append(tg.got, message{start: "connection"})
		close(tg.more)
		tg.more = make(chan struct{})
		tg.mu.Unlock()
	}
}
