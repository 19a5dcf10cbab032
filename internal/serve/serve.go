// Package serve is an HTTP server for strangers. It bounds connections, headers and time, also the time that an answer waits
// for its reader, and finishes what is under way when it ends.
package serve

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

const maxHeaderBytes = 64 << 10

// ErrCut reports that Force cut off what was under way.
var ErrCut = errors.New("stopped at once: what was under way was cut off")

// Limits bound what a stranger may hold.
type Limits struct {
	Header time.Duration // for the head of a request
	Read   time.Duration // for a whole request; a slower sender is cut off
	Idle   time.Duration // between two requests
	Grace  time.Duration // how long a connection may do nothing before it has to make room for one that waits
	Conns  int           // open at once
}

// Options are what a Server is made of. All are needed.
type Options struct {
	Handler  http.Handler
	Conns    int         // open at once
	Lost     func(Loss)  // told of a request that was not handled to its end
	Draining func(n int) // told how many requests are under way when the end comes, unless there are none
}

// Server answers on one listener. Serve it once.
type Server struct {
	Limits Limits // may be changed until Serve

	o    Options
	http *http.Server
	room *room
	work *gate // requests
	cut  context.Context
	stop context.CancelFunc
	// cutShort says that something was under way when Force was called.
	cutShort atomic.Bool
}

// New makes a Server, which opens nothing. The contexts of its requests come from base.
func New(base context.Context, o Options) *Server {
	s := &Server{
		Limits: Limits{Header: 10 * time.Second, Read: 30 * time.Second, Idle: 2 * time.Minute, Grace: time.Second, Conns: o.Conns},
		o:      o, room: newRoom(o.Lost), work: newGate(),
	}
	s.cut, s.stop = context.WithCancel(context.Background())
	s.http = &http.Server{
		Handler: http.HandlerFunc(s.handle), ReadHeaderTimeout: s.Limits.Header,
		MaxHeaderBytes: maxHeaderBytes,
		ErrorLog:       log.New(io.Discard, "", 0), // its texts quote what strangers sent
		BaseContext:    func(net.Listener) context.Context { return base },
		ConnState:      note,
		ConnContext:    func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) },
		// OPTIONS * is a request like any other.
		DisableGeneralOptionsHandler: true,
	}
	return s
}

func (s *Server) handle(w http.ResponseWriter, r *http.Request) {
	if !s.work.enter() {
		panic(http.ErrAbortHandler) // everything has been stopped
	}
	defer s.work.leave()
	ConnOf(r).begin(r)
	s.o.Handler.ServeHTTP(w, r)
}

// Serve answers on ln until ctx ends, then finishes what is under way, and closes ln. The error is ErrCut when Force ended
// that, or what the network says.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	s.http.ReadHeaderTimeout, s.http.ReadTimeout, s.http.IdleTimeout = s.Limits.Header, s.Limits.Read, s.Limits.Idle
	s.room.Listener, s.room.limits = ln, s.Limits
	failed := make(chan error, 1)
	go func() { failed <- s.http.Serve(s.room) }()
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	whole := s.drain()
	switch {
	case err != nil && !errors.Is(err, http.ErrServerClosed):
		return err
	case !whole:
		return ErrCut
	}
	return nil
}

// Force ends everything at once: requests under way are cut off.
func (s *Server) Force() {
	if s.work.count() > 0 {
		s.cutShort.Store(true)
	}
	s.stop()
	_ = s.http.Close()
}

// Forced returns a context that ends with Force.
func (s *Server) Forced() context.Context { return s.cut }

// Ending returns a channel that is closed when the server takes no new connections.
func (s *Server) Ending() <-chan struct{} { return s.room.closed }

// CutSlow ends all large bodies that come slowly.
func (s *Server) CutSlow() { s.room.cutSlowBodies() }

// drain finishes what is under way, and reports whether all of it ended by itself.
func (s *Server) drain() bool {
	if n := s.work.count(); n > 0 {
		s.o.Draining(n)
	}
	_ = s.room.Listener.Close()
	s.room.end()
	_ = s.http.Shutdown(s.cut)
	finished := s.work.close()
	select {
	case <-finished:
	case <-s.cut.Done():
		_ = s.http.Close()
		<-finished // requests end with cut, so this is short
	}
	return !s.cutShort.Load()
}
