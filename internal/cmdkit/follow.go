package cmdkit

import (
	"context"
	"time"

	"github.com/whctl/whctl/internal/fault"
)

// Wait lets d pass, or less when ctx ends; then it returns ctx's error.
func Wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// The pace of following, when nothing else was asked for.
const (
	DefaultInterval = 2 * time.Second
	minInterval     = 100 * time.Millisecond
	maxBackoff      = 30 * time.Second
)

// CheckInterval refuses an --interval that would press the API. It is checked before anything is sent.
func CheckInterval(d time.Duration) error {
	if d < minInterval {
		return fault.New(fault.Usage, "--interval must be at least %s", minInterval)
	}
	return nil
}

// CheckTimeout refuses a --timeout that has run out before it begins.
func CheckTimeout(d time.Duration) error {
	if d <= 0 {
		return fault.New(fault.Usage, "--timeout must be more than nothing")
	}
	return nil
}

// Pace is how often to look.
type Pace struct {
	Interval time.Duration
	// Reached says that the API has answered before. Otherwise a first look that reaches nobody ends it: a connection
	// that never was is not lost, and a wrong address would be tried for ever.
	Reached bool
}

// Follow calls poll at a pace until it reports done, ctx ends or it fails. A network that drops is said once, waited
// for ever longer, and its return is said too; any other failure ends it.
func (e *Env) Follow(ctx context.Context, p Pace, poll func(context.Context) (done bool, err error)) error {
	wait, lost := p.Interval, false
	for {
		done, err := poll(ctx)
		switch {
		case err == nil && done: // even when it came together with the deadline
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && fault.KindOf(err) == fault.Unreachable && p.Reached:
			if !lost {
				e.Warn("connection lost, trying again: %s", err)
			}
			lost, wait = true, min(wait*2, maxBackoff)
		case err != nil:
			return err
		default:
			if lost {
				e.Say("connection is back")
			}
			lost, wait, p.Reached = false, p.Interval, true
		}
		if err := Wait(ctx, wait); err != nil {
			return err
		}
	}
}
