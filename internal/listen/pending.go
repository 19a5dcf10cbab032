package listen

// Duplicates that come while the first delivery is being answered.

import (
	"context"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/record"
)

// settleWait is how long a recorded duplicate waits, before it is shown, for the record of an answer that was just given.
const settleWait = 250 * time.Millisecond

// pending knows which events are between an answer and its record. The journal says of a duplicate whether the first delivery
// was answered, and a sender may be back before that is on disk. Such a duplicate is recorded at once, and settled later.
type pending struct {
	mu   sync.Mutex
	keys map[string]*answering
}

type answering struct {
	n     int
	done  chan struct{}
	later []string // ids of duplicates to settle then
	over  bool
}

// turn is one delivery's part in pending. It is for one goroutine.
type turn struct {
	p   *pending
	key string // "" when the delivery has no event id, and so no duplicates
	a   *answering
}

// begin says that the sender is about to have its answer.
func (t *turn) begin() {
	if t.key == "" {
		return
	}
	t.p.mu.Lock()
	defer t.p.mu.Unlock()
	if t.a = t.p.keys[t.key]; t.a == nil {
		t.a = &answering{done: make(chan struct{})}
		t.p.keys[t.key] = t.a
	}
	t.a.n++
}

// end says that the attempt is recorded, or never will be. It returns the duplicates to settle now.
func (t *turn) end() []string {
	if t.a == nil {
		return nil
	}
	t.p.mu.Lock()
	defer t.p.mu.Unlock()
	if t.a.n--; t.a.n > 0 {
		return nil
	}
	delete(t.p.keys, t.key)
	t.a.over = true
	close(t.a.done)
	return t.a.later
}

// answeringTo gives the answer that is being given to a delivery of this event; nil when there is none.
func (p *pending) answeringTo(key string) *answering {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.keys[key]
}

// leave leaves a duplicate to be settled when the answer ends. It returns false when the answer has ended.
func (p *pending) leave(a *answering, id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if a.over {
		return false
	}
	a.later = append(a.later, id)
	return true
}

// settleSoon finds out whether the first delivery of a recorded duplicate was answered. It waits a moment for that answer to end,
// and else leaves the duplicate to be settled then.
func (l *Listener) settleSoon(d *record.Delivery, a *answering) {
	if a == nil || d.Duplicate == nil || d.Duplicate.Answered {
		return
	}
	timer := time.NewTimer(settleWait)
	defer timer.Stop()
	select {
	case <-a.done:
	case <-timer.C:
		if l.pending.leave(a, d.ID) {
			return
		}
	}
	d.Duplicate.Answered = l.settle(d.ID) == 1
}

// settle marks the recorded duplicates whose first delivery was answered, and returns their number.
func (l *Listener) settle(ids ...string) int {
	if len(ids) == 0 {
		return 0
	}
	n, err := l.o.Recorder.SettleDuplicates(context.Background(), ids)
	if err != nil {
		l.sayUnrecorded("whether a duplicate had been answered", ids[0], err)
	}
	return n
}
