package listen

// What settings of a project file may not do.

import (
	"context"
	"net"
	"net/http"
	"net/netip"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/serve"
)

// open binds the address to listen on. The address of a project file must be loopback, whatever its name resolves to.
func (o *options) open(ctx context.Context) (net.Listener, error) {
	if !o.foreign.addr || o.foreign.trusted {
		return serve.Open(ctx, o.set.Addr)
	}
	ln, err := serve.OpenLocal(ctx, o.set.Addr)
	return ln, fault.Hint(err, "name another yourself: --addr 127.0.0.1:0")
}

// onlyHere refuses to dial an address off this machine, whatever its name was.
func onlyHere(ip netip.Addr) error {
	if netname.LoopbackIP(ip) {
		return nil
	}
	return fault.Hint(&netname.ElsewhereError{Addr: ip.String()}, "name the target yourself: --forward TARGET")
}

// addedHeaders are the headers to set on forwarded requests.
func (s *session) addedHeaders() (http.Header, error) {
	return s.env.OwnHeaders(s.set.Headers)
}

// withHeaders adds headers to targets. They usually are credentials, so the user's headers do not go to a target that only a project
// file names, trusted or not.
func (s *session) withHeaders(to *directions, header http.Header) {
	withheld, program := false, false
	for _, t := range to.used() {
		if t.Broker() {
			continue
		}
		program = true
		if len(header) == 0 || t.foreign && !s.foreign.headers {
			withheld = withheld || len(header) > 0
			continue
		}
		t.Header = header
	}
	if len(header) > 0 && !program && len(to.used()) > 0 {
		s.env.Warn("your headers are not sent: a broker is given messages, and they are for requests")
	}
	if withheld {
		s.env.Warn("your headers are not sent to targets that a project file names; to send them, name the target yourself: --forward TARGET")
	}
}
