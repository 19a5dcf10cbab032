package serve

// Whether connections are accepted.

import (
	"context"
	"errors"
	"net"
	"sync"
)

// pulse is felt by those who wait for it. It beats when a connection is accepted, and while one waits for its place.
type pulse struct {
	mu      sync.Mutex
	waiting []chan struct{}
}

func (p *pulse) beat() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.waiting {
		close(c)
	}
	p.waiting = nil
}

// next is closed at the next beat.
func (p *pulse) next() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := make(chan struct{})
	p.waiting = append(p.waiting, c)
	return c
}

// Answers connects to ln, which the server serves on, and waits until a connection is accepted. It fails when that takes longer
// than ctx lasts. No handler sees the connection.
func (s *Server) Answers(ctx context.Context, ln net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	beat, failed := s.room.pulse.next(), make(chan error, 1)
	go func() {
		conn, err := new(net.Dialer).DialContext(ctx, ln.Addr().Network(), reachable(ln.Addr()))
		if err != nil {
			failed <- err
			return
		}
		<-ctx.Done() // closed earlier, it could leave the queue of the socket
		_ = conn.Close()
	}()
	select {
	case <-beat:
		return nil
	case err := <-failed:
		return err
	case <-ctx.Done():
		return errors.New("no connection is accepted")
	}
}

// reachable is an address to connect to: a socket that is bound to every address is reached by the loopback ones.
func reachable(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return addr.String()
	}
	loopback := net.IPv6loopback
	if tcp.IP.To4() != nil {
		loopback = net.IPv4(127, 0, 0, 1)
	}
	return (&net.TCPAddr{IP: loopback, Port: tcp.Port}).String()
}
