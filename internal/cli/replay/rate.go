package replay

// --rate: how many are sent in a time.

import (
	"context"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
)

// rate is the value of --rate. The zero value is no limit.
type rate struct {
	text string
	step time.Duration // between the beginnings of two
}

func (r *rate) String() string { return r.text }
func (r *rate) Type() string   { return "N/s" }

// Set reads N, N/s, N/m or N/h.
func (r *rate) Set(text string) error {
	number, unit, has := strings.Cut(text, "/")
	per, known := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[unit]
	if !has {
		per, known = time.Second, true
	}
	n, err := strconv.ParseFloat(number, 64)
	step := float64(per) / n
	if err != nil || !known || !(n > 0) || math.IsInf(n, 0) || step > float64(24*time.Hour) { // n may be no number
		return fault.Hint(fault.New(fault.Usage, "%q is not a rate", text), "write it as 10/s, 30/m or 100/h")
	}
	r.text, r.step = text, time.Duration(step)
	return nil
}

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
