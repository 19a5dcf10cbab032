package listen

// What people are told of a guessed scheme.

import (
	"fmt"

	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/record"
)

// tellGuess says once for each scheme that it was guessed, how sure that is and why. Of one that verified a delivery its line says enough.
func (l *Listener) tellGuess(d *record.Delivery, jm judge.Judgement) {
	g := jm.Guess
	if g == nil {
		return
	}
	if _, told := l.guessed.LoadOrStore(g.Scheme, true); told {
		return
	}
	message := fmt.Sprintf("%s; add --scheme %s to have no other taken", g.Words(), g.Scheme)
	if g.Inferred {
		message = "the sender's scheme is not in the catalogue and was worked out: " + g.Why +
			"; whctl verify --delivery last --scheme auto with this key prints it as lines for the config file"
	}
	l.emitAt(d.ReceivedAt, record.Changed{State: record.Guessed, DeliveryID: d.ID, Message: message, Shown: d.Verdict.OK && !g.Inferred})
}
