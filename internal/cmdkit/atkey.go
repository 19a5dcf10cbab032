package cmdkit

// What a command does for a listener when a key is pressed there.

import (
	"context"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/target"
	"github.com/whctl/whctl/internal/term"
)

// AtKey does for one delivery what its command does, without the command's flags. It gives what there is to show, in whole lines that fit
// the terminal. It is not safe for concurrent use.
type AtKey func(ctx context.Context, e *Env, p Pressed) (text string, err error)

// Pressed is what a listener knows when a key is pressed.
type Pressed struct {
	Delivery string // its id
	Journal  *journal.Journal
	Targets  []target.Target // those of the run, with what is set on their requests
	Open     func(target.Target) target.Sender
	Keys     *Resigning // what deliveries are signed again with
}

// HintText is a next step as a person sees it on Out, "" for none.
func (e *Env) HintText(step fault.Step) string {
	if step == (fault.Step{}) {
		return ""
	}
	text := term.Cut(term.Clean(e.Screen(e.AsTyped(step.String()))), maxTalk)
	return term.FoldWords(e.IO.Style().Accent("hint:")+" "+text, e.IO.Width()) + "\n"
}
