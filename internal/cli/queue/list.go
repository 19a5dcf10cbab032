package queue

// whctl queue list: the jobs that are owed or given up, newest first.

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
)

const (
	defaultLimit = 50
	stateOpen    = "open" // of all jobs that are still owed
)

type listOptions struct {
	env *cmdkit.Env

	target string
	state  string
	limit  int
	all    bool

	follows bool
}

func newList(e *cmdkit.Env, run func(context.Context, *listOptions) error) *cobra.Command {
	o := &listOptions{env: e}
	c := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List jobs, newest first: those that are owed, and dead ones",
		Long: `List jobs, newest first. Without --state it lists the open ones (queued, sending or waiting for their next try) and the dead
ones. Below the list stands who sends the jobs of each target.`,
		Example: `  whctl queue list
  whctl queue list --state dead --target localhost:3000
  whctl queue list --state open -o json
  whctl queue list --follow`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return run(c.Context(), o) },
	}
	fs := c.Flags()
	fs.SortFlags = false
	fs.StringVar(&o.target, "target", "", "jobs for this `target`: its name, or its address")
	fs.StringVar(&o.state, "state", "", "jobs in this `state`: open, queued, waiting, dead, …")
	cmdkit.AddLimit(fs, &o.limit, defaultLimit, "how `many` at most; 0 is all")
	fs.BoolVar(&o.all, "all", false, "in every profile")
	fs.BoolVar(&o.follows, "follow", false, "keep running and show each job that is new or has another state, oldest first")
	cmdkit.OneOf(c, "state", stateWords()...)
	return c
}

func stateWords() []string {
	words := []string{stateOpen}
	for _, s := range record.JobStates() {
		words = append(words, string(s))
	}
	return words
}

// states are the states that --state asks for.
func (o *listOptions) states() ([]record.JobState, error) {
	all := record.JobStates()
	open := slices.DeleteFunc(slices.Clone(all), func(s record.JobState) bool { return !s.Open() })
	switch {
	case o.state == "":
		return append(open, record.JobDead), nil
	case o.state == stateOpen:
		return open, nil
	case slices.Contains(all, record.JobState(o.state)):
		return []record.JobState{record.JobState(o.state)}, nil
	}
	return nil, fault.Hint(fault.New(fault.Usage, "unknown state %q", o.state), "there are %s", fault.List(stateWords()))
}

func runList(ctx context.Context, o *listOptions) error {
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	s, err := o.env.Settings()
	if err != nil {
		return err
	}
	f := journal.JobFilter{Profile: s.Profile, Limit: o.limit}
	if f.States, err = o.states(); err != nil {
		return err
	}
	if o.limit < 0 {
		return fault.New(fault.Usage, "--limit must not be negative")
	}
	if o.limit > 0 {
		f.Limit++ // one more tells whether there is more
	}
	if o.all {
		f.Profile = ""
	}
	if o.follows {
		return o.follow(ctx, out, f)
	}
	j, err := open(ctx, o.env)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }()
	if has, err := j.HasQueue(ctx); err != nil || !has {
		return cmp.Or(err, o.none(out, "the journal is of an earlier whctl, which had no queue; the next whctl listen brings it up to date"))
	}
	lanes, err := j.Lanes(ctx, f.Profile)
	if err != nil {
		return err
	}
	if o.target != "" {
		f.Target = cmdkit.LaneName(o.target, lanes)
	}
	more, found, now := false, false, o.env.Now()
	rows := render.Rows[*journal.ListedJob](func(fn func(*journal.ListedJob) error) error {
		return j.EachJob(ctx, f, func(l *journal.ListedJob) error {
			found = true
			return fn(l)
		})
	}).First(o.limit, &more)
	if out.Machine() {
		err = rows.WriteArray(o.env.IO, out, func(l *journal.ListedJob) any { return render.JobJSON(l.Job, now) })
	} else {
		err = o.table(rows, func() { o.sayEmpty(f) })
	}
	if err == nil && !found {
		err = o.sayUnknown(ctx, j, f.Profile)
	}
	if more {
		o.env.SayMore(ctx, o.limit, func(ctx context.Context) (int, error) { return j.CountJobs(ctx, f) })
	}
	if err == nil {
		o.sayLanes(j, lanes, f.Target)
	}
	return err
}

// none prints an empty list, and says why it is empty.
func (o *listOptions) none(out render.Output, why string) error {
	o.env.Say("%s", why)
	if !out.Machine() {
		return nil
	}
	return out.Value(o.env.IO, []any{}, func() error { return nil })
}

// table prints the jobs. empty says what it means that there are none.
func (o *listOptions) table(rows render.Rows[*journal.ListedJob], empty func()) error {
	style, now := o.env.IO.Style(), o.env.Now()
	columns := []render.Column{
		{Title: "JOB", Narrow: render.Uncut},
		{Title: "TYPE", Narrow: render.CutMiddle, Least: render.LeastType},
		{Title: "TARGET", Narrow: render.CutMiddle, Worth: 5, Least: 14},
		{Title: "STATE", Narrow: render.Uncut},
		{Title: "TRIES", Right: true, Worth: 1},
		{Title: "AGE", Narrow: render.Uncut, Worth: 2},
		{Title: "DUE", Narrow: render.Uncut, Worth: 3},
		{Title: "REASON", Worth: 4},
	}
	if o.all {
		columns = append(columns, render.Column{Title: "PROFILE", Worth: 6})
	}
	t := render.NewTable(columns...)
	err := rows(func(l *journal.ListedJob) error {
		t.AddCells(
			render.Cell{Text: l.ID(), Paint: style.Accent}, render.Cell{Text: l.EventType}, render.Cell{Text: render.ShortTarget(l.Target)},
			render.Cell{Text: string(l.State), Paint: paint(style, l.State)}, render.Cell{Text: strconv.Itoa(l.Tries)},
			render.AgoCell(now, l.ReceivedAt), render.Cell{Text: due(now, l)}, render.Cell{Text: reason(l)}, render.Cell{Text: l.Profile},
		)
		return nil
	})
	if t.Len() > 0 {
		return cmp.Or(t.Print(o.env.IO), err)
	}
	if err == nil {
		empty()
	}
	return err
}

// sayEmpty says what it means that there are no such jobs.
func (o *listOptions) sayEmpty(f journal.JobFilter) {
	words := "nothing is owed: no open or dead jobs"
	if o.state != "" {
		words = "no jobs in state " + o.state
		if o.state == stateOpen {
			words = "nothing is owed: no open jobs"
		}
	}
	if f.Target != "" {
		words += " for target " + render.ShortTarget(f.Target)
	}
	if o.all {
		o.env.Say("%s", words)
		return
	}
	o.env.Say("%s of profile %s; --all shows those of every profile", words, f.Profile)
}

// sayUnknown says that nobody has the target. That is no error here: its first job may be to come.
func (o *listOptions) sayUnknown(ctx context.Context, j *journal.Journal, profile string) error {
	if o.target == "" || o.all {
		return nil
	}
	_, err := o.env.Lane(ctx, j, profile, o.target)
	if err != nil && fault.KindOf(err) == fault.Refused {
		o.env.Say("%s; %s", err, fault.HintOf(err))
		return nil
	}
	return err
}
