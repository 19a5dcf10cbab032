package queue

// Changing the jobs that a command line names.

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

type changeOptions struct {
	env *cmdkit.Env

	refs   []string
	dead   bool
	target string
	yes    bool // nobody is asked
	verb   verb
}

// verb is what a command does to jobs.
type verb struct {
	change journal.JobChange
	done   string            // "dropped"
	from   []record.JobState // that it applies to
	same   record.JobState   // in which there is nothing to do
	refuse func(*record.Job) error
	then   func(context.Context, *cmdkit.Env, cmdkit.LaneStore, []record.Job) error // says what is next
}

// takeJobs makes c take jobs, or --dead.
func takeJobs(o *changeOptions, c *cobra.Command, run func(context.Context, *changeOptions) error) *cobra.Command {
	c.Args = cobra.ArbitraryArgs
	c.ValidArgsFunction = cmdkit.Arguments(math.MaxInt, someJobs(o.env, o.verb.from))
	c.RunE = func(c *cobra.Command, args []string) error {
		o.refs = args
		return run(c.Context(), o)
	}
	fs := c.Flags()
	fs.SortFlags = false
	fs.BoolVar(&o.dead, "dead", false, "all dead jobs of this profile")
	fs.StringVar(&o.target, "target", "", "with --dead: only those for this `target`")
	return c
}

func (o *changeOptions) check() error {
	switch {
	case o.dead && len(o.refs) > 0:
		return fault.New(fault.Usage, "--dead does not go with jobs that are named")
	case !o.dead && o.target != "":
		return fault.New(fault.Usage, "--target goes with --dead only")
	case !o.dead && len(o.refs) == 0:
		return fault.Hint(fault.New(fault.Usage, "no job named"), "name one that whctl queue list shows, or all dead ones with --dead")
	}
	return nil
}

func runChange(ctx context.Context, o *changeOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	j, err := open(ctx, o.env)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }()
	if err := needQueue(ctx, j); err != nil {
		return err
	}
	if o.dead {
		return o.changeDead(ctx, out, j)
	}
	return o.changeNamed(ctx, out, j)
}

// named is a job that the command line names, with the event that people know it by.
type named struct {
	job  record.Job
	what string // the type of its event
}

// changeNamed changes the jobs that the arguments name. All are tried, and the worst that happened is returned.
func (o *changeOptions) changeNamed(ctx context.Context, out render.Output, j *journal.Journal) error {
	found, worst := o.find(ctx, j)
	var changed []named
	if len(found) > 0 {
		if err := o.env.Confirm(o.yes, o.question(len(found), "job")); err != nil {
			return err
		}
		var err error
		changed, err = o.apply(ctx, found)
		worst = fault.Worse(worst, err)
	}
	if len(changed) > 0 || worst == nil {
		if err := o.print(out, changed); err != nil {
			return err
		}
	}
	var jobs []record.Job
	for _, n := range changed {
		jobs = append(jobs, n.job)
	}
	if err := o.verb.then(ctx, o.env, j, jobs); err != nil {
		return err
	}
	if worst != nil && len(o.refs) > 1 {
		return fault.Hint(fault.New(fault.KindOf(worst), "not every job was %s: %s", o.verb.done, worst), "see what there is: whctl queue list")
	}
	return worst
}

func (o *changeOptions) question(n int, one string) string {
	return fmt.Sprintf("Give up %s? What is given up is not sent.", fault.Plural(n, one))
}

// find gives the jobs that can be changed, each once, and the worst reason why others cannot.
func (o *changeOptions) find(ctx context.Context, j *journal.Journal) (found []named, worst error) {
	s, err := o.env.Settings()
	if err != nil {
		return nil, err
	}
	for _, ref := range o.refs {
		jobs, err := j.NamedJobs(ctx, s.Profile, ref)
		if err == nil {
			found, err = o.sort(found, jobs)
		}
		if err != nil && len(o.refs) > 1 {
			o.env.Warn("%s: %s", fault.Word(ref), err)
		}
		worst = fault.Worse(worst, err)
	}
	return found, worst
}

// sort adds those of the jobs of an argument that can be changed to found. It fails if there is none, and nothing was done already.
func (o *changeOptions) sort(found []named, jobs []journal.ListedJob) ([]named, error) {
	fits := false
	var refused error
	for i := range jobs {
		l := &jobs[i]
		switch {
		case slices.Contains(o.verb.from, l.State):
			fits = true
			if !slices.ContainsFunc(found, func(n named) bool { return n.job.ID() == l.ID() }) {
				found = append(found, named{l.Job, l.EventType})
			}
		case l.State == o.verb.same:
			fits = true
			o.env.Say("job %s is %s already", l.ID(), string(l.State))
		default:
			refused = cmp.Or(refused, o.verb.refuse(&l.Job))
		}
	}
	if fits && refused != nil {
		o.env.Say("%s", refused)
	}
	if fits {
		return found, nil
	}
	return found, refused
}

// apply changes jobs. One may have changed since it was found.
func (o *changeOptions) apply(ctx context.Context, found []named) (changed []named, worst error) {
	j, err := openToChange(ctx, o.env)
	if err != nil {
		return nil, err
	}
	defer func() { _ = j.Close() }()
	for _, n := range found {
		one := journal.JobFilter{Delivery: n.job.DeliveryID, Place: n.job.Place + 1}
		only := one
		only.States = o.verb.from
		now, err := j.ChangeJobs(ctx, only, o.verb.change)
		if err != nil {
			return changed, err
		}
		if len(now) == 0 {
			now, err := j.Jobs(ctx, one)
			if err == nil && len(now) > 0 && now[0].State != o.verb.same {
				err = o.verb.refuse(&now[0])
			}
			worst = fault.Worse(worst, err)
			continue
		}
		changed = append(changed, named{now[0], n.what})
	}
	return changed, worst
}

func (o *changeOptions) print(out render.Output, changed []named) error {
	now := o.env.Now()
	list := []any{}
	for _, n := range changed {
		list = append(list, render.JobJSON(n.job, now))
	}
	return out.Value(o.env.IO, list, func() error {
		for _, n := range changed {
			words := term.Clean(n.job.ID() + "  " + n.what + "  " + render.ShortTarget(n.job.Target))
			if err := render.Text(o.env.IO, o.env.IO.Style().Good("✓ "+o.verb.done)+"  "+words+"\n"); err != nil {
				return err
			}
		}
		return nil
	})
}
