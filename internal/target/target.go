// Package target knows where deliveries are handed on to, how that is done, and what came of it.
package target

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/netname"
)

// Target is where deliveries are handed on to.
type Target struct {
	URL   string // scheme://host:port, with Path; without Query, which may hold a secret and is never shown
	Name  string // what people are shown: the name they gave, else host:port and Path
	Named bool   // they gave one
	Path  string // "" keeps the delivery's own path; else this one is used, with the delivery's query
	Query string // its parameters come before the delivery's

	Here bool // it stays on this machine: an address that its name resolves to is checked when it is dialled

	Header  http.Header   // set on every message
	Timeout time.Duration // to wait for the whole answer; 0: for ever
}

// Label is what records call the target: the name that people gave it, else its URL. A name stays when the address changes.
func (t Target) Label() string {
	if t.Named {
		return t.Name
	}
	return t.URL
}

// Origin is the target's scheme, host and port.
func (t Target) Origin() string { return strings.TrimSuffix(t.URL, t.Path) }

// Parse reads PORT, HOST:PORT or a URL, each with or without a path and a query, after NAME= or without it.
func Parse(s string) (Target, error) {
	name, rest := netname.CutName(s)
	u, err := netname.ParseTarget(rest)
	switch {
	case errors.Is(err, netname.ErrUserInfo):
		return Target{}, fault.Hint(fault.New(fault.Usage, "cannot forward to a URL with a user name or password in it"),
			"leave it out and add --header 'Authorization: …'")
	case err != nil:
		shown, _, _ := strings.Cut(s, "?") // what follows may be a secret
		return Target{}, fault.Hint(fault.New(fault.Usage, "cannot forward to %q: %s", shown, err), "use --forward localhost:3000")
	}
	if host := u.Hostname(); !strings.Contains(host, ".") && masking.Secret(host) {
		return Target{}, fault.Hint(fault.New(fault.Usage, "cannot forward to what looks like a key or a token and no host"),
			"write --forward localhost:3000, and the key into a file: --secret-file FILE")
	}
	t := Target{URL: u.Scheme + "://" + u.Host, Name: u.Host, Query: u.RawQuery}
	if path := u.EscapedPath(); path != "" && path != "/" {
		t.Path, t.URL, t.Name = path, t.URL+path, t.Name+path
	}
	if name != "" {
		t.Name, t.Named = name, true
	}
	return t, nil
}

// Address is the URL that a delivery whose request line named received is sent to.
func (t Target) Address(received string) string { return t.Origin() + t.requestTarget(received) }

// requestTarget is what a request line names for a delivery whose request line named received: the same, or Path with the same query.
// The parameters of Query come before those of the delivery.
func (t Target) requestTarget(received string) string {
	if t.Path == "" && (t.Query == "" || received == "*") {
		return received
	}
	path, query, has := strings.Cut(received, "?")
	if t.Path != "" {
		path = t.Path
	}
	if has || t.Query != "" {
		path += "?" + netname.JoinQuery(t.Query, query)
	}
	return path
}
