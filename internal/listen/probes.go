package listen

import (
	"context"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
)

// How long what was found out about a target that gives no answer is taken for true. A port may be opened at any time; a
// look for TLS is a connection of its own, which the target sees.
const (
	portKnown = time.Second
	tlsKnown  = 10 * time.Second
)

// probes remembers how each target fared, so that a change is said once and a target is looked into once a while.
type probes struct {
	mu    sync.Mutex
	lost  map[string]bool
	found map[string]look // by URL
}

// look is what was found out, and when.
type look struct {
	at    time.Time
	cause deliver.Cause
	hint  fault.Step
}

// hint is the likely mistake behind an attempt that got no answer.
func (p *probes) hint(ctx context.Context, now time.Time, t Target, res deliver.Result) fault.Step {
	keep := portKnown
	if res.Cause == deliver.Cut {
		keep = tlsKnown
	}
	p.mu.Lock()
	known, has := p.found[t.URL]
	p.mu.Unlock()
	if has && known.cause == res.Cause && now.Sub(known.at) < keep {
		return known.hint
	}
	hint := deliver.Probe(ctx, t.URL, res)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found == nil {
		p.found = map[string]look{}
	}
	p.found[t.URL] = look{at: now, cause: res.Cause, hint: hint}
	return hint
}

// seen notes an outcome and tells whether it is a change worth saying.
func (p *probes) seen(t Target, answered bool) (record.Changed, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lost[t.Name] == !answered {
		return record.Changed{}, false
	}
	if p.lost == nil {
		p.lost = map[string]bool{}
	}
	p.lost[t.Name] = !answered
	if answered {
		return record.Changed{State: record.Recovered, Target: t.Name, Message: "the target answers again"}, true
	}
	return record.Changed{State: record.Lost, Target: t.Name, Message: "the target gives no answer; deliveries are recorded, their senders get 502 or 504"}, true
}
