package serve

// One connection: what it is doing, and how long its answer waits for the reader.

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// writeStall bounds how long a sender takes to read the next piece of its answer. writeTime bounds the whole answer.
	// An answer that takes longer must be read at readRate, in bytes a second.
	writeStall = 5 * time.Second
	writeTime  = time.Minute
	readRate   = 16 << 10
	writePiece = 16 << 10
	writeLook  = time.Second // how often it is looked whether it moves
	// slowRate, in bytes a second, is the rate of a slow sender, which must go when another waits for its place.
	slowRate = 64 << 10
)

// phase says what a connection is doing.
type phase int32

const (
	fresh   phase = iota // nothing has come
	heading              // a request has begun and has not reached the handler
	sending              // its body is coming
	busy                 // it is whole, and is being recorded, handed on or answered
	idle                 // kept for the next one
)

// Conn is a sender's connection. It knows what it is doing, so that an idle one can make room for another, and bounds how long an
// answer waits for its reader.
type Conn struct {
	net.Conn
	room  *room
	once  sync.Once
	line  requestLine
	phase atomic.Int32
	since atomic.Int64 // unix nanoseconds when that began
	got   atomic.Int64 // bytes since
	large atomic.Bool  // its body has a part of the budget

	tls     atomic.Bool  // the first byte that came is that of a TLS handshake
	status  atomic.Int32 // of an answer that net/http gave by itself
	halved  atomic.Bool  // the sender has closed its sending half, or all
	reset   atomic.Bool  // reading failed: the sender is gone
	late    atomic.Bool  // reading ended because the time was up
	unread  atomic.Bool  // the sender did not read its answer
	blocked atomic.Int64 // nanoseconds that writing this answer has taken
	taken   atomic.Int64 // bytes of this answer that were written
	cutFor  atomic.Int32 // a Cut
}

// ErrSlowReader reports that the sender read its answer too slowly.
var ErrSlowReader = errors.New("the sender was too slow to read its answer")

type connKey struct{}

// ConnOf returns the connection that a request came on.
func ConnOf(r *http.Request) *Conn {
	c, _ := r.Context().Value(connKey{}).(*Conn)
	return c
}

// become notes what the connection is doing from now on.
func (c *Conn) become(p phase) {
	c.got.Store(0)
	c.since.Store(time.Now().UnixNano())
	c.phase.Store(int32(p))
}

// readOn notes that the rest of a body is read only so that the sender comes to read its answer. It returns the time for that. The
// connection may be cut like that of any slow sender.
func (c *Conn) readOn() time.Duration {
	c.large.Store(false)
	c.cutFor.Store(int32(NotCut))
	c.become(sending)
	select {
	case <-c.room.closed:
		return endDrain
	default:
		return drainTime
	}
}

func (c *Conn) is(p phase) bool { return phase(c.phase.Load()) == p }

// discard reads up to n bytes past net/http, whose reader of chunks gives nothing after a failed read. The connection
// carries no other request afterwards.
func (c *Conn) discard(n int64) { _, _ = io.CopyN(io.Discard, readerFunc(c.receive), n) }

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// begin notes that a request has reached the handler.
func (c *Conn) begin(r *http.Request) {
	c.become(sending)
	c.large.Store(false)
	c.blocked.Store(0)
	c.taken.Store(0)
	r.RequestURI = c.line.received(r.RequestURI)
	if r.ContentLength == 0 {
		c.arrived()
		return
	}
	r.Body = &body{ReadCloser: r.Body, c: c}
}

// body is a request's body that tells its connection when it ends.
type body struct {
	io.ReadCloser
	c     *Conn
	ended bool
}

func (b *body) Read(p []byte) (int, error) {
	if b.ended {
		return 0, io.EOF
	}
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		b.c.arrived()
		_ = b.Close() // net/http would look for more of it before it answers
		b.ended = true
	}
	return n, err
}

// note is called by net/http when the state of a connection changes.
func note(nc net.Conn, state http.ConnState) {
	if c, is := nc.(*Conn); is && state == http.StateIdle {
		c.become(idle)
		c.line.begin(true)
	}
}

