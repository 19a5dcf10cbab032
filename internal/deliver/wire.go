package deliver

// A connection to a target.

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptrace"
	"syscall"
	"time"
)

// openingBytes is how much of an answer's beginning is remembered, to tell what speaks when it is not HTTP.
const openingBytes = 64

var errLongHead = errors.New("its headers are over 256 KiB")

// wire is a connection to a target that remembers how the answer under way began. It is for one request at a time.
type wire struct {
	net.Conn // over TLS it gives plain text
	sys      syscall.RawConn
	in       *bufio.Reader
	out      []byte // where requests are put together
	since    time.Time
	asked    http.Request // what net/http must know of a request to read its answer
	cut      func()       // ends the request under way from beside
	look     func(fd uintptr)
	looked   error // what the last look found

	ctx     context.Context // of the request under way
	left    int64           // bytes that the head of its answer may still have
	opening []byte
	over    bool  // the other end has ended it
	waited  error // why a wait for it ended
}

// newWire takes the connection that is dialled, and what speaks over it.
func newWire(tcp, speaks net.Conn) (*wire, error) {
	w := &wire{Conn: speaks, opening: make([]byte, 0, openingBytes)}
	w.in = bufio.NewReader(w)
	w.cut = func() { _ = speaks.SetDeadline(time.Unix(1, 0)) }
	if s, ok := tcp.(syscall.Conn); ok {
		var err error
		if w.sys, err = s.SyscallConn(); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// begin makes the wire ready for a request.
func (w *wire) begin(ctx context.Context, until time.Time) error {
	w.ctx, w.left, w.opening, w.waited = ctx, maxAnswerHeader, w.opening[:0], nil
	return w.SetDeadline(until)
}

// headRead says that what comes now is a body.
func (w *wire) headRead() { w.left = math.MaxInt64 }

// Read gives the reason of the context where that has ended.
func (w *wire) Read(p []byte) (int, error) {
	if w.left <= 0 {
		return 0, errLongHead
	}
	n, err := w.Conn.Read(p[:min(int64(len(p)), w.left)])
	w.left -= int64(n)
	w.opening = append(w.opening, p[:min(n, openingBytes-len(w.opening))]...)
	w.over = w.over || ended(err)
	if err != nil && w.ctx.Err() != nil {
		err = w.ctx.Err()
	}
	if waited(err) {
		w.waited = err
	}
	return n, err
}

// Write hides that the other end has gone. An answer may have come before, such as the refusal of a large body that was not
// read. Reading finds out.
func (w *wire) Write(p []byte) (int, error) {
	n, err := w.Conn.Write(p)
	switch {
	case ended(err):
		return len(p), nil
	case err != nil && w.ctx.Err() != nil:
		err = w.ctx.Err()
	}
	return n, err
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

// dial connects for a request. w is told how far it comes.
func (d *dialer) dial(ctx context.Context, o *outgoing, w *way, until time.Time) (*wire, error) {
	if !until.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, until)
		defer cancel()
	}
	c, err := d.net.DialContext(httptrace.WithClientTrace(ctx, w.trace()), "tcp", o.addr)
	if err != nil {
		return nil, err
	}
	speaks := c
	if o.url.Scheme == "https" {
		w.reach(shaking)
		if speaks, err = d.secure(ctx, c, o.addr); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	return newWire(c, speaks)
}

// secure does the TLS handshake.
func (d *dialer) secure(ctx context.Context, c net.Conn, addr string) (net.Conn, error) {
	config := d.tls.Clone()
	config.ServerName, _, _ = net.SplitHostPort(addr)
	ctx, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	s := tls.Client(c, config)
	if err := s.HandshakeContext(ctx); err != nil {
		return nil, &handshakeError{err}
	}
	return s, nil
}

// handshakeTimeout bounds what comes between a connection and a request.
const handshakeTimeout = 10 * time.Second

// handshakeError is why a TLS connection failed.
type handshakeError struct{ err error }

func (e *handshakeError) Error() string { return e.err.Error() }
func (e *handshakeError) Unwrap() error { return e.err }
