package listen

import (
	"context"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/refusal"
	"github.com/whctl/whctl/internal/target"
)

// advice says what to do about an answer that refuses a delivery. What the answer tells comes first. Where it tells nothing and
// the signature holds here, the target's own check of it is the likely cause, but not a certain one.
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
		return ownCheck(d, o.Cause != nil)
	default:
		return fault.Step{}
	}
}

// ownCheck blames the target's own check of a signature. It is a fact only when the target's answer spoke of one.
func ownCheck(d *record.Delivery, told bool) fault.Step {
	if told {
		return fault.NextStep("the signature holds here, so it is the target's own check that fails: it must verify the raw bytes, "+
			"before anything parses them, with this key; details: %s", fault.Command("whctl why", d.ID))
	}
	return fault.NextStep("the signature holds here, so it is probably the target's own check that fails: it must verify the raw bytes, "+
		"before anything parses them, with this key; details: %s", fault.Command("whctl why", d.ID))
}

// rotated says that a key was rotated shortly before a delivery came, which is the first thing to suspect.
func (l *Listener) rotated(d *record.Delivery) (fault.Step, bool) {
	r, ago, ok := l.o.Judge(context.Background()).Rotated(context.Background(), d.ReceivedAt)
	if !ok {
		return fault.Step{}, false
	}
	return fault.NextStep("the key of webhook %s was rotated (%s): does your program have the new one? give it that, and start it again; details: %s",
		fault.Word(r.Name), fault.Word(ago), fault.Command("whctl why", d.ID)), true
}
