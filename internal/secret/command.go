package secret

// Keys that a program prints.

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/command"
	"github.com/whctl/whctl/internal/fault"
)

// commandLimit gives a person time to unlock a password store.
const commandLimit = 30 * time.Second

// command reads --secret-command: the standard output of a program. No shell runs it.
func (r *Resolver) command(ctx context.Context, line string) (Resolved, error) {
	words, err := command.Split(line)
	if err != nil {
		return Resolved{}, fault.Hint(fault.Wrap(fault.Usage, err, "--secret-command"), `--secret-command 'pass show webhook'`)
	}
	fail := func(format string, args ...any) error {
		return fault.Hint(fault.New(fault.Usage, "--secret-command: "+format, args...),
			"run it by itself to see what it says; no shell runs it, so pipes and $NAME need sh -c '…'")
	}
	limit := cmp.Or(r.Limit, commandLimit)
	out, said, err := command.Program{Words: words, Limit: limit, Most: maxKey + 1, Keep: func(string) bool { return true }}.Run(ctx)
	name := shown(words[0])
	switch {
	case ctx.Err() != nil:
		return Resolved{}, ctx.Err()
	case errors.Is(err, command.ErrLate):
		return Resolved{}, fail("%s did not end within %s", name, limit)
	case errors.Is(err, command.ErrMissing):
		return Resolved{}, fail("there is no program %s", name)
	case len(out) > maxKey: // it was stopped for that
	case err != nil:
		return Resolved{}, fail("%s failed: %s%s", name, pathless(err), saidWords(said))
	case len(out) == 0:
		return Resolved{}, fail("%s printed nothing%s", name, saidWords(said))
	}
	text, err := ReadKey(bytes.NewReader(out))
	return Resolved{Text: text, Label: "command " + name}, fault.Wrap(fault.KindOf(err), err, "--secret-command: what %s printed", name)
}

// saidWords are what a command said, without what looks like a secret.
func saidWords(line string) string {
	words := strings.Fields(line)
	for i, w := range words {
		words[i] = shown(w)
	}
	if len(words) == 0 {
		return ""
	}
	return ", saying: " + strings.Join(words, " ")
}
