package listen

import (
	"fmt"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// maxClues bounds how many refused deliveries are looked at for the headers of another scheme: it is the first ones that
// show a listener that was started with the wrong scheme.
const maxClues = 8

// clues looks whether the headers of what was refused point to another scheme than the one that nobody named.
type clues struct {
	seen int
	told bool
}

// look gives the hint that belongs after a delivery, at most once in a run. It is for the reader of the stream, where it
// delays no delivery.
func (c *clues) look(s *session, d *record.Delivery) (hint record.Changed, ok bool) {
	if c.told || c.seen >= maxClues || s.keys.Auto() || d.Verdict.OK || d.Verdict.Reason == sign.Unverified {
		return hint, false
	}
	c.seen++
	name := cmdkit.Suggest(s.env, d.Header, d.Verdict.Scheme)
	if name == "" {
		return hint, false
	}
	c.told = true
	return record.Changed{
		State: record.Hinted, DeliveryID: d.ID, Message: fmt.Sprintf("the headers look like %s: add --scheme %s", name, name),
	}, true
}
