package admin

// Whether deliveries are taken.

import (
	"sync"

	"github.com/whctl/whctl/internal/record"
)

// What /readyz says of a listener that takes none.
const (
	starting   = "starting: the socket is not open yet"
	ending     = "ending: no more deliveries are taken"
	unrecorded = "deliveries cannot be recorded"
)

type health struct {
	mu           sync.Mutex
	opened, over bool
	refuses      bool // the journal takes no deliveries
	misplaced    bool // its file is not at its place
}

func (h *health) open() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.opened = true
}

func (h *health) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.over = true
}

func (h *health) read(e record.Event) {
	c, is := e.(record.Changed)
	if !is {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch c.State {
	case record.StorageLost:
		h.refuses = true
	case record.StorageRecovered:
		h.refuses = false
	case record.JournalLost:
		h.misplaced = true
	case record.JournalRecovered:
		h.misplaced = false
	default:
	}
}

// why is why no deliveries are taken, "" when they are.
func (h *health) why() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.over:
		return ending
	case !h.opened:
		return starting
	case h.refuses, h.misplaced:
		return unrecorded
	default:
		return ""
	}
}
