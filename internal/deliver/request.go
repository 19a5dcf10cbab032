package deliver

// A request as it goes out.

import (
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
)

// outgoing is a request that can be sent.
type outgoing struct {
	*destination
	method string
	target string // path and query as they are sent
	host   string // as the Host header has it
	header http.Header
	names  []string // of those headers that are sent, in order
	body   []byte
}

func newRequest(to *destination, q Request) (*outgoing, error) {
	o := &outgoing{destination: to, method: q.Method, target: q.RawTarget, host: to.named, header: q.Header, body: q.Body}
	if o.target == "" {
		o.target = to.path
	}
	if given := q.Header["Host"]; len(given) > 0 { // the user's; a request that net/http has read has none among its headers
		o.host = withoutZone(ascii(given[0]))
	}
	o.names = sent(o.header, make([]string, 0, len(o.header)))
	return o, o.check()
}

// check refuses what a receiver could read as something else than it is.
func (o *outgoing) check() error {
	blank := func(c rune) bool { return c <= ' ' || c == 0x7f }
	switch {
	case !token(o.method):
		return fmt.Errorf("method %q cannot be sent", o.method)
	case o.target == "" || strings.ContainsFunc(o.target, blank):
		return errors.New("the request target holds a blank or a control character")
	case strings.ContainsFunc(o.host, func(c rune) bool { return blank(c) || c > 0x7f || strings.ContainsRune(`/\?#"<>^`+"`{|}", c) }):
		return fmt.Errorf("host %q cannot be sent", o.host)
	}
	for _, name := range o.names {
		if !token(name) {
			return fmt.Errorf("header name %q cannot be sent", name)
		}
		if slices.ContainsFunc(o.header[name], controls) {
			return fmt.Errorf("the value of header %s holds a control character", name)
		}
	}
	return nil
}

// controls says whether a text holds a control character that no header may have.
func controls(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' && c != '\t' || c == 0x7f {
			return true
		}
	}
	return false
}

// token says whether a text is a name as HTTP has it (RFC 9110, 5.6.2).
func token(text string) bool {
	for i := range len(text) {
		c := text[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return text != ""
}

// appendHead appends the request up to its body.
func (o *outgoing) appendHead(b []byte) []byte {
	b = append(append(append(b, o.method...), ' '), o.target...)
	b = append(append(b, " HTTP/1.1\r\nHost: "...), o.host...)
	b = append(b, "\r\n"...)
	b = appendHeader(b, "User-Agent", o.header["User-Agent"])
	if len(o.body) > 0 || lengthExpected(o.method) {
		b = strconv.AppendInt(append(b, "Content-Length: "...), int64(len(o.body)), 10)
		b = append(b, "\r\n"...)
	}
	for _, name := range o.names {
		if name != "User-Agent" {
			b = appendHeader(b, name, o.header[name])
		}
	}
	return append(b, "\r\n"...)
}

func appendHeader(b []byte, name string, values []string) []byte {
	for _, v := range values {
		b = append(append(b, name...), ": "...)
		b = append(append(b, textproto.TrimString(v)...), "\r\n"...)
	}
	return b
}

// lengthExpected says whether servers want to be told that a request of this method has no body.
func lengthExpected(method string) bool {
	return method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch
}

// alone says whether a request has a connection of its own. An empty one that says it may come twice is not to do so unasked.
func (o *outgoing) alone() bool {
	_, has := o.header["Idempotency-Key"]
	_, old := o.header["X-Idempotency-Key"]
	return len(o.body) == 0 && (has || old) && !usuallyBare(o.method)
}

// usuallyBare says whether requests of a method have no body.
func usuallyBare(method string) bool {
	return slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace}, method)
}
