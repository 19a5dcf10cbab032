package craft

// Requests that were saved to a file.

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// Saved is a request that somebody saved.
type Saved struct {
	Form   Form
	Method string
	URL    string // the whole of it, as the form says it; or ""
	Target string // the request target as written
	Host   string
	Header http.Header
	Body   []byte
	Doubt  Doubt
	Err    error // why this one of a list cannot be read
}

// Form is how a request is written down.
type Form string

// The forms.
const (
	FormHTTP  Form = "http" // head, blank line, body, as on the wire
	FormCurl  Form = "curl"
	FormFetch Form = "fetch" // a call of JavaScript's fetch
	FormHAR   Form = "har"
	FormEvent Form = "function_event"  // what a platform for functions hands to one
	FormPanel Form = "developer_tools" // headers as a browser's developer tools show them, :method: and the like among them
)

// Doubt is why the bytes of a body may not be those that came.
type Doubt string

// The doubts. A form that holds text has no place for bytes that are none.
const (
	NoDoubt   Doubt = ""
	DoubtText Doubt = "text" // the form holds text
	DoubtSize Doubt = "size" // the form says another size than its text has
	DoubtCmd  Doubt = "cmd"  // a copy for Windows' cmd: tabs, line breaks and, from some browsers, all that is not ASCII are changed
)

// ReadSaved reads a request in any form. many says that the form is a list, which may hold several or one.
func ReadSaved(raw []byte) (all []Saved, many bool, err error) {
	text := bytes.TrimPrefix(raw, []byte("\ufeff"))
	start := bytes.TrimLeft(text, " \t\r\n")
	switch {
	case bytes.HasPrefix(start, []byte("{")), bytes.HasPrefix(start, []byte("[")):
		return readJSON(start)
	case beginsFetch(start):
		q, err := parseFetch(start)
		return []Saved{q}, false, err
	case bytes.HasPrefix(start, []byte(":")):
		q, err := parsePanel(start)
		return []Saved{q}, false, err
	case beginsCurl(start):
		c, err := ParseCurl(start)
		if err != nil {
			return nil, false, err
		}
		if c.File != "" {
			return nil, false, fault.Hint(fault.New(fault.Usage, "this curl command has its body in %q", c.File), "name the file of the body, and the command with --curl")
		}
		return []Saved{c.Saved}, false, nil
	default:
		q, err := ParseRequest(raw)
		return []Saved{q}, false, err
	}
}

func beginsCurl(start []byte) bool {
	word, _, _ := bytes.Cut(start[:min(len(start), 64)], []byte(" "))
	return isCurl(string(bytes.TrimSpace(word)))
}

// LooksSaved says whether bytes begin like a raw request, a curl command or a fetch, which hardly any body does.
func LooksSaved(raw []byte) bool {
	line, _, found := bytes.Cut(raw, []byte("\n"))
	words := strings.Fields(string(line[:min(len(line), 8<<10)]))
	request := found && len(words) == 3 && strings.HasPrefix(words[2], "HTTP/") && strings.ToUpper(words[0]) == words[0]
	start := bytes.TrimLeft(raw, " \t\r\n")
	return request || beginsFetch(start) || beginsCurl(start)
}

// setURL takes host and target from a URL, as it is written.
func (q *Saved) setURL(text string) error {
	if strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c == 0x7f }) {
		return errURL
	}
	how, rest, _ := strings.Cut(text, "://")
	if how = strings.ToLower(how); how != "http" && how != "https" {
		return errURL
	}
	rest, _, _ = strings.Cut(rest, "#")
	host, target := rest, "/"
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		host, target = rest[:i], rest[i:]
	}
	if target[0] == '?' {
		target = "/" + target
	}
	if _, own, has := strings.Cut(host, "@"); has {
		host = own
	}
	if host == "" {
		return errURL
	}
	q.Host, q.Target, q.URL = host, target, how+"://"+host+target
	return nil
}

// addHeader adds a header that a file names.
func addHeader(h http.Header, name, value string) error {
	value = scheme.TrimBlanks(value)
	if !scheme.ValidHeaderName(name) || strings.ContainsFunc(value, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
		return errHeader
	}
	h.Add(name, value)
	return nil
}

// text sets a body that the form holds as text.
func (q *Saved) text(body string) {
	q.Body = []byte(body)
	if len(body) > 0 && q.Doubt == NoDoubt {
		q.Doubt = DoubtText
	}
}

var (
	errURL    = errors.New("its URL is none that whctl can read")
	errHeader = errors.New("a header of it is none")
)

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
	q := Saved{Form: FormHTTP, Method: r.Method, Target: cmp.Or(target, r.RequestURI), Host: r.Host, Header: r.Header, Body: body}
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
			return Saved{}, fault.Hint(fault.New(fault.Usage, "the saved request is cut off: its body has %s, its Content-Length says %d", fault.Plural(len(body), "byte"), n),
				"save it whole: no signature holds for a part of a body")
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
		start := at
		at += i + 1
		if len(bytes.Trim(line, " \t")) == 0 { // Postman's raw view has a blank in the line
			return append(slices.Clip(raw[:start]), "\r\n"...), raw[at:], true
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
