package listen

import (
	"fmt"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/record"
)

// streamBytes bounds the bodies that wait for a slow reader.
const streamBytes = 64 << 20

// Stream carries activities from the engine to one reader. Emit never waits: when the reader is too slow, activities
// are dropped and counted, and the reader is told how many; the journal has them all.
type Stream struct {
	mu      sync.Mutex
	ch      chan record.Activity
	bytes   int // of the bodies in ch
	dropped int
	closed  bool
}

// NewStream makes a stream that holds up to n activities.
func NewStream(n int) *Stream { return &Stream{ch: make(chan record.Activity, n)} }

// Emit hands a on without waiting.
func (s *Stream) Emit(a record.Activity) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	places := cap(s.ch) - len(s.ch)
	switch {
	case s.bytes > 0 && s.bytes+bodyBytes(a) > streamBytes, places == 0, s.dropped > 0 && places < 2:
		s.dropped++
		return
	case s.dropped > 0:
		s.ch <- Dropped(a.Time, s.dropped) // Emit is the only sender, so there is room
		s.dropped = 0
	}
	s.ch <- a
	s.bytes += bodyBytes(a)
}

// Next waits for the next activity; ok is false once the stream is closed and empty. It is for one reader.
func (s *Stream) Next() (a record.Activity, ok bool) {
	if a, ok = <-s.ch; ok {
		s.mu.Lock()
		s.bytes -= bodyBytes(a)
		s.mu.Unlock()
	}
	return a, ok
}

// Close ends the stream and returns how many activities were dropped since the last time the reader was told.
func (s *Stream) Close() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		close(s.ch)
	}
	return s.dropped
}

func bodyBytes(a record.Activity) int {
	switch {
	case a.Delivery != nil:
		return len(a.Delivery.Body)
	case a.Attempt != nil:
		return len(a.Attempt.Body)
	default:
		return 0
	}
}

// Dropped is the activity that tells a reader how many it has missed.
func Dropped(at time.Time, n int) record.Activity {
	return record.Activity{Type: record.TypeState, Time: at, State: &record.State{
		State: "dropped", Count: n, Message: fmt.Sprintf("dropped %d: output could not keep up; the journal has them all", n),
	}}
}
