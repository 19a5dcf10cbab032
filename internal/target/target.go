// Package target knows where deliveries are handed on to, how that is done, and what came of it.
package target

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
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

	Subject string // of a broker's messages, or their topic, with its placeholders; "" is a program that takes requests
	Access  Access // what the broker asks for
	Dedupe  Dedupe // how its stream is kept from taking an event twice

	Header  http.Header   // set on every request
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

// Broker says whether deliveries are messages there and not requests.
func (t Target) Broker() bool { return t.Subject != "" }

// Kafka says whether that broker is Kafka.
func (t Target) Kafka() bool {
	scheme, _ := netname.Broker(t.URL)
	return scheme == netname.Kafka
}

// Hosts are where the target is, each as HOST:PORT. A broker may have several, and any will do.
func (t Target) Hosts() []string { return netname.Hosts(t.URL) }

// ParseHTTP is Parse for what sends requests alone.
func ParseHTTP(s string) (Target, error) {
	t, err := Parse(s)
	if err == nil && t.Broker() {
		return Target{}, fault.Hint(fault.New(fault.Usage, "%s is a broker, and only whctl listen hands over to one", t.Name),
			"send deliveries there through the queue of its listener: whctl replay --target NAME")
	}
	return t, err
}

// Parse reads PORT, HOST:PORT or a URL, each with or without a path and a query, or nats://HOST/SUBJECT or kafka://HOST/TOPIC with one host
// or several, after NAME= or without it.
func Parse(s string) (Target, error) {
	name, rest := netname.CutName(s)
	broker, isBroker := netname.Broker(rest)
	u, err := netname.ParseTarget(rest)
	switch {
	case errors.Is(err, netname.ErrUserInfo):
		return Target{}, withUserInfo(broker)
	case err != nil:
		shown, _, _ := strings.Cut(s, "?") // what follows may be a secret
		return Target{}, fault.Hint(fault.New(fault.Usage, "cannot forward to %q: %s", shown, err), "use --forward localhost:3000")
	}
	if slices.ContainsFunc(netname.Hosts(rest), looksSecret) {
		return Target{}, fault.Hint(fault.New(fault.Usage, "cannot forward to what looks like a key or a token and no host"),
			"write --forward localhost:3000, and the key into a file: --secret-file FILE")
	}
	t := Target{URL: u.Scheme + "://" + u.Host, Name: u.Host, Query: u.RawQuery}
	if isBroker {
		read := map[string]func(*url.URL) (string, error){netname.NATS: subjectOf, netname.Kafka: topicOf}[broker]
		if t.Subject, err = read(u); err != nil {
			return Target{}, err
		}
		t.URL, t.Name = t.URL+"/"+t.Subject, t.Name+"/"+t.Subject
	} else if path := u.EscapedPath(); path != "" && path != "/" {
		t.Path, t.URL, t.Name = path, t.URL+path, t.Name+path
	}
	if name != "" {
		t.Name, t.Named = name, true
	}
	return t, nil
}

// looksSecret says whether a HOST:PORT is a key or a token that somebody took for a host.
func looksSecret(hostPort string) bool {
	host, _, _ := net.SplitHostPort(hostPort)
	return !strings.Contains(host, ".") && masking.Secret(host)
}

// withUserInfo is the error of a URL with a secret in it, by its broker's scheme.
func withUserInfo(broker string) error {
	switch broker {
	case netname.NATS:
		return fault.Hint(fault.New(fault.Usage, "cannot forward to a URL with a user name, password or token in it"),
			"leave it out, write USER:PASSWORD or the token into a file, and add --nats-creds FILE")
	case netname.Kafka:
		return fault.Hint(fault.New(fault.Usage, "cannot forward to a URL with a user name or password in it"),
			"leave it out, write USER:PASSWORD into a file, and add --kafka-creds FILE")
	default:
		return fault.Hint(fault.New(fault.Usage, "cannot forward to a URL with a user name or password in it"),
			"leave it out and add --header 'Authorization: …'")
	}
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
