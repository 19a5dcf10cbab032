// Package hub is one stream of events with any number of readers. Nobody who emits waits for a reader.
package hub

import (
	"sync"
	"time"

	"github.com/whctl/whctl/internal/record"
)

// Stamped is an event with its place in the stream.
type Stamped struct {
	// Seq rises strictly along the stream and is a cursor of the journal. A delivery or an attempt has the number of its
	// record there (Delivery.Seq, Attempt.Seq). Any other event has one more than the event before it. So has a record that
	// comes after one with a higher number, because requests are recorded side by side. Each event up to Seq n has a number
	// of at most n in the journal. A reader that missed events learns from record.Missed where to read on.
	Seq   int64
	Time  time.Time
	Event record.Event
}

// Reader is given each event, one after the other. A reader that may end the run is made with a function that does so.
type Reader interface {
	Read(s Stamped)
	// Close is called once, after the last event. The end of a run waits for it.
	Close() error
}

// Hub is the stream. The zero value is ready for use.
type Hub struct {
	mu     sync.Mutex // of the feeds too
	seq    int64
	feeds  []*Feed
	closed bool
	atWork int           // readers that have not ended
	ended  chan struct{} // closed once the stream and all readers have ended; nil before Close
}

// Emit gives an event to each reader, in the order of the calls. It never waits: a reader that is too slow is told how many
// it missed. After Close it does nothing.
func (h *Hub) Emit(at time.Time, e record.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq = max(h.seq+1, seqOf(e))
	for _, f := range h.feeds {
		f.put(Stamped{Seq: h.seq, Time: at, Event: e})
	}
}

// Attach gives r what is emitted from now on, in a goroutine of its own. Up to size events wait for r. After Close it is given
// nothing, and is closed at once.
func (h *Hub) Attach(r Reader, size int) *Feed {
	f := &Feed{hub: h, reader: r, size: size, ended: make(chan error, 1)}
	f.filled.L = &h.mu
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		go f.run()
		return f
	}
	h.feeds = append(h.feeds, f)
	h.atWork++
	go func() {
		f.run()
		h.leave()
	}()
	return f
}

// Close ends the stream. Each reader is still given what waits for it. The channel is closed once all of them have ended.
func (h *Hub) Close() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return h.ended
	}
	h.closed, h.ended = true, make(chan struct{})
	for _, f := range h.feeds {
		f.filled.Signal()
	}
	h.feeds = nil
	if h.atWork == 0 {
		close(h.ended)
	}
	return h.ended
}

// leave counts a reader that has ended. Close has been called.
func (h *Hub) leave() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.atWork--
	if h.atWork == 0 {
		close(h.ended)
	}
}

// seqOf is the number of an event's record in the journal, 0 when it has none.
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
