package cmdkit

import (
	"context"
	"time"

	"github.com/whctl/whctl/internal/client"
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
	maxTrouble      = 10 * time.Second
	patience        = 5 * time.Minute // with an API that answers, and not with what was asked for
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
// for ever longer, and its return is said too. An API that answers with errors of its own, or a gateway in its place, is given
// some minutes, because it is that long that restarting one takes. Any other failure ends it.
func (e *Env) Follow(ctx context.Context, p Pace, poll func(context.Context) (done bool, err error)) error {
	wait, lost, bad := p.Interval, false, time.Time{}
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
		case err != nil && client.Passing(err) && p.Reached && (bad.IsZero() || e.Now().Sub(bad) < patience):
			if bad.IsZero() {
				bad = e.Now()
				e.Warn("the API is in trouble, trying again for up to %s: %s", patience, err)
			}
			wait = min(wait*2, maxTrouble)
		case err != nil:
			return err
		default:
			if lost {
				e.Say("connection is back")
			}
			if !bad.IsZero() {
				e.Say("the API is well again")
			}
			lost, bad, wait, p.Reached = false, time.Time{}, p.Interval, true
		}
		if err := Wait(ctx, wait); err != nil {
			return err
		}
	}
}
