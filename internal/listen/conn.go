package listen

import (
	"errors"
	"io"
	"log"
	"net"
	"os"
	"sync"
	"syscall"
)

// limit bounds how many connections are open at once; further ones wait in the kernel's queue.
func limit(ln net.Listener, n int) net.Listener {
	return &limited{Listener: ln, slots: make(chan struct{}, n), closed: make(chan struct{})}
}

type limited struct {
	net.Listener
	slots  chan struct{}
	closed chan struct{}
	once   sync.Once
}

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
	return &slotted{Conn: conn, release: func() { <-l.slots }}, nil
}

func (l *limited) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

type slotted struct {
	net.Conn
	once    sync.Once
	release func()
}

func (c *slotted) Close() error {
	err := c.Conn.Close()
	c.once.Do(c.release)
	return err
}

// CloseWrite lets net/http finish an answer before a sender that is still sending has been read to its end.
func (c *slotted) CloseWrite() error {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		return tcp.CloseWrite()
	}
	return nil
}

func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }

func bindWords(err error) string {
	var dns *net.DNSError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return "the port is in use, perhaps by another whctl listen"
	case errors.Is(err, syscall.EACCES), errors.Is(err, os.ErrPermission):
		return "not permitted; ports below 1024 are reserved"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "this machine has no such address"
	case errors.As(err, &dns):
		return "the host cannot be found"
	default:
		if op, ok := errors.AsType[*net.OpError](err); ok {
			return op.Err.Error()
		}
		return err.Error()
	}
}
