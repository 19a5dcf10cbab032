package listen

// Attempts are recorded behind the answers that they tell of: the sender's connection is free again before that is on disk.

import "sync"

// mostBehind bounds the attempts that are not on disk yet. A sender waits where there are more.
const mostBehind = 256

// behind has attempts recorded side by side, so that one commit takes many, and tells of them in the order of their answers.
type behind struct {
	places chan struct{} // taken by those that are not done
	idle   chan func()   // to a goroutine that has nothing to do: its stack has grown already
	mu     sync.Mutex
	last   chan struct{} // closed once the one before was told
}

func newBehind() *behind {
	first := make(chan struct{})
	close(first)
	return &behind{places: make(chan struct{}, mostBehind), idle: make(chan func()), last: first}
}

// do has record run, and then tell once everything before has been told. It waits for a place.
func (b *behind) do(record, tell func()) {
	b.places <- struct{}{}
	b.mu.Lock()
	before, mine := b.last, make(chan struct{})
	b.last = mine
	b.mu.Unlock()
	work := func() {
		defer func() { close(mine); <-b.places }()
		record()
		<-before
		tell()
	}
	select {
	case b.idle <- work:
	default:
		go b.run(work)
	}
}

func (b *behind) run(work func()) {
	for more := true; more; work, more = <-b.idle {
		work()
	}
}

// end waits for all that is not done. Nothing may be done after it.
func (b *behind) end() {
	for range mostBehind {
		b.places <- struct{}{}
	}
	close(b.idle)
}
