package listen

// What whctl expect tells at its end.

import (
	"slices"
	"time"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/expect"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/render"
)

// The outcomes of an expectation.
const (
	outcomeMet     = "met"
	outcomeUnmet   = "unmet"
	outcomeNothing = "nothing_came"
	outcomeFailed  = "command_failed"
	outcomeStopped = "stopped"
)

// report is what came of a run of expect.
type report struct {
	*expectOptions
	expect.Result
	want    expect.Expectation
	took    time.Duration
	addr    string // of the socket; "" without one
	stopped bool
	failed  *commandError // nil: it did not
	exit    *int          // of the command; nil: none was run, or a signal ended it
}

// outcome is what came of it, in a word. What has come in time counts, whatever happened after it.
func (r *report) outcome() string {
	switch {
	case r.failed != nil && (r.want.Count == 0 || !r.Met):
		return outcomeFailed
	case r.stopped && (r.want.Count == 0 || !r.Met):
		return outcomeStopped
	case r.Met:
		return outcomeMet
	case r.want.Count > 0 && r.OfType == 0 && r.Missed == 0:
		return outcomeNothing
	default:
		return outcomeUnmet
	}
}

// tell prints the outcome, writes the report for CI, and gives the error.
func (r *report) tell() error {
	err := r.fault()
	if written := r.writeJUnit(); written != nil {
		err = fault.Worse(err, written)
	}
	if printed := r.out.Value(r.env.IO, r.object(err), r.text); printed != nil {
		err = fault.Worse(err, cmdkit.WriteFailed(printed))
	}
	return err
}

// fault is the error of the run, with the next step; nil when the expectation was met.
func (r *report) fault() error {
	span := render.Dur(r.took)
	switch r.outcome() {
	case outcomeMet:
		if n := r.unverified(); n > 0 && !r.want.Verified {
			r.env.Say("note: %d of the deliveries that count did not verify; with --verified, only those count that do", n)
		}
		return nil
	case outcomeFailed:
		return fault.Hint(fault.New(fault.CommandFailed, "%s, before the expectation was met: %s", r.failed.failure(), r.lacking()),
			"its output says why; run it by itself beside: whctl listen")
	case outcomeStopped:
		return fault.New(fault.Stopped, "stopped after %s: %s", span, r.lacking())
	case outcomeNothing:
		err := fault.New(fault.Unreachable, "nothing%s came in %s", r.ofType(), span)
		if r.Came > 0 {
			return r.hint(err)
		}
		if r.addr == "" {
			return fault.Hint(err, "wait longer with --within; machines share the messages by NAME, so another may have them: --from NAME=nats://…")
		}
		return fault.Hint(err, "wait longer with --within, or check whether a delivery gets here: %s", fault.Command("whctl send", r.sample()).Flag("--to", r.addr))
	default:
		return r.hint(fault.New(fault.Unverified, "the expectation was not met in %s: %s", span, r.lacking()))
	}
}

// unverified is how many of the deliveries that count, of those that are kept, did not verify.
func (r *report) unverified() (n int) {
	for _, s := range r.Seen {
		if s.Miss == expect.Counts && !s.Delivery.Verdict.OK && s.Delivery.Answer >= 400 {
			n++
		}
	}
	return n
}

// hint names the delivery to look at: the newest of those that nearly count.
func (r *report) hint(err error) error {
	if r.Missed > 0 {
		return fault.Hint(err, "%s events came too fast to be looked at, and the journal has all deliveries: whctl journal list", fault.Number(r.Missed))
	}
	for _, miss := range []expect.Miss{expect.Unverified, expect.Failed, expect.OutOfOrder, expect.Unmatched, expect.Counts, expect.NotOfType} {
		for _, s := range slices.Backward(r.Seen) {
			switch {
			case s.Miss != miss:
			case miss == expect.Unverified && s.Delivery.Answer >= 400:
				return fault.Hint(err, "see why it did not verify: %s", fault.Command("whctl why", s.Delivery.ID))
			default:
				return fault.Hint(err, "look at what came: %s", fault.Command("whctl journal show", s.Delivery.ID))
			}
		}
	}
	return err
}
