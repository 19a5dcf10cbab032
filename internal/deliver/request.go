package deliver

// A request as it goes out.

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// outgoing is a request that can be sent.
type outgoing struct {
	method string
	url    *url.URL
	target string // path and query as they are sent
	host   string // as the Host header has it
	addr   string // that is dialled
	header http.Header
	names  []string // of those headers that are sent, in order
	body   []byte
}

func newRequest(q Request) (*outgoing, error) {
	u, err := url.Parse(q.URL)
	if err != nil {
		return nil, fmt.Errorf("target is no URL: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("target must begin with http:// or https:// and name a host")
	}
	u.User, u.Fragment = nil, ""
	o := &outgoing{method: q.Method, url: u, target: q.RawTarget, host: u.Host, header: q.Header, body: q.Body}
	if o.target == "" {
		o.target = u.RequestURI()
	}
	if given := q.Header["Host"]; len(given) > 0 { // the user's; a request that net/http has read has none among its headers
		o.host = given[0]
	}
	o.host, o.addr = withoutZone(ascii(o.host)), address(u)
	o.names = sent(o.header, make([]string, 0, len(o.header)))
	return o, o.check()
}

// address is what is dialled for a URL.
func address(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return net.JoinHostPort(ascii(u.Hostname()), port)
}

// ascii writes a name in other letters as the network does (RFC 5890). net/http knows how.
func ascii(host string) string {
	if !strings.ContainsFunc(host, func(c rune) bool { return c > 0x7f }) {
		return host
	}
	var b bytes.Buffer
	r := http.Request{Method: http.MethodGet, URL: &url.URL{Scheme: "http", Host: host, Path: "/"}, Header: http.Header{"User-Agent": {""}}}
	if err := r.Write(&b); err != nil {
		return host // check refuses it
	}
	_, rest, _ := strings.Cut(b.String(), "Host: ")
	host, _, _ = strings.Cut(rest, "\r\n")
	return host
}

// withoutZone leaves out the zone of an IPv6 address, which means nothing to others (RFC 6874, 4).
func withoutZone(host string) string {
	end := strings.LastIndexByte(host, ']')
	if zone := strings.IndexByte(host, '%'); strings.HasPrefix(host, "[") && zone >= 0 && zone < end {
		return host[:zone] + host[end:]
	}
	return host
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
		for _, v := range o.header[name] {
			if strings.ContainsFunc(v, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
				return fmt.Errorf("the value of header %s holds a control character", name)
			}
		}
	}
	return nil
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
