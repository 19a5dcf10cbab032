package queue

// Pausing a lane and resuming it, which go the same way.

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
)

type steerOptions struct {
	env    *cmdkit.Env
	target string
	steer  steer
}

// steer is what one of the two does.
type steer struct {
	set    func(j *journal.Journal, ctx context.Context, profile, target string) error
	paused bool   // what the lane is afterwards
	did    string // when it was not so before
	was    string // when it was
	then   string // what that means
}

// laneJSON is a lane that was paused or resumed; docs/json.md lists it.
type laneJSON struct {
	Profile string `json:"profile"`
	Target  string `json:"target"`
	Paused  bool   `json:"paused"`
}

// takeTarget makes c take one argument, a target.
func takeTarget(o *steerOptions, c *cobra.Command, run func(context.Context, *steerOptions) error) *cobra.Command {
	c.Args = cobra.ExactArgs(1)
	c.RunE = func(c *cobra.Command, args []string) error {
		o.target = args[0]
		return run(c.Context(), o)
	}
	return c
}

func runSteer(ctx context.Context, o *steerOptions) error {
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	s, err := o.env.Settings()
	if err != nil {
		return err
	}
	lane, err := o.find(ctx, s.Profile)
	if err != nil {
		return err
	}
	if lane.Paused != o.steer.paused {
		if err := o.set(ctx, lane); err != nil {
			return err
		}
	}
	err = out.Value(o.env.IO, laneJSON{lane.Profile, lane.Target, o.steer.paused}, func() error {
		words := o.env.IO.Style().Good("✓ "+o.steer.did) + "  " + render.ShortTarget(lane.Target)
		if lane.Paused == o.steer.paused {
			words = render.ShortTarget(lane.Target) + " " + o.steer.was
		}
		return render.Text(o.env.IO, words+"\n")
	})
	if err == nil && lane.Paused != o.steer.paused {
		o.env.Say("%s", o.steer.then)
	}
	return err
}

// find gives the lane that the argument names.
func (o *steerOptions) find(ctx context.Context, profile string) (record.Lane, error) {
	j, err := open(ctx, o.env)
	if err != nil {
		return record.Lane{}, err
	}
	defer func() { _ = j.Close() }()
	if err := needQueue(ctx, j); err != nil {
		return record.Lane{}, err
	}
	return owned(ctx, o.env, j, profile, o.target)
}

func (o *steerOptions) set(ctx context.Context, lane record.Lane) error {
	j, err := openToChange(ctx, o.env)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }()
	return o.steer.set(j, ctx, lane.Profile, lane.Target)
}
