package queue

// whctl queue drop: jobs are not tried any more.

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
)

func newDrop(e *cmdkit.Env, run func(context.Context, *changeOptions) error) *cobra.Command {
	o := &changeOptions{env: e, verb: verb{
		change: journal.DropJobs, done: "dropped", refuse: notDropped, then: sayNothing,
		from: []record.JobState{record.JobQueued, record.JobWaiting, record.JobFailed, record.JobInterrupted, record.JobDead}, same: record.JobDropped,
	}}
	c := takeJobs(o, &cobra.Command{
		Use:   "drop JOB… | --dead",
		Short: "Give up jobs: they are not tried again",
		Long: `Give up jobs: they are not tried again, and the journal may later drop their deliveries. Until then whctl queue retry
tries them again. JOB is the id of a job, or names all jobs of a delivery (its id, a unique prefix, last) or of an
event (its id).`,
		Example: `  whctl queue drop 1e6wyd7tcr.1
  whctl queue drop --dead --yes`,
	}, run)
	cmdkit.YesFlag(c.Flags(), &o.yes, "do not ask")
	return c
}

// notDropped says why a job that is over, or answers a sender, is not dropped.
func notDropped(job *record.Job) error {
	if job.State == record.JobDelivered {
		return fault.New(fault.Refused, "job %s was delivered: there is nothing to drop", job.ID())
	}
	return underWay(job)
}

func sayNothing(context.Context, *cmdkit.Env, cmdkit.LaneStore, []record.Job) error { return nil }
