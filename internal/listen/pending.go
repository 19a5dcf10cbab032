package listen

import "sync"

// pending holds back a duplicate for the moment between an answer and its record. The journal says of a duplicate
// whether the delivery before it had been answered, and a sender may be back before that is on disk.
type pending struct {
	mu   sync.Mutex
	keys map[string]*answering
}

type answering struct {
	n    int
	done chan struct{}
}

// claim is one delivery's part in pending. It is for one goroutine.
type claim struct {
	p   *pending
	key string // "" when the delivery has no event id, and so no duplicates
	a   *answering
}

// begin says that the sender is about to have its answer. It may be called again.
func (c *claim) begin() {
	if c.key == "" || c.a != nil {
		return
	}
	c.p.mu.Lock()
	defer c.p.mu.Unlock()
	if c.p.keys == nil {
		c.p.keys = map[string]*answering{}
	}
	if c.a = c.p.keys[c.key]; c.a == nil {
		c.a = &answering{done: make(chan struct{})}
		c.p.keys[c.key] = c.a
	}
	c.a.n++
}

// end says that the attempt is recorded, or never will be.
func (c *claim) end() {
	if c.a == nil {
		return
	}
	c.p.mu.Lock()
	defer c.p.mu.Unlock()
	if c.a.n--; c.a.n == 0 {
		delete(c.p.keys, c.key)
		close(c.a.done)
	}
}

// wait returns when no delivery of this event is between its answer and its record.
func (p *pending) wait(key string) {
	p.mu.Lock()
	a := p.keys[key]
	p.mu.Unlock()
	if a != nil {
		<-a.done
	}
}
