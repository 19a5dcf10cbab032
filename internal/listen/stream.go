package listen

import (
	"fmt"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/record"
)

// Stream carries activities from the engine to one reader. Emit never waits: when the reader is too slow, activities
// are dropped and counted, and the reader is told how many; the journal has them all.
type Stream struct {
	mu      sync.Mutex
	ch      chan record.Activity
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
	if s.dropped > 0 && cap(s.ch)-len(s.ch) >= 2 {
		s.ch <- Dropped(a.Time, s.dropped) // Emit is the only sender, so there is room
		s.dropped = 0
	}
	select {
	case s.ch <- a:
	default:
		s.dropped++
	}
}

// C is what the reader reads; it ends after Close.
func (s *Stream) C() <-chan record.Activity { return s.ch }

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

// Dropped is the activity that tells a reader how many it has missed.
func Dropped(at time.Time, n int) record.Activity {
	return record.Activity{Type: record.TypeState, Time: at, State: &record.State{
		State: "dropped", Count: n, Message: fmt.Sprintf("dropped %d: output could not keep up; the journal has them all", n),
	}}
}
