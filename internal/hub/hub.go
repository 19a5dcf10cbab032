// Package hub is one stream of events with any number of readers. Emitting never waits for a reader.
package hub

import (
	"slices"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/record"
)

// Stamped is an event with its place in the stream.
type Stamped struct {
	// Seq rises strictly along the stream, on the scale of the journal's ids. A delivery or an attempt has the number that
	// the journal gave it, and everything else one more than the event before it. Requests are recorded side by side, so
	// one may be told after another that was recorded later; then it too has one more than the event before it. Hence the
	// journal knows what was told up to n by numbers up to n. A reader that lost something learns from record.Missed from
	// which number on to read.
	Seq   int64
	Time  time.Time
	Event record.Event
}

// Reader is told of each event, one after the other. What it points to is shared with other readers: it changes nothing.
// A reader that wants the run to end is made with a function that does so.
type Reader interface {
	Read(s Stamped)
	// Close is called once, after the last event.
	Close() error
}

// Hub is the stream. The zero value is ready for use.
type Hub struct {
	mu     sync.Mutex
	seq    int64
	feeds  []*Feed
	closed bool
}

// Emit hands an event to each reader, in the order of the calls. It never waits: a reader that is too slow is told how
// many it has missed. After Close it does nothing.
func (h *Hub) Emit(at time.Time, e record.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	h.seq = max(h.seq+1, seqOf(e))
	for _, f := range h.feeds {
		f.put(Stamped{Seq: h.seq, Time: at, Event: e})
	}
}

// Attach starts to tell r of what comes from now on. Up to size events wait for it.
func (h *Hub) Attach(r Reader, size int) *Feed {
	f := &Feed{hub: h, reader: r, size: size, ended: make(chan error, 1)}
	f.filled.L = &f.mu
	h.mu.Lock()
	f.closed = h.closed
	h.feeds = append(h.feeds, f)
	h.mu.Unlock()
	go f.run()
	return f
}

// Close ends the stream. Each reader is still told of what waits for it.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for _, f := range h.feeds {
		f.mu.Lock()
		f.end()
		f.mu.Unlock()
	}
	h.feeds = nil
}

func (h *Hub) detach(f *Feed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.feeds = slices.DeleteFunc(h.feeds, func(other *Feed) bool { return other == f })
}

// seqOf is the journal's number of what an event tells of, 0 when it has none.
func seqOf(e record.Event) int64 {
	switch e := e.(type) {
	case record.Received:
		return e.Delivery.Seq
	case record.Attempted:
		return e.Attempt.Seq
	default:
		return 0
	}
}
