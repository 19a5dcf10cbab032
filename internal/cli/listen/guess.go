package listen

import (
	"fmt"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// guessed remembers which guesses people have been told of. The catalogue bounds their number.
type guessed struct {
	mu   sync.Mutex
	told map[string]bool
}

// tell says once for each scheme that it was guessed, how sure that is and why. With --scheme auto nothing is picked silently.
func (g *guessed) tell(c cmdkit.Choice, at time.Time, emit func(record.Activity)) {
	if c.Rules == nil || c.Verdict == nil {
		return // the verdict says so, or the scheme was named
	}
	name := c.Rules.Scheme().Name
	g.mu.Lock()
	known := g.told[name]
	if g.told == nil {
		g.told = map[string]bool{}
	}
	g.told[name] = true
	g.mu.Unlock()
	if known {
		return
	}
	message := fmt.Sprintf("%s; add --scheme %s to have no other taken", c.Words(), name)
	if !c.Guessed {
		message = "the sender's scheme is not in the catalogue and was worked out: " + c.First[0].Evidence + "; whctl verify --delivery last --scheme auto with this key prints it as lines for the config file"
	}
	emit(record.Activity{Type: record.TypeState, Time: at, State: &record.State{State: "guessed", Message: message}})
}

// maxClues bounds how many refused deliveries are looked at for the headers of another scheme: it is the first ones that
// show a listener that was started with the wrong scheme.
const maxClues = 8

// clues looks whether the headers of what was refused point to another scheme than the one that nobody named.
type clues struct {
	seen int
	told bool
}

// look gives the hint that belongs after an activity, at most once in a run. It is for the reader of the stream, where it
// delays no delivery.
func (c *clues) look(s *session, a record.Activity) (record.Activity, bool) {
	d := a.Delivery
	if c.told || c.seen >= maxClues || d == nil || s.keys.Auto() || d.Verdict.OK || d.Verdict.Reason == sign.Unverified {
		return record.Activity{}, false
	}
	c.seen++
	name := cmdkit.Suggest(s.env, d.Header, d.Verdict.Scheme)
	if name == "" {
		return record.Activity{}, false
	}
	c.told = true
	return record.Activity{Type: record.TypeState, Time: a.Time, State: &record.State{
		State: "hint", DeliveryID: d.ID, Message: fmt.Sprintf("the headers look like %s: add --scheme %s", name, name),
	}}, true
}
