package deliver

// Where requests go, worked out of a URL.

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// destination is a URL read. It is not changed.
type destination struct {
	text  string // as it was given
	url   *url.URL
	path  string // with the query, as it is sent
	named string // the host as the Host header has it
	addr  string // that is dialled
	place string // by which connections are kept
}

// destination reads a URL, unless it is the one that was read last: most clients send to one.
func (c *Client) destination(text string) (*destination, error) {
	if last := c.last.Load(); last != nil && last.text == text {
		return last, nil
	}
	d, err := newDestination(text)
	if err == nil {
		c.last.Store(d)
	}
	return d, err
}

func newDestination(text string) (*destination, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("target is no URL: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("target must begin with http:// or https:// and name a host")
	}
	u.User, u.Fragment = nil, ""
	d := &destination{text: text, url: u, path: u.RequestURI(), named: withoutZone(ascii(u.Host)), addr: address(u)}
	d.place = u.Scheme + " " + d.addr
	return d, nil
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
