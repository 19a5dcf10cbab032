// Package journal holds whctl journal and its verbs.
package journal

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
)

// New makes the group.
func New(e *cmdkit.Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "journal",
		Short: "Show the deliveries this machine has received",
		Long: `The journal records every delivery that a listener on this machine has received: its headers, the bytes of its body,
the verdict, and each attempt to hand it on. It keeps at most 1 GiB and 30 days; refused deliveries go first.`,
		Example: `  whctl journal list --verdict mismatch
  whctl journal show last`,
	}
	c.AddCommand(newList(e, runList), newShow(e, runShow), newDiff(e, runDiff), newPath(e))
	return c
}

// open opens the journal for reading. One that does not exist yet reads as empty.
func open(ctx context.Context, e *cmdkit.Env) (*journal.Journal, error) {
	s, err := e.Settings()
	if err != nil {
		return nil, err
	}
	j, err := journal.Open(ctx, s.JournalPath, journal.Options{
		Now: e.Now, ReadOnly: true, Tell: func(st record.Changed) { e.Warn("%s", st.Message) },
	})
	if err == nil && j.Warning() != "" {
		e.Warn("%s", j.Warning())
	}
	return j, err
}

// scope is the profile that references and lists are limited to; all means every one.
func scope(e *cmdkit.Env, all bool) (string, error) {
	s, err := e.Settings()
	if err != nil || all {
		return "", err
	}
	return s.Profile, nil
}
