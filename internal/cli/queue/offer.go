package queue

// Words that a shell completes.

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
)

// mostOffered is how many ids of jobs are offered.
const mostOffered = 100

// oneTarget completes an argument that is a target, and no second one.
func oneTarget(e *cmdkit.Env) cobra.CompletionFunc {
	offer := cmdkit.LaneTargets(e)
	return func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return offer(c, args, typed)
	}
}

// someJobs completes ids of jobs in the given states, the newest first.
func someJobs(e *cmdkit.Env, states []record.JobState) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		var out []string
		cmdkit.ForCompletion(c, e, func(j *journal.Journal, profile string) error {
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
