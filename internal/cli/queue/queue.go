// Package queue holds whctl queue and its verbs.
package queue

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
)

// New makes the group.
func New(e *cmdkit.Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "queue",
		Short: "Show and change the jobs of the queue: what is owed to targets",
		Long: `A job is one delivery owed to one target. whctl listen sends the jobs of the targets that it names; the jobs of one target
are a lane. These commands work beside a running listener, which takes up a change within about a second, and without one.`,
		Example: `  whctl queue list
  whctl queue retry --dead`,
	}
	c.AddCommand(newList(e, runList), newRetry(e, runChange), newDrop(e, runChange), newPause(e, runSteer), newResume(e, runSteer))
	return c
}

// open opens the journal for reading. One that does not exist yet reads as empty.
func open(ctx context.Context, e *cmdkit.Env) (*journal.Journal, error) {
	return e.Journal(ctx, journal.Options{ReadOnly: true})
}

// openToChange opens the journal for writing. Call it only once open has found a queue in it.
func openToChange(ctx context.Context, e *cmdkit.Env) (*journal.Journal, error) {
	return e.Journal(ctx, journal.Options{})
}

// needQueue fails for a journal of an earlier version that no listener has opened since. Whoever changes such a file may have to wait
// for minutes, so that is left to a listener.
func needQueue(ctx context.Context, j *journal.Journal) error {
	has, err := j.HasQueue(ctx)
	if err != nil || has {
		return err
	}
	return fault.Hint(fault.New(fault.Refused, "the journal %s is of an earlier whctl, which had no queue", j.Path()),
		"the next whctl listen brings it up to date")
}
