package replay

// Which deliveries are sent again.

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// choice is what the command line says about them.
type choice struct {
	env    *cmdkit.Env
	refs   []string
	resume string
	begun  time.Time // when the run began that this one is, or goes on with

	typ, verdict, since, target string
	all                         bool
	outcome                     string
}

func (c *choice) bind(cmd *cobra.Command, e *cmdkit.Env) {
	c.env = e
	fs := cmd.Flags()
	fs.StringVar(&c.typ, "type", "", "type `pattern`")
	fs.StringVar(&c.verdict, "verdict", "", "verdict `reason`")
	fs.StringVar(&c.since, "since", "", "since `time`")
	fs.StringVar(&c.target, "target", "", "to this `target`, through the lane of its listener; with --to: those that went to it")
	fs.BoolVar(&c.all, "all", false, "of every profile")
	fs.StringVar(&c.resume, "resume", "", "go on with the run that began at this `time`: leave out what it has sent")
}

func (c *choice) filtered() bool {
	return c.typ != "" || c.verdict != "" || c.since != "" || c.outcome != ""
}

func (c *choice) check() error {
	switch {
	case len(c.refs) > 0 && c.filtered():
		return fault.New(fault.Usage, "deliveries are named, or chosen by filters, not both")
	case len(c.refs) == 0 && !c.filtered():
		return fault.Hint(fault.New(fault.Usage, "no delivery named"), "name one, such as last, or choose many: %s", fault.Command("whctl replay").Flag("--since", "1h"))
	}
	c.begun = c.env.Now().Truncate(time.Millisecond)
	if c.resume == "" {
		return nil
	}
	begun, err := time.Parse(time.RFC3339Nano, c.resume)
	if err != nil {
		return fault.Hint(fault.New(fault.Usage, "cannot read --resume %q", c.resume), "give the time that the interrupted run said")
	}
	c.begun = begun
	return nil
}

// each hands the chosen deliveries to fn, without their bodies and oldest first. unfound is the worst that is wrong with references.
func (c *choice) each(ctx context.Context, j *journal.Journal, fn func(*record.Delivery) error) (unfound, err error) {
	s, err := c.env.Settings()
	if err != nil {
		return nil, err
	}
	profile := s.Profile
	if c.all {
		profile = ""
	}
	if len(c.refs) > 0 {
		return c.named(ctx, j, profile, fn)
	}
	f := journal.Filter{Profile: profile, Verdict: journal.Verdict(c.verdict)}
	if c.typ != "" {
		f.Types = []string{c.typ}
	}
	if d, err := time.ParseDuration(c.since); err == nil {
		f.Since = c.begun.Add(-d)
	}
	list, err := j.List(ctx, f)
	if err != nil {
		return nil, err
	}
	for i := range slices.Backward(list) {
		if list[i].ReplayOf != "" || list[i].ReceivedAt.After(c.begun) {
			continue
		}
		if err := fn(&list[i]); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// named hands over the deliveries that are named, each once. All are looked for.
func (c *choice) named(ctx context.Context, j *journal.Journal, profile string, fn func(*record.Delivery) error) (unfound, err error) {
	var found []record.Delivery
	for _, ref := range c.refs {
		d, _, err := j.Get(ctx, profile, ref)
		switch {
		case err != nil && len(c.refs) == 1:
			return nil, err
		case err != nil:
			c.env.Warn("%s: %s", fault.Word(ref), err)
			unfound = fault.Worse(unfound, fault.Exit(fault.KindOf(err)))
		case !slices.ContainsFunc(found, func(other record.Delivery) bool { return other.ID == d.ID }):
			d.Body = nil
			found = append(found, d)
		}
	}
	for i := range found {
		if err := fn(&found[i]); err != nil {
			return unfound, err
		}
	}
	return unfound, nil
}

// leavesOut says whether a filter, which names no delivery, passes over one: whctl refused it, and no verdict was asked for.
func (c *choice) leavesOut(d *record.Delivery) bool {
	if len(c.refs) > 0 || c.verdict != "" {
		return false
	}
	return !d.Verdict.OK && d.Verdict.Reason != sign.Unverified
}

// wants says whether a job with a state is one of those that were asked for.
func (c *choice) wants(record.JobState) bool { return true }
