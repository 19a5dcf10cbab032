package deliver

import (
	"context"
	"net"
	"net/url"
	"os"
	"time"

	"github.com/whctl/whctl/internal/fault"
)

const probeTimeout = 300 * time.Millisecond

// Probe looks for the mistake behind a refused connection by knocking where the program may be instead.
// It returns a hint with something to type, or none. It asks loopback addresses only.
func Probe(ctx context.Context, target string) fault.Step {
	u, err := url.Parse(target)
	if err != nil || u.Port() == "" {
		return fault.Step{}
	}
	host, port := u.Hostname(), u.Port()
	other := map[string]string{"127.0.0.1": "::1", "::1": "127.0.0.1"}[host]
	if other != "" && listens(ctx, other, port) {
		return fault.NextStep("something listens on %s: use %s, which tries both",
			fault.Word(net.JoinHostPort(other, port)), fault.Word(u.Scheme+"://localhost:"+port))
	}
	if host != "localhost" && other == "" {
		return fault.Step{}
	}
	if _, err := os.Stat("/.dockerenv"); err == nil {
		return fault.NextStep("start the program that should listen on port %s; if it runs on the machine around this container, use %s",
			fault.Word(port), fault.Word("host.docker.internal:"+port))
	}
	return fault.NextStep("start the program that should listen on port %s; if it runs in a container, publish the port: %s",
		fault.Word(port), fault.Command("docker run -p", port+":"+port))
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
