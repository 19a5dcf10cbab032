package craft

// Requests that were saved to a file.

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/fault"
)

// Saved is a raw HTTP request that somebody saved: head, blank line, body.
type Saved struct {
	Method string
	Target string // the request target as written
	Host   string
	Header http.Header
	Body   []byte
}

const maxHead = 1 << 20

// ParseRequest reads a saved HTTP request. Lines of the head end with LF or CRLF. The body is everything after the blank
// line, byte for byte, or as much as Content-Length says. A body that is shorter than that is an error. Chunks are joined.
func ParseRequest(raw []byte) (Saved, error) {
	bad := func(format string, args ...any) (Saved, error) {
		return Saved{}, fault.Hint(fault.New(fault.Usage, "not a raw HTTP request: "+format, args...),
			"save it as it went over the wire: request line, headers, blank line, body")
	}
	head, body, ok := splitHead(raw)
	if !ok {
		return bad("no blank line ends its headers")
	}
	if len(head) > maxHead {
		return bad("its headers are larger than %d KiB", maxHead>>10)
	}
	head, target := withoutPath(asHTTP1(head))
	// net/http reads the head alone, so that the body stays as it was saved.
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(head)))
	if err != nil {
		return bad("%s", headProblem(err))
	}
	q := Saved{Method: r.Method, Target: cmp.Or(target, r.RequestURI), Host: r.Host, Header: r.Header, Body: body}
	if len(r.TransferEncoding) > 0 {
		if q.Body, err = unchunk(head, body); err != nil {
			return bad("its chunked body is broken")
		}
		return q, nil
	}
	if text := r.Header.Get("Content-Length"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return bad("its Content-Length is not a number")
		}
		if n > int64(len(body)) {
			return Saved{}, fault.New(fault.Usage, "the saved request is cut off: its body has %d bytes, its Content-Length says %d", len(body), n)
		}
		q.Body = body[:n]
	}
	return q, nil
}

func headProblem(err error) string {
	text := err.Error()
	if i := strings.IndexByte(text, '"'); i > 0 {
		text = strings.TrimSpace(text[:i]) // what follows is input
	}
	return text
}

func splitHead(raw []byte) (head, body []byte, ok bool) {
	for at := 0; at < len(raw); {
		i := bytes.IndexByte(raw[at:], '\n')
		if i < 0 {
			return nil, nil, false
		}
		line := bytes.TrimSuffix(raw[at:at+i], []byte("\r"))
		at += i + 1
		if len(line) == 0 {
			return raw[:at], raw[at:], true
		}
	}
	return nil, nil, false
}

// asHTTP1 changes the version of the request line to HTTP/1.1. Tools save requests of later versions in the same form.
func asHTTP1(head []byte) []byte {
	end := max(bytes.IndexByte(head, '\n'), 0)
	line := bytes.TrimSuffix(head[:end], []byte("\r"))
	for _, version := range []string{" HTTP/2", " HTTP/2.0", " HTTP/3", " HTTP/3.0"} {
		if target, ok := bytes.CutSuffix(line, []byte(version)); ok {
			return slices.Concat(target, []byte(" HTTP/1.1"), head[len(line):])
		}
	}
	return head
}

// withoutPath takes a path out of the request line and returns it. net/http refuses some that a receiver took, such as /100%.
func withoutPath(head []byte) (rest []byte, path string) {
	end := max(bytes.IndexByte(head, '\n'), 0)
	words := bytes.Split(bytes.TrimSuffix(head[:end], []byte("\r")), []byte(" "))
	if len(words) != 3 || !bytes.HasPrefix(words[1], []byte("/")) {
		return head, ""
	}
	return slices.Concat(words[0], []byte(" / "), words[2], head[end:]), string(words[1])
}

func unchunk(head, body []byte) ([]byte, error) {
	r, err := http.ReadRequest(bufio.NewReader(io.MultiReader(bytes.NewReader(head), bytes.NewReader(body))))
	if err != nil {
		return nil, fmt.Errorf("head: %w", err)
	}
	defer func() { _ = r.Body.Close() }()
	return io.ReadAll(r.Body) // it is no longer than body
}
