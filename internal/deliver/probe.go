package deliver

// Looking for the mistake behind a request that got no answer.

import (
	"context"
	"crypto/tls"
	"net"
	"net/url"
	"os"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
)

const probeTimeout = 300 * time.Millisecond

// Probe looks for the mistake behind a delivery that got no answer: it knocks where the program may be instead, and on a
// port that ended a connection without a byte it looks for TLS. It returns a hint with something to type, or none. It asks
// loopback addresses only.
func Probe(ctx context.Context, target string, r Result) fault.Step {
	u, err := url.Parse(target)
	if err != nil || u.Port() == "" || !netname.Loopback(u.Hostname()) {
		return fault.Step{}
	}
	unchecked := &tls.Config{InsecureSkipVerify: true} //nolint:gosec // nothing is sent, and nothing is concluded from the certificate
	switch {
	case r.Cause == Refused:
		return elsewhere(ctx, u)
	case r.Cause == Cut && r.Silent && u.Scheme == "http" && opens(ctx, &tls.Dialer{Config: unchecked}, u.Host):
		return fault.NextStep("the target speaks TLS: use %s instead of http://", at(u, "https", u.Host))
	default:
		return fault.Step{}
	}
}

// Opens says whether a connection to the host of a URL can be made. Nothing is sent on it.
func Opens(ctx context.Context, target string) bool {
	u, err := url.Parse(target)
	return err == nil && opens(ctx, &net.Dialer{}, address(u))
}

// elsewhere looks for a program at the other loopback addresses. localhost may stand for one of them alone.
func elsewhere(ctx context.Context, u *url.URL) fault.Step {
	host, port := u.Hostname(), u.Port()
	for _, other := range []string{"127.0.0.1", "::1"} {
		if addr := net.JoinHostPort(other, port); other != host && opens(ctx, &net.Dialer{}, addr) {
			return fault.NextStep("something listens on %s: use %s", fault.Word(addr), at(u, u.Scheme, addr))
		}
	}
	if _, err := os.Stat("/.dockerenv"); err == nil {
		return fault.NextStep("start the program that should listen on port %s; if it runs on the machine around this container, use %s",
			fault.Word(port), fault.Word("host.docker.internal:"+port))
	}
	return fault.NextStep("start the program that should listen on port %s; if it runs in a container, publish the port: %s",
		fault.Word(port), fault.Command("docker run -p", port+":"+port))
}

// at is the URL at another scheme or address, without its query, which may hold a secret.
func at(u *url.URL, scheme, host string) fault.Words {
	moved := url.URL{Scheme: scheme, Host: host, Path: u.Path, RawPath: u.RawPath}
	return fault.Word(moved.String())
}

// contextDialer is net.Dialer and tls.Dialer.
type contextDialer interface {
	DialContext(ctx context.Context, network, addr string) (net.Conn, error)
}

// opens says whether a connection can be made, over TLS its handshake included. Nothing is sent on it.
func opens(ctx context.Context, d contextDialer, addr string) bool {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}
