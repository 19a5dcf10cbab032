package listen

// What is told of requests that are not recorded.

import (
	"fmt"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/record"
)

// fate is what became of a request: one of these codes, a serve.Loss, or the serve.Cut of a body. There are few of them.
type fate any

// code is a fate that this package decides.
type code int

const (
	spokeHTTP2 code = iota
	askedProxy
	hadFragment
	cameBack
	cameLate
	foundNoRoom
	sentSlowly
	sentSlowChunks
	sentBadChunks
	brokeOff
	brokeOffChunks
	messageCameBack
	messageFoundNoRoom
)

// tally counts requests by their fate. Each fate is told at most once a second, however many requests meet it.
type tally struct {
	mu     sync.Mutex
	counts map[fate]*count
}

type count struct {
	n      int
	toldAt time.Time
}

// tell tells of a request that is not recorded. The message stands for all requests of that fate since the last one was told.
func (l *Listener) tell(f fate, message string) {
	l.turned.mu.Lock()
	defer l.turned.mu.Unlock()
	c := l.turned.counts[f]
	if c == nil {
		c = &count{}
		l.turned.counts[f] = c
	}
	c.n++
	now := l.o.Now()
	if now.Sub(c.toldAt) < time.Second && !c.toldAt.After(now) {
		return
	}
	if c.n > 1 {
		message += fmt.Sprintf(" (%d times)", c.n)
	}
	c.n, c.toldAt = 0, now
	l.emit(record.Failed{Message: message})
}
