package listen

// Attempts are recorded behind the answers that they tell of: the sender's connection is free again before that is on disk.

import "sync"

// mostBehind bounds the attempts that are not on disk yet. A sender waits where there are more.
const mostBehind = 256

// behind has attempts recorded side by side, so that one commit takes many, and tells of them in the order of their answers.
type behind struct {
	places chan struct{}
	mu     sync.Mutex
	last   chan struct{} // closed once the one before was told
}

func newBehind() *behind {
	first := make(chan struct{})
	close(first)
	return &behind{places: make(chan struct{}, mostBehind), last: first}
}

// do has record run, and then tell once everything before has been told. It waits for a place. beside runs a function beside the request.
func (b *behind) do(beside func(func()), record, tell func()) {
	b.places <- struct{}{}
	b.mu.Lock()
	before, mine := b.last, make(chan struct{})
	b.last = mine
	b.mu.Unlock()
	beside(func() {
		defer func() { close(mine); <-b.places }()
		record()
		<-before
		tell()
	})
}
