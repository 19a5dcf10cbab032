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
	wait, t := p.Interval, trouble{env: e}
	for {
		done, err := poll(ctx)
		switch {
		case err == nil && done: // even when it came together with the deadline
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

// trouble is what following has met with and waits for the end of.
type trouble struct {
	env     *Env
	lost    bool          // nobody answered
	bad     time.Time     // since when somebody else did; zero: nobody does
	longest time.Duration // to wait between two looks
}

// passes says whether an error is waited for, and tells the first of each kind.
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
		t.env.Say("the API is well again")
	}
	t.lost, t.bad = false, time.Time{}
}
