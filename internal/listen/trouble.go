package listen

// What is told while the jobs of the queue cannot be read or recorded.

import (
	"sync"

	"github.com/whctl/whctl/internal/record"
)

// work is what can fail about jobs, for one target or for all.
type work struct {
	kind   workKind
	target string
}

type workKind int

const (
	listing workKind = iota
	reading
	recording
	following // what other processes do
)

// trouble knows what fails. A change is told once, however many jobs it touches.
type trouble struct {
	mu    sync.Mutex
	fails map[work]struct{}
}

// report says what came of a piece of work.
func (o *owed) report(w work, err error) {
	o.trouble.mu.Lock()
	before := len(o.trouble.fails) > 0
	if err != nil {
		o.trouble.fails[w] = struct{}{}
	} else {
		delete(o.trouble.fails, w)
	}
	after := len(o.trouble.fails) > 0
	o.trouble.mu.Unlock()
	switch {
	case after && !before:
		o.l.emit(record.Changed{State: record.QueueLost, Message: "the jobs of the queue wait until the journal can be used: " + err.Error()})
	case before && !after:
		o.l.emit(record.Changed{State: record.QueueRecovered, Message: "the jobs of the queue go on"})
	}
}
