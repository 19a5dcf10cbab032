package serve

// Request targets that net/http does not accept. They are let through as they came.

import (
	"bytes"
	"strings"
	"time"
)

// requestLine lets through request targets that net/http refuses. net/http wants every % of a path to begin an escape
// (RFC 3986, 2.1). Node, nginx and gunicorn do not, and senders write /100%. Such a % is escaped on its way to net/http and
// restored before the handler reads it.
type requestLine struct {
	started bool // for a connection that is read for the first time
	open    bool // the first line of a request is yet to come
	reused  bool // the connection had requests before
	buf     []byte
	out     []byte // to be read next
	err     error  // after out
	raw     string // the request target as it came
	escaped string // and as net/http was given it; "" when it is the same
}

// begin prepares for the next request.
func (l *requestLine) begin(reused bool) {
	*l = requestLine{started: true, open: true, reused: reused}
}

// received returns the request target as it came. parsed is what net/http made of it.
func (l *requestLine) received(parsed string) string {
	if l.escaped == "" || l.escaped != parsed {
		return parsed
	}
	return l.raw
}

// read is the connection's Read. It holds a first line back until it is whole.
func (l *requestLine) read(c *Conn, p []byte) (int, error) {
	if !l.started {
		l.begin(false)
	}
	for {
		if len(l.out) > 0 {
			n := copy(p, l.out)
			l.out = l.out[n:]
			return n, nil
		}
		if err := l.err; err != nil {
			l.err = nil
			return 0, err
		}
		n, err := c.receive(p)
		if !l.open || len(p) == 0 {
			return n, err
		}
		end := bytes.IndexByte(p[:n], '\n')
		if len(l.buf) == 0 && (end >= 0 && bytes.IndexByte(p[:end], '%') < 0 || n == 0) {
			l.open = end < 0
			return n, err
		}
		l.buf = append(l.buf, p[:n]...)
		if end < 0 && err == nil && len(l.buf) < maxHeaderBytes {
			if l.reused { // else net/http would wait as long as for the next request
				_ = c.SetReadDeadline(time.Now().Add(c.room.limits.Header))
			}
			continue
		}
		l.open, l.err = false, err
		l.out = l.rewrite(l.buf)
		l.buf = nil
	}
}

// rewrite escapes what needs it in the request target of the first line.
func (l *requestLine) rewrite(b []byte) []byte {
	line, rest := b, []byte(nil)
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		line, rest = b[:i], b[i:]
	}
	first, last := bytes.IndexByte(line, ' '), bytes.LastIndexByte(line, ' ')
	if first < 0 || last == first {
		return b
	}
	raw := string(line[first+1 : last])
	escaped := escapePercent(raw)
	if escaped == raw {
		return b
	}
	l.raw, l.escaped = raw, escaped
	return append(append(append([]byte(nil), line[:first+1]...), escaped+string(line[last:])...), rest...)
}

// escapePercent escapes each % of a path that does not begin an escape. net/http does not check queries.
func escapePercent(requestTarget string) string {
	if !strings.HasPrefix(requestTarget, "/") {
		return requestTarget
	}
	path, query, has := strings.Cut(requestTarget, "?")
	var b strings.Builder
	for i := range len(path) {
		b.WriteByte(path[i])
		if path[i] == '%' && (i+2 >= len(path) || !isHex(path[i+1]) || !isHex(path[i+2])) {
			b.WriteString("25")
		}
	}
	if has {
		b.WriteString("?" + query)
	}
	return b.String()
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
