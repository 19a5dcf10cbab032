package replay

// A run's pace.

import (
	"context"
	"time"

	"github.com/whctl/whctl/internal/cmdkit"
)

// pace holds a run to a rate. What was late is not made up for.
type pace struct {
	step time.Duration
	now  func() time.Time
	next time.Time
}

// wait waits until the next one may begin, or ctx ends.
func (p *pace) wait(ctx context.Context) error {
	now := p.now()
	if p.next.Before(now) {
		p.next = now
	}
	early := p.next.Sub(now)
	p.next = p.next.Add(p.step)
	if early <= 0 {
		return ctx.Err()
	}
	return cmdkit.Wait(ctx, early)
}
