package serve

// All open connections, and which of them makes room for a new one.

import (
	"maps"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	maxConns = 1024
	// otherFiles is how many files the process has open besides connections.
	otherFiles = 64
	// These bound how long a sender may go on at the end.
	endStall = 3 * time.Second
	endSend  = 2 * time.Second
	endDrain = 500 * time.Millisecond
)

// room is a listening socket that bounds how many connections are open at once. One more takes the place of the one that
// was idle longest, or else of the one that sent longest without completing a request. A connection whose request is
// being handled keeps its place.
type room struct {
	net.Listener
	limits Limits
	lost   func(Loss)

	mu     sync.Mutex
	conns  map[*Conn]struct{}
	closed chan struct{} // closed when it takes no new connections
	once   sync.Once
	left   chan struct{} // told when a connection has ended
	pulse  pulse
	stall  atomic.Int64 // nanoseconds that a sender may take to read the next piece of its answer
}

func newRoom(lost func(Loss)) *room {
	m := &room{lost: lost, conns: map[*Conn]struct{}{}, closed: make(chan struct{}), left: make(chan struct{}, 1)}
	m.stall.Store(int64(writeStall))
	return m
}

// Places returns how many connections fit: each needs a socket, and one more for each target.
func Places(targets int) int {
	limit := fileLimit()
	if limit == 0 {
		return maxConns
	}
	return min(maxConns, max(4, (limit-otherFiles)/(1+max(1, targets))))
}

func (m *room) Accept() (net.Conn, error) {
	nc, err := m.Listener.Accept()
	if err != nil {
		return nil, err
	}
	m.pulse.beat()
	c := &Conn{Conn: nc, room: m}
	c.become(fresh)
	tick := time.NewTicker(m.limits.Grace / 4)
	defer tick.Stop()
	for !m.add(c) {
		if m.makeRoom() {
			continue
		}
		select {
		case <-m.left:
		case <-tick.C:
			m.pulse.beat() // it waits for a place, as it should
		case <-m.closed:
			_ = nc.Close()
			return nil, net.ErrClosed
		}
	}
	return c, nil
}

func (m *room) add(c *Conn) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.conns) >= m.limits.Conns {
		return false
	}
	m.conns[c] = struct{}{}
	return true
}

// remove forgets a closed connection. It tells of a request on it that no handler saw to its end.
func (m *room) remove(c *Conn) {
	m.mu.Lock()
	delete(m.conns, c)
	m.mu.Unlock()
	select {
	case m.left <- struct{}{}:
	default:
	}
	if loss := c.loss(); loss != NotLost {
		m.lost(loss)
	}
}

// makeRoom ends the least useful connection, and reports whether a place is free now.
func (m *room) makeRoom() bool {
	c := m.worst(func(c *Conn) int {
		switch {
		case c.is(idle):
			return 4
		case c.is(fresh):
			return 3
		case c.is(heading):
			return 2
		case c.is(sending) && c.slow():
			return 1
		default:
			return 0
		}
	})
	if c == nil {
		return false
	}
	body := c.is(sending)
	c.cut(CutForOthers)
	return !body // which is answered first
}

// cutSlowBodies ends all large bodies that come slowly.
func (m *room) cutSlowBodies() {
	for {
		c := m.worst(func(c *Conn) int {
			if c.is(sending) && c.large.Load() && c.slow() {
				return 1
			}
			return 0
		})
		if c == nil {
			return
		}
		c.cut(CutForOthers)
	}
}

// worst returns the connection of the highest rank, the longest of equals. Rank 0 does not count, and neither does what
// began less than a grace ago.
func (m *room) worst(rank func(*Conn) int) *Conn {
	latest := time.Now().Add(-m.limits.Grace).UnixNano()
	m.mu.Lock()
	defer m.mu.Unlock()
	var found *Conn
	best, oldest := 0, int64(0)
	for c := range m.conns {
		since := c.since.Load()
		if since > latest || c.Cut() != NotCut {
			continue
		}
		if r := rank(c); r > best || r == best && r > 0 && since < oldest {
			found, best, oldest = c, r, since
		}
	}
	return found
}

// slow reports whether the sender sends below slowRate.
func (c *Conn) slow() bool {
	took := time.Since(time.Unix(0, c.since.Load()))
	return float64(c.got.Load()) < slowRate*took.Seconds()
}

// end closes connections without a request and gives the others a short time.
func (m *room) end() {
	m.once.Do(func() { close(m.closed) })
	m.stall.Store(int64(endStall))
	m.mu.Lock()
	all := slices.Collect(maps.Keys(m.conns))
	m.mu.Unlock()
	now := time.Now()
	for _, c := range all {
		switch {
		case c.is(fresh), c.is(heading):
			c.cut(CutForTheEnd)
		case c.is(sending):
			c.cutFor.Store(int32(CutForTheEnd))
			_ = c.SetReadDeadline(now.Add(endSend))
		case c.is(busy):
			_ = c.SetWriteDeadline(now.Add(endStall))
		}
	}
}

func (m *room) Close() error {
	m.once.Do(func() { close(m.closed) })
	return m.Listener.Close()
}
