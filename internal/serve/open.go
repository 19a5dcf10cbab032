package serve

// Binding an address.

import (
	"context"
	"errors"
	"net"
	"os"
	"syscall"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
)

// Open binds addr. The error is a usage fault with the next step.
func Open(ctx context.Context, addr string) (net.Listener, error) {
	return open(ctx, addr, net.ListenConfig{})
}

// OpenLocal binds addr if it is a loopback address. A name is resolved first.
func OpenLocal(ctx context.Context, addr string) (net.Listener, error) {
	return open(ctx, addr, net.ListenConfig{Control: netname.OnlyLoopback})
}

func open(ctx context.Context, addr string, lc net.ListenConfig) (net.Listener, error) {
	ln, err := lc.Listen(ctx, "tcp", addr)
	if err == nil {
		return ln, nil
	}
	return nil, fault.Hint(fault.New(fault.Usage, "cannot listen on %s: %s", addr, bindWords(err)),
		"use --addr 127.0.0.1:0 to take a free port")
}

func bindWords(err error) string {
	var (
		dns *net.DNSError
		op  *net.OpError
	)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return "the port is in use, perhaps by another whctl listen"
	case errors.Is(err, syscall.EACCES), errors.Is(err, os.ErrPermission):
		return "not permitted; ports below 1024 are reserved"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "this machine has no such address"
	case errors.As(err, &dns):
		return "the host cannot be found"
	case errors.As(err, &op):
		return op.Err.Error()
	default:
		return err.Error()
	}
}
