package hub

// What waits for one reader.

import (
	"sync"
	"time"

	"github.com/whctl/whctl/internal/record"
)

// The bounds of what waits for a reader, besides the number of events.
const (
	maxBytes = 64 << 20 // of bodies
	reserve  = 64       // more places for changes of state, which no flood of deliveries takes
)

// Feed holds what waits for one reader. The hub's lock guards it.
type Feed struct {
	hub    *Hub
	reader Reader
	size   int
	ended  chan error
	filled sync.Cond // there is something to take, or the stream has ended
	items  []Stamped
	bytes  int // of the bodies in items
	missed missed
	gone   int // how many events the reader has missed in all
}

// missed is what the reader missed since it was last told.
type missed struct {
	record.Missed
	seq int64 // of the last event that was missed
	at  time.Time
}

// Dropped is how many events the reader was too slow for, so far.
func (f *Feed) Dropped() int {
	f.hub.mu.Lock()
	defer f.hub.mu.Unlock()
	return f.gone
}

// Ended gives the error of the reader's Close, once.
func (f *Feed) Ended() <-chan error { return f.ended }

// put has s wait for the reader, or counts it as missed. The gap is told in its place, once there is room for that too.
func (f *Feed) put(s Stamped) {
	room, need, body := f.size-len(f.items), 1, bodyBytes(s.Event)
	if _, ok := s.Event.(record.Changed); ok {
		room += reserve
	}
	if f.missed.Count > 0 {
		need = 2
	}
	if room < need || body > 0 && f.bytes > 0 && f.bytes+body > maxBytes {
		f.miss(s)
		return
	}
	if f.missed.Count > 0 {
		f.items = append(f.items, f.missed.tell())
	}
	f.items = append(f.items, s)
	f.bytes += body
	f.filled.Signal()
}

func (f *Feed) miss(s Stamped) {
	f.missed.Count++
	f.gone++
	f.missed.seq, f.missed.at = s.Seq, s.Time
	if n := seqOf(s.Event); n > 0 && (n < f.missed.From || f.missed.From == 0) {
		f.missed.From = n
	}
}

// tell gives the event that says what was missed. It has the place of the last event that was.
func (m *missed) tell() Stamped {
	s := Stamped{Seq: m.seq, Time: m.at, Event: m.Missed}
	*m = missed{}
	return s
}

func (f *Feed) run() {
	for s, ok := f.take(); ok; s, ok = f.take() {
		f.reader.Read(s)
	}
	f.ended <- f.reader.Close()
}

// take waits for the next event. It gives false at the end of the stream.
func (f *Feed) take() (s Stamped, ok bool) {
	f.hub.mu.Lock()
	defer f.hub.mu.Unlock()
	for len(f.items) == 0 && f.missed.Count == 0 && !f.hub.closed {
		f.filled.Wait()
	}
	switch {
	case len(f.items) > 0:
		s, f.items[0] = f.items[0], Stamped{}
		f.items = f.items[1:]
		f.bytes -= bodyBytes(s.Event)
		return s, true
	case f.missed.Count > 0:
		return f.missed.tell(), true
	default:
		return s, false
	}
}

// bodyBytes is the size of the body that an event keeps in memory.
func bodyBytes(e record.Event) int {
	switch e := e.(type) {
	case record.Received:
		return len(e.Delivery.Body)
	case record.Attempted:
		return len(e.Attempt.Body)
	default:
		return 0
	}
}
