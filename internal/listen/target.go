package listen

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/fault"
)

// Target is where deliveries are handed on to.
type Target struct {
	URL  string // scheme://host:port, with the path when Fixed
	Name string // what people are shown: host:port and the path when Fixed
	Path string // "" keeps the delivery's own path; else this one is used, with the delivery's query
}

// ParseTarget reads PORT, PORT/PATH, HOST:PORT, HOST:PORT/PATH or a URL.
func ParseTarget(s string) (Target, error) {
	bad := func(why string) (Target, error) {
		return Target{}, fault.Hint(fault.New(fault.Usage, "cannot forward to %q: %s", s, why), "use --forward localhost:3000")
	}
	raw := s
	first, _, _ := strings.Cut(s, "/")
	if port, err := strconv.Atoi(first); err == nil {
		if port < 1 || port > 65535 {
			return bad("ports go from 1 to 65535")
		}
		raw = "http://localhost:" + s
	} else if !strings.Contains(s, "://") {
		raw = "http://" + s
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return bad("it is neither a port, HOST:PORT nor a URL")
	case u.Scheme != "http" && u.Scheme != "https":
		return bad("only http and https can be forwarded to")
	case u.Hostname() == "":
		return bad("it names no host")
	case u.User != nil:
		return bad("a user name or password does not belong in it; use --header 'Authorization: …'")
	case u.RawQuery != "" || u.ForceQuery:
		return bad("it has a query; the delivery's own query is kept")
	case u.Fragment != "":
		return bad("it has a fragment")
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > 65535 {
			return bad("ports go from 1 to 65535")
		}
	} else if strings.HasSuffix(u.Host, ":") {
		return bad("the port is missing")
	}
	t := Target{URL: u.Scheme + "://" + u.Host, Name: u.Host}
	if path := u.EscapedPath(); path != "" && path != "/" {
		t.Path, t.URL, t.Name = path, t.URL+path, t.Name+path
	}
	return t, nil
}

// rawTarget is the request target for a delivery whose own was received: as it came, or Path with the query as it came.
func (t Target) rawTarget(received string) string {
	received = originForm(received)
	if t.Path == "" {
		return received
	}
	if _, query, has := strings.Cut(received, "?"); has {
		return t.Path + "?" + query
	}
	return t.Path
}

// originForm takes scheme and host off a request target in absolute form, which a proxy would have been sent.
func originForm(target string) string {
	if strings.HasPrefix(target, "/") || target == "*" {
		return target
	}
	_, rest, found := strings.Cut(target, "://")
	if !found {
		return target
	}
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		if rest[i] == '?' {
			return "/" + rest[i:]
		}
		return rest[i:]
	}
	return "/"
}

// Loopback says whether addr (HOST:PORT) can be reached from this machine only.
func Loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
