package listen

import (
	"errors"
	"strings"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
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
	u, err := netname.ParseTarget(s)
	switch {
	case errors.Is(err, netname.ErrUserInfo):
		return Target{}, fault.Hint(fault.New(fault.Usage, "cannot forward to a URL with a user name or password in it"),
			"leave it out and add --header 'Authorization: …'")
	case err != nil:
		return bad(err.Error())
	case u.RawQuery != "" || u.ForceQuery:
		return bad("it has a query; the delivery's own query is kept")
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
