package deliver

// The connection to a target.

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http/httptrace"
	"sync"
	"syscall"
	"time"
)

// openingBytes is how much of an answer's beginning is remembered, to tell what speaks when it is not HTTP.
const openingBytes = 64

// wire is a connection to a target that remembers how the answer under way began.
type wire struct {
	net.Conn
	once  sync.Once
	asked chan struct{} // closed once something was written

	mu      sync.Mutex
	opening []byte
	over    bool // the other end has ended it
}

func newWire(c net.Conn) *wire { return &wire{Conn: c, asked: make(chan struct{})} }

// Read waits until a request is written. Servers of mail and shells speak first, and net/http would take their greeting for an
// answer that nobody asked for and say nothing useful about it.
func (w *wire) Read(p []byte) (int, error) {
	<-w.asked
	n, err := w.Conn.Read(p)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.opening = append(w.opening, p[:min(n, openingBytes-len(w.opening))]...)
	w.over = w.over || ended(err)
	return n, err
}

// Write hides that the other end has gone. An answer may have come before, such as the refusal of a large body that was not
// read, and after an error net/http would not read it. Reading finds out.
func (w *wire) Write(p []byte) (int, error) {
	w.once.Do(func() { close(w.asked) })
	n, err := w.Conn.Write(p)
	if ended(err) {
		return len(p), nil
	}
	return n, err
}

// Close lets a Read that still waits find the connection closed.
func (w *wire) Close() error {
	err := w.Conn.Close()
	w.once.Do(func() { close(w.asked) })
	return err
}

// next forgets how the last answer began.
func (w *wire) next() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.opening = nil
}

// began is how the answer begins, as far as it has come, and whether no more can come.
func (w *wire) began() (opening string, over bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.opening), w.over
}

// ended says whether the other end has closed the connection.
func ended(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// dialer makes connections, in the clear or over TLS.
type dialer struct {
	net net.Dialer
	tls *tls.Config
}

func (d *dialer) plain(ctx context.Context, network, addr string) (net.Conn, error) {
	c, err := d.net.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return newWire(c), nil
}

// secure does the TLS handshake here and not in net/http, so that wire sees plain text.
func (d *dialer) secure(ctx context.Context, network, addr string) (net.Conn, error) {
	c, err := d.net.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	if t := httptrace.ContextClientTrace(ctx); t != nil && t.TLSHandshakeStart != nil {
		t.TLSHandshakeStart()
	}
	config := d.tls.Clone()
	config.ServerName, _, _ = net.SplitHostPort(addr)
	ctx, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	s := tls.Client(c, config)
	if err := s.HandshakeContext(ctx); err != nil {
		_ = c.Close()
		return nil, &handshakeError{err}
	}
	return newWire(s), nil
}

// handshakeTimeout bounds what comes between a connection and a request.
const handshakeTimeout = 10 * time.Second

// handshakeError is why a TLS connection failed.
type handshakeError struct{ err error }

func (e *handshakeError) Error() string { return e.err.Error() }
func (e *handshakeError) Unwrap() error { return e.err }
