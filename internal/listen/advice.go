package listen

// What to do about a target's answer that is not 2xx.

import (
	"context"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/refusal"
	"github.com/whctl/whctl/internal/target"
)

// advice says what to do about the answer of a target. A cause that the answer tells comes first. Where it tells none and the
// signature holds here, the target's own check of the signature is the likely cause, but not a certain one.
func (l *Listener) advice(d *record.Delivery, o target.Outcome) fault.Step {
	switch {
	case o.Cause != nil && o.Cause.ID != refusal.Signature:
		return o.Cause.Step()
	case !d.Verdict.OK:
		return fault.Step{}
	case o.Cause != nil || refusal.MayBeSignature(o.Status):
		if step, ok := l.rotated(d); ok {
			return step
		}
		details := fault.Command("whctl why", d.ID)
		if o.Cause == nil { // the answer does not speak of a signature
			return fault.NextStep("the signature holds here, so it is probably the target's own check that fails: it must verify the raw bytes, "+
				"before anything parses them, with this key; details: %s", details)
		}
		return fault.NextStep("the signature holds here, so it is the target's own check that fails: it must verify the raw bytes, "+
			"before anything parses them, with this key; details: %s", details)
	default:
		return fault.Step{}
	}
}

// rotated tells that the key which verified a delivery was rotated shortly before it came. That is the first thing to suspect.
func (l *Listener) rotated(d *record.Delivery) (fault.Step, bool) {
	r, ago, ok := l.o.Judge(context.Background()).Rotated(context.Background(), d.KeyName, d.ReceivedAt)
	if !ok {
		return fault.Step{}, false
	}
	return fault.NextStep("the key of webhook %s was rotated (%s): does your program have the new one? give it that, and start it again; details: %s",
		fault.Word(r.Name), fault.Literal(ago), fault.Command("whctl why", d.ID)), true
}
