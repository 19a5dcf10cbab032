package sandbox

// Serving the API and delivering until the end.

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/whctl/whctl/internal/serve"
)

const (
	maxConnections = 256
	shutdownTime   = 3 * time.Second
)

// Serve answers on ln and delivers until ctx ends, then waits for calls and deliveries under way. It closes ln. The error is a
// storage fault or the network's, nil if ctx ended it.
func (s *Sandbox) Serve(ctx context.Context, ln net.Listener) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	calls, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	defer hangUp()
	srv := serve.New(calls, serve.Options{Handler: s.Handler(), Conns: maxConnections, Lost: func(serve.Loss) {}, Draining: func(int) {}})
	ending, end := context.WithCancel(calls)
	served := make(chan error, 1)
	go func() {
		served <- srv.Serve(ending, ln)
		stop()
	}()
	err := s.Run(ctx)
	timer := time.AfterFunc(shutdownTime, srv.Force)
	defer timer.Stop()
	end()
	hangUp() // an advance under way ends where it is
	failed := <-served
	if errors.Is(failed, serve.ErrCut) {
		failed = nil
	}
	return errors.Join(err, failed)
}
