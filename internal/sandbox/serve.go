package sandbox

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	maxConnections = 256
	headerTimeout  = 10 * time.Second
	readTimeout    = 30 * time.Second
	writeTimeout   = 30 * time.Second // of an answer, once it is there: a caller that does not read it holds nobody up
	idleTimeout    = 30 * time.Second
	maxHeaderBytes = 64 << 10
	shutdownTime   = 3 * time.Second
)

// Serve answers on ln and delivers until ctx ends, then lets both come to their end. It closes ln. The error is a
// storage fault, or what the network says; nil when ctx ended it.
func (s *Sandbox) Serve(ctx context.Context, ln net.Listener) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	calls, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	defer hangUp()
	srv := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		BaseContext:       func(net.Listener) context.Context { return calls },
		ErrorLog:          log.New(io.Discard, "", 0), // what a broken client does is nobody's concern
	}
	served := make(chan error, 1)
	go func() {
		err := srv.Serve(limit(ln, maxConnections))
		if errors.Is(err, http.ErrServerClosed) {
			err = nil
		}
		served <- err
		stop()
	}()
	err := s.Run(ctx)
	hangUp() // an advance under way ends where it is
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if srv.Shutdown(end) != nil {
		_ = srv.Close()
	}
	return errors.Join(err, <-served)
}

// limit bounds the connections of a listener: the next one waits until another ends.
func limit(ln net.Listener, n int) net.Listener {
	return &limited{Listener: ln, slots: make(chan struct{}, n), closed: make(chan struct{})}
}

type limited struct {
	net.Listener
	slots  chan struct{}
	closed chan struct{}
	once   sync.Once
}

// Accept waits for a slot, then for a connection.
func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	return &counted{Conn: conn, free: func() { <-l.slots }}, nil
}

// Close ends Accept too when it waits for a slot.
func (l *limited) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

type counted struct {
	net.Conn
	free func()
	once sync.Once
}

// Close gives the slot back.
func (c *counted) Close() error {
	c.once.Do(c.free)
	return c.Conn.Close()
}
