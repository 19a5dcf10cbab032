package queue

// Jobs that a shell completes.

import (
	"context"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
)

// mostOffered is how many ids of jobs are offered.
const mostOffered = 100

// someJobs are ids of jobs in the given states, the newest first.
func someJobs(e *cmdkit.Env, states []record.JobState) cmdkit.Words {
	return func(ctx context.Context, _ string) (words []cmdkit.Word) {
		e.Glance(ctx, func(ctx context.Context, j *journal.Journal, profile string) error {
			if has, err := j.HasQueue(ctx); err != nil || !has {
				return err
			}
			f := journal.JobFilter{Profile: profile, States: states, Limit: mostOffered}
			return j.EachJob(ctx, f, func(l *journal.ListedJob) error {
				words = append(words, cmdkit.Word{Text: l.ID(), About: string(l.State) + ", " + l.EventType})
				return nil
			})
		})
		return words
	}
}