func (c *Conn) Read(p []byte) (int, error) { return c.line.read(c, p) }

// receive reads from the socket and notes what came.
func (c *Conn) receive(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		if c.is(fresh) || c.is(idle) {
			c.tls.Store(c.is(fresh) && p[0] == 0x16)
			c.become(heading)
		}
		c.got.Add(int64(n))
	}
	switch {
	case err == nil:
	case errors.Is(err, io.EOF):
		c.halved.Store(true)
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.late.Store(c.is(heading))
	default:
		c.reset.Store(true)
	}
	return n, err
}

// Write gives each piece of an answer its own deadline, so that the deadline moves with what the sender reads.
func (c *Conn) Write(p []byte) (n int, err error) {
	if c.is(heading) && len(p) > 12 && string(p[:5]) == "HTTP/" { // net/http refuses the request by itself
		c.status.Store(int32(p[9]-'0')*100 + int32(p[10]-'0')*10 + int32(p[11]-'0'))
	}
	moved := time.Now()
	for len(p) > 0 {
		began := time.Now()
		left := min(writeTime+time.Duration(c.taken.Load())*time.Second/readRate-time.Duration(c.blocked.Load()), time.Duration(c.room.stall.Load())-began.Sub(moved))
		if left <= 0 {
			c.unread.Store(true)
			return n, os.ErrDeadlineExceeded
		}
		_ = c.SetWriteDeadline(began.Add(min(left, writeLook)))
		m, err := c.Conn.Write(p[:min(len(p), writePiece)])
		c.blocked.Add(int64(time.Since(began)))
		c.taken.Add(int64(m))
		if m > 0 {
			moved = time.Now()
		}
		n, p = n+m, p[m:]
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return n, err
		}
	}
	return n, nil
}

// CloseWrite lets net/http finish an answer while the sender is still sending.
func (c *Conn) CloseWrite() error {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		return tcp.CloseWrite()
	}
	return nil
}

// Close frees the connection's place.
func (c *Conn) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() { c.room.remove(c) })
	return err
}

// cut ends a connection: one that sends a body gets an answer first, any other is closed.
func (c *Conn) cut(why Cut) {
	c.cutFor.Store(int32(why))
	if c.is(sending) {
		_ = c.SetReadDeadline(time.Unix(1, 0))
		return
	}
	_ = c.Close()
}

// Cut returns why the server ended the connection.
func (c *Conn) Cut() Cut { return Cut(c.cutFor.Load()) }

// arrived notes that a request is whole. Its read deadline ends here: the answer may take as long as it takes.
func (c *Conn) arrived() {
	c.become(busy)
	_ = c.SetReadDeadline(time.Time{})
}

// Large notes that the body takes a part of the budget of large bodies. Its rate counts from now.
func (c *Conn) Large() {
	c.become(sending)
	c.large.Store(true)
}

// Gone reports whether the sender is gone. One that closed only its sending half may still read its answer.
func (c *Conn) Gone() bool { return c.reset.Load() }

// Blocked returns how long this answer has waited for its reader.
func (c *Conn) Blocked() time.Duration { return time.Duration(c.blocked.Load()) }

// Unread notes that the sender did not read its answer to the end.
func (c *Conn) Unread() { c.unread.Store(true) }

// A sender that closed its whole connection refuses what is written to it. The refusal takes one round trip.
const (
	farewellLooks = 5
	farewellTick  = 20 * time.Millisecond
)

// Took reports whether the sender can have taken the answer that was just written, also when it closed its sending half.
func (c *Conn) Took() bool {
	if !c.halved.Load() && !ended(c.Conn) {
		return !c.reset.Load() && (!knowsBroken || !broken(c.Conn))
	}
	tick := time.NewTicker(farewellTick)
	defer tick.Stop()
	for range farewellLooks {
		if c.reset.Load() || broken(c.Conn) {
			return false
		}
		<-tick.C
	}
	return !broken(c.Conn)
}
