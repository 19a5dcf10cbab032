// Package journal holds whctl journal and its verbs.
package journal

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/journal"
)

// New makes the group.
func New(e *cmdkit.Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "journal",
		Short: "Show the deliveries this machine has received",
		Long: `The journal records every delivery that a listener on this machine has received: its headers, the bytes of its body,
the verdict, and each attempt to hand it on. It keeps at most 1 GiB and 30 days; refused deliveries go first.`,
		Example: `  whctl journal list --verdict mismatch
  whctl journal show last
  whctl journal search usr_4711
  whctl journal stats --since 7d`,
	}
	c.AddCommand(newList(e, runList), newShow(e, runShow), newDiff(e, runDiff), newSearch(e, runSearch), newStats(e, runStats),
		newExport(e, runExport), newPrune(e, runPrune), newPath(e))
	return c
}

// open opens the journal for reading. One that does not exist yet reads as empty.
func open(ctx context.Context, e *cmdkit.Env) (*journal.Journal, error) {
	return e.Journal(ctx, journal.Options{ReadOnly: true})
}
