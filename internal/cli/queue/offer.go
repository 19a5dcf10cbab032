package queue

// Words that a shell completes: the targets of lanes, and the ids of jobs.

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
)

// mostOffered is how many ids of jobs are offered.
const mostOffered = 100

// offerTargets completes --target.
func offerTargets(e *cmdkit.Env, c *cobra.Command) {
	_ = c.RegisterFlagCompletionFunc("target", targets(e)) // fails only when done twice
}

// oneTarget completes an argument that is a target, and no second one.
func oneTarget(e *cmdkit.Env) cobra.CompletionFunc {
	offer := targets(e)
	return func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return offer(c, args, typed)
	}
}

// targets completes a target that has a lane.
func targets(e *cmdkit.Env) cobra.CompletionFunc {
	return func(c *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		var out []string
		withJournal(c, e, func(j *journal.Journal, profile string) error {
			lanes, err := j.Lanes(c.Context(), profile)
			for _, l := range lanes {
				if name := render.ShortTarget(l.Target); strings.HasPrefix(name, typed) {
					out = append(out, name)
				}
			}
			return err
		})
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}

// someJobs completes ids of jobs in the given states, the newest first.
func someJobs(e *cmdkit.Env, states []record.JobState) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		var out []string
		withJournal(c, e, func(j *journal.Journal, profile string) error {
			f := journal.JobFilter{Profile: profile, States: states, Limit: mostOffered}
			return j.EachJob(c.Context(), f, func(l *journal.ListedJob) error {
				if id := l.ID(); strings.HasPrefix(id, typed) && !slices.Contains(args, id) {
					out = append(out, id+"\t"+string(l.State))
				}
				return nil
			})
		})
		return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// withJournal opens the journal for a completion. What goes wrong offers nothing: a shell has no place for an error.
func withJournal(c *cobra.Command, e *cmdkit.Env, f func(j *journal.Journal, profile string) error) {
	s, err := e.Settings()
	if err != nil {
		return
	}
	j, err := journal.Open(c.Context(), s.JournalPath, journal.Options{Now: e.Now, ReadOnly: true})
	if err != nil {
		return
	}
	defer func() { _ = j.Close() }()
	if has, err := j.HasQueue(c.Context()); err == nil && has {
		_ = f(j, s.Profile)
	}
}
