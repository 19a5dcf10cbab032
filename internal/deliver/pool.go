package deliver

// Connections that wait for the next request.

import (
	"sync"
	"time"
)

// How many connections wait to one place, and in all.
const (
	idleTo    = 128
	idleInAll = 256
)

// pool holds idle connections by place. The zero value is ready for use.
type pool struct {
	mu    sync.Mutex
	wires map[string][]*wire // the one that was put last comes last
	n     int
	timer *time.Timer // lets go of what has waited too long; nil when there is nothing
}

// take gives the connection that was put last, nil when there is none that is good. What has ended is closed, and so is one on
// which something has come: that could be taken for the answer to the next request.
func (p *pool) take(place string) *wire {
	for {
		w := p.pop(place)
		if w == nil || time.Since(w.since) < idleTimeout && w.in.Buffered() == 0 && quiet(w) {
			return w
		}
		_ = w.Close()
	}
}

func (p *pool) pop(place string) *wire {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.wires[place]
	if len(all) == 0 {
		return nil
	}
	last := len(all) - 1
	w := all[last]
	all[last] = nil
	p.wires[place] = all[:last]
	p.n--
	return w
}

// put has a connection wait, or closes it when there are enough.
func (p *pool) put(place string, w *wire) {
	w.since = time.Now()
	if !p.push(place, w) {
		_ = w.Close()
	}
}

func (p *pool) push(place string, w *wire) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.n >= idleInAll || len(p.wires[place]) >= idleTo {
		return false
	}
	if p.wires == nil {
		p.wires = map[string][]*wire{}
	}
	p.wires[place] = append(p.wires[place], w)
	p.n++
	if p.timer == nil {
		p.timer = time.AfterFunc(idleTimeout, p.letGo)
	}
	return true
}

// letGo closes what has waited too long, and comes again when the next one has.
func (p *pool) letGo() {
	for _, w := range p.expired() {
		_ = w.Close()
	}
}

func (p *pool) expired() (gone []*wire) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	next := idleTimeout
	for place, all := range p.wires {
		i := 0
		for i < len(all) && now.Sub(all[i].since) >= idleTimeout {
			i++
		}
		gone = append(gone, all[:i]...)
		if p.wires[place] = all[i:]; i == len(all) {
			delete(p.wires, place)
			continue
		}
		next = min(next, idleTimeout-now.Sub(all[i].since))
	}
	p.n -= len(gone)
	if p.timer = nil; p.n > 0 {
		p.timer = time.AfterFunc(next, p.letGo)
	}
	return gone
}

// close closes all.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, all := range p.wires {
		for _, w := range all {
			_ = w.Close()
		}
	}
	p.wires, p.n = nil, 0
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
}
