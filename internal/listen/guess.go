package listen

import (
	"fmt"
	"sync"

	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/record"
)

// guesses remembers which guessed schemes people have been told of. The catalogue bounds their number.
type guesses struct {
	mu   sync.Mutex
	told map[string]bool
}

// first says whether a scheme is guessed for the first time.
func (g *guesses) first(scheme string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.told[scheme] {
		return false
	}
	if g.told == nil {
		g.told = map[string]bool{}
	}
	g.told[scheme] = true
	return true
}

// tellGuess says once for each scheme that it was guessed, how sure that is and why. Nothing is picked silently.
func (l *Listener) tellGuess(jm judge.Judgement) {
	g := jm.Guess
	if g == nil || !l.guesses.first(g.Scheme) {
		return
	}
	message := fmt.Sprintf("%s; add --scheme %s to have no other taken", g.Words(), g.Scheme)
	if g.Inferred {
		message = "the sender's scheme is not in the catalogue and was worked out: " + g.Why +
			"; whctl verify --delivery last --scheme auto with this key prints it as lines for the config file"
	}
	l.emit(record.Changed{State: record.Guessed, Message: message})
}
