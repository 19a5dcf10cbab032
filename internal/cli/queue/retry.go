package queue

// whctl queue retry: jobs are tried again.

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
)

func newRetry(e *cmdkit.Env, run func(context.Context, *changeOptions) error) *cobra.Command {
	o := &changeOptions{env: e, yes: true, verb: verb{
		change: journal.RetryJobs, done: "queued", refuse: notRetried, then: cmdkit.SayNext,
		from: []record.JobState{record.JobWaiting, record.JobFailed, record.JobInterrupted, record.JobDead, record.JobDropped}, same: record.JobQueued,
	}}
	c := takeJobs(o, &cobra.Command{
		Use:   "retry JOB… | --dead",
		Short: "Try jobs again, each with its full time to be delivered",
		Long: `Try jobs again: those that are dead, failed, interrupted or dropped, and at once those that wait. Their listener sends them
within about a second. Without one, they wait for the next listener that names their target. JOB is the id of a job, or names all jobs of a
delivery (its id, a unique prefix, last) or of an event (its id).`,
		Example: `  whctl queue retry 1e6wyd7tcr.1
  whctl queue retry --dead --target localhost:3000`,
	}, run)
	return c
}

// notRetried says why a job that is neither over nor waiting is not tried again.
func notRetried(job *record.Job) error {
	if job.State == record.JobDelivered {
		return fault.Hint(fault.New(fault.Refused, "job %s was delivered", job.ID()), "see its answer: %s", fault.Command("whctl journal show", job.DeliveryID))
	}
	return underWay(job)
}

// underWay is of a job that answers a sender, or did so when its listener was killed.
func underWay(job *record.Job) error {
	return fault.Hint(fault.New(fault.Refused, "job %s is being sent, and its sender waits for the answer", job.ID()),
		"try again in a moment; if its listener was killed, start one again, which ends the job")
}
