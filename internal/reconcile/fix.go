package reconcile

// Having gaps delivered again.

import (
	"context"
	"time"

	"github.com/whctl/whctl/internal/fault"
)

// Way is how an event is delivered again.
type Way string

// The ways.
const (
	ByPlatform Way = "platform" // the platform sends it again
	ByReplay   Way = "replay"   // the journal's delivery is sent to its targets again
)

// Asked is one event that was to be delivered again.
type Asked struct {
	ID       string
	Way      Way
	Err      error // why it could not be asked for; nil: it was
	Left     bool  // it was not tried, as the platform did not answer for another one
	attempts int   // of the platform, before
}

// Repair is what is done about gaps.
type Repair struct {
	// Replay sends a recorded delivery again to the target that did not take it, and returns when that is done. sent is false where it
	// cannot be sent.
	Replay func(ctx context.Context, a Arrival) (sent bool, err error)
	// Wait waits between two checks.
	Wait    func(ctx context.Context, d time.Duration) error
	Every   time.Duration // how often to check
	Timeout time.Duration // when to stop waiting for what was asked for
}

// Fix has each gap delivered again and checks until what became of all of them is known, or the time is up. An event that a target did
// not take is replayed, as the journal has it. The platform is asked for every other one, and for one that cannot be replayed.
// A platform that does not answer is not asked for the rest. The report is the last check's that came to its end, else was.
func Fix(ctx context.Context, o Options, was Report, how Repair) (Report, []Asked, error) {
	gaps := was.Gaps()
	asked := make([]Asked, 0, len(gaps))
	silent := false // the platform does not answer
	for i := range gaps {
		o.Also = append(o.Also, gaps[i].Event)
		a := ask(ctx, o.Platform, &gaps[i], silent, how)
		silent = silent || a.Way == ByPlatform && a.Err != nil && fault.KindOf(a.Err) == fault.Unreachable
		asked = append(asked, a)
		if ctx.Err() != nil {
			return was, asked, ctx.Err()
		}
	}
	r, err := o.await(ctx, was, asked, how)
	return r, asked, err
}

// ask has one gap delivered again. A platform that is silent is not asked.
func ask(ctx context.Context, p Platform, row *Row, silent bool, how Repair) Asked {
	a := Asked{ID: row.ID, Way: ByPlatform, attempts: len(row.Attempts)}
	if last := row.ToReplay(); last != nil {
		if sent, err := how.Replay(ctx, *last); sent || ctx.Err() != nil {
			a.Way, a.Err = ByReplay, err
			return a
		}
	}
	if silent {
		a.Left, a.Err = true, fault.New(fault.Unreachable, "not asked for, as the platform did not answer for another event")
		return a
	}
	a.Err = p.Retry(ctx, row.Event)
	return a
}

// await checks until everything that was asked for is settled.
func (o Options) await(ctx context.Context, was Report, asked []Asked, how Repair) (Report, error) {
	end := o.Now().Add(how.Timeout)
	for {
		r, err := Check(ctx, o)
		if err != nil {
			return was, err
		}
		if r.knows(asked) || !o.Now().Before(end) {
			return r, nil
		}
		if err := how.Wait(ctx, how.Every); err != nil {
			return r, err
		}
		was = r
	}
}

// knows says whether the report tells what became of everything that was asked for.
func (r *Report) knows(asked []Asked) bool {
	rows := make(map[string]*Row, len(r.Rows))
	for i := range r.Rows {
		rows[r.Rows[i].ID] = &r.Rows[i]
	}
	for _, a := range asked {
		if row := rows[a.ID]; a.Err == nil && row != nil && !row.settled(a) {
			return false
		}
	}
	return true
}

// settled says whether an event's outcome is known. A platform says how it stood before for a moment, so its word counts only
// together with an attempt that is new.
func (r *Row) settled(a Asked) bool {
	switch r.State {
	case Missing, Refused:
		return a.Way == ByReplay || r.Phase != Trying && len(r.Attempts) > a.attempts
	case InFlight, Waiting:
		return false
	default:
		return true
	}
}
