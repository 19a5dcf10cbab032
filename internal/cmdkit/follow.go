package cmdkit

// Polling: --follow and --wait.

import (
	"context"
	"time"

	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/fault"
)

// Wait waits for d. When ctx ends earlier, it returns ctx's error.
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

// The pace of following.
const (
	DefaultInterval = 2 * time.Second
	minInterval     = 100 * time.Millisecond
	maxBackoff      = 30 * time.Second
	maxTrouble      = 10 * time.Second
	patience        = 5 * time.Minute // with an API that answers with errors
)

// CheckInterval refuses an --interval that would overload the API.
func CheckInterval(d time.Duration) error {
	if d < minInterval {
		return fault.New(fault.Usage, "--interval must be at least %s", minInterval)
	}
	return nil
}

// CheckTimeout refuses a --timeout that is not more than zero.
func CheckTimeout(d time.Duration) error {
	if d <= 0 {
		return fault.New(fault.Usage, "--timeout must be more than zero")
	}
	return nil
}

// Pace is how often to poll.
type Pace struct {
	Interval time.Duration
	// Reached says that the API has answered before. Otherwise a first poll that reaches nobody ends it: the address may be
	// wrong.
	Reached bool
}

// Follow calls poll at a pace until it is done, ctx ends or it fails. It tells once that the network is lost, waits longer each
// time, and tells when the network is back. It waits some minutes for an API or a gateway that answers with errors: a restart
// takes that long. Any other failure ends it.
func (e *Env) Follow(ctx context.Context, p Pace, poll func(context.Context) (done bool, err error)) error {
	wait, t := p.Interval, trouble{env: e}
	for {
		done, err := poll(ctx)
		switch {
		case err == nil && done: // also at the deadline
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			t.over()
			wait, p.Reached = p.Interval, true
		case p.Reached && t.passes(err):
			wait = min(wait*2, t.longest)
		default:
			return err
		}
		if err := Wait(ctx, wait); err != nil {
			return err
		}
	}
}

// trouble is what following waits out.
type trouble struct {
	env     *Env
	lost    bool          // nobody answers
	bad     time.Time     // since when the API answers with errors; zero: it does not
	longest time.Duration // between two polls
}

// passes says whether an error may pass by itself. It tells the first of each kind.
func (t *trouble) passes(err error) bool {
	switch {
	case fault.KindOf(err) == fault.Unreachable:
		if !t.lost {
			t.env.Warn("connection lost, trying again: %s", err)
		}
		t.lost, t.longest = true, maxBackoff
		return true
	case !client.Passing(err) || !t.bad.IsZero() && t.env.Now().Sub(t.bad) >= patience:
		return false
	case t.bad.IsZero():
		t.bad = t.env.Now()
		t.env.Warn("the API is in trouble, trying again for up to %s: %s", patience, err)
	}
	t.longest = maxTrouble
	return true
}

func (t *trouble) over() {
	if t.lost {
		t.env.Say("connection is back")
	}
	if !t.bad.IsZero() {
		t.env.Say("the API answers again")
	}
	t.lost, t.bad = false, time.Time{}
}
