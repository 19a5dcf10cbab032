package deliver

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"time"
)

const probeTimeout = 300 * time.Millisecond

// Probe looks for the mistake behind a refused connection by knocking where the program may be instead.
// It returns a hint with something to type, or "". It asks loopback addresses only.
func Probe(ctx context.Context, target string) string {
	u, err := url.Parse(target)
	if err != nil || u.Port() == "" {
		return ""
	}
	host, port := u.Hostname(), u.Port()
	other := map[string]string{"127.0.0.1": "::1", "::1": "127.0.0.1"}[host]
	if other != "" && listens(ctx, other, port) {
		return fmt.Sprintf("something listens on %s: use %s://localhost:%s, which tries both", net.JoinHostPort(other, port), u.Scheme, port)
	}
	if host != "localhost" && other == "" {
		return ""
	}
	if _, err := os.Stat("/.dockerenv"); err == nil {
		return fmt.Sprintf("start the program that should listen on port %s; if it runs on the machine around this container, use host.docker.internal:%s", port, port)
	}
	return fmt.Sprintf("start the program that should listen on port %s; if it runs in a container, publish the port: docker run -p %s:%s", port, port, port)
}

func listens(ctx context.Context, host, port string) bool {
	d := net.Dialer{Timeout: probeTimeout}
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}
