package listen

import (
	"fmt"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/record"
)

// tally counts requests by their fate. Each fate is told at most once a second, however many requests meet it. Fates are constant
// texts of this package and of serve, so there are few.
type tally struct {
	mu    sync.Mutex
	fates map[string]*fate
}

type fate struct {
	count  int
	toldAt time.Time
}

// tell says what became of a request that is not recorded.
func (l *Listener) tell(what string) { l.tellOf(what, "a request "+what) }

// tellOf says something about a request of that fate. What is said of those that came since stands for them.
func (l *Listener) tellOf(what, message string) {
	l.untold.mu.Lock()
	defer l.untold.mu.Unlock()
	f := l.untold.fates[what]
	if f == nil {
		f = &fate{}
		l.untold.fates[what] = f
	}
	f.count++
	now := l.o.Now()
	if now.Sub(f.toldAt) < time.Second && !f.toldAt.After(now) {
		return
	}
	if f.count > 1 {
		message += fmt.Sprintf(" (%d times)", f.count)
	}
	f.count, f.toldAt = 0, now
	l.emit(record.Failed{Message: message})
}
