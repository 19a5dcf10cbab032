package listen

// The hint that deliveries are of another scheme.

import (
	"fmt"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// maxHintTries is how many refused deliveries are checked for the headers of another scheme. A listener with the wrong scheme
// shows it with the first ones.
const maxHintTries = 8

// schemeHint tells once in a run that refused deliveries have the headers of another scheme.
type schemeHint struct {
	tries int
	told  bool
}

// after returns the hint to print after a delivery. It is for the printer, where it delays no delivery.
func (c *schemeHint) after(s *session, d *record.Delivery) (hint record.Changed, ok bool) {
	if c.told || c.tries >= maxHintTries || s.keys.Auto() || d.Verdict.OK || d.Verdict.Reason == sign.Unverified {
		return hint, false
	}
	c.tries++
	name := cmdkit.Suggest(s.env, d.Header, d.Verdict.Scheme)
	if name == "" {
		return hint, false
	}
	c.told = true
	return record.Changed{
		State: record.Hinted, DeliveryID: d.ID, Message: fmt.Sprintf("the headers look like %s: add --scheme %s", name, name),
	}, true
}
