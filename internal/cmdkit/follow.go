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

// Follow calls poll every interval until it reports done, ctx ends or it fails. A network that drops is said once, waited
// for ever longer, and its return is said too; any other failure ends it.
func (e *Env) Follow(ctx context.Context, interval time.Duration, poll func(context.Context) (done bool, err error)) error {
	if interval < minInterval {
		return fault.New(fault.Usage, "--interval must be at least %s", minInterval)
	}
	wait, lost := interval, false
	for {
		done, err := poll(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && fault.KindOf(err) == fault.Unreachable:
			if !lost {
				e.Warn("connection lost, trying again: %s", err)
			}
			lost, wait = true, min(wait*2, maxBackoff)
		case err != nil:
			return err
		case done:
			return nil
		default:
			if lost {
				e.Say("connection is back")
			}
			lost, wait = false, interval
		}
		if err := Wait(ctx, wait); err != nil {
			return err
		}
	}
}
