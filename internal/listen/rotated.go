package listen

import (
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// rotated says that a key was rotated not long before a delivery came, which is what a target's refusal is about first.
func (l *Listener) rotated(d *record.Delivery) (fault.Step, bool) {
	if l.o.Rotations == nil {
		return fault.Step{}, false
	}
	r, ago, ok := sign.Recent(l.o.Rotations(), d.ReceivedAt)
	if !ok {
		return fault.Step{}, false
	}
	return fault.NextStep("the key of webhook %s was rotated (%s): does your program have the new one? give it that, and start it again; details: %s",
		fault.Word(r.Name), fault.Word(ago), fault.Command("whctl why", d.ID)), true
}
