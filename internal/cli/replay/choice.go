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
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/sign"
)

// choice is what the command line says about them.
type choice struct {
	env     *cmdkit.Env
	refs    []string
	filters *cmdkit.Filters
	direct  bool // --to was given
	resume  string
	begun   time.Time // when the run began that this one is, or goes on with
	filter  journal.Filter
}

func (c *choice) bind(cmd *cobra.Command, e *cmdkit.Env) {
	c.env, c.filters = e, cmdkit.BindFilters(cmd, e, render.Matching)
	flag := cmd.Flags().Lookup("target")
	flag.Usage = "send through the lane of this `target`; with --outcome, what came of it there; with --to, those that were handed on to it"
	cmd.Flags().StringVar(&c.resume, "resume", "", "continue the run that began at this `time`, without what it has sent")
}

// narrowing are the filters that were given, without what only says where to look or where to send to.
func (c *choice) narrowing() []string {
	return slices.DeleteFunc(c.filters.Given(), func(name string) bool {
		return name == "--all" || name == "--replays" || name == "--target" && (len(c.refs) > 0 || !c.direct)
	})
}

// check reads the filters. Its errors are usage faults.
func (c *choice) check() error {
	given := c.narrowing()
	switch {
	case len(c.refs) > 0 && len(given) > 0:
		return fault.Hint(fault.New(fault.Usage, "deliveries are named, or chosen by filters such as %s, not both", given[0]), "leave one of them out")
	case len(c.refs) > 0 && c.direct && slices.Contains(c.filters.Given(), "--target"):
		return fault.New(fault.Usage, "--to and --target exclude each other")
	case len(c.refs) == 0 && len(given) == 0:
		return fault.Hint(fault.New(fault.Usage, "no delivery named"), "name one, such as last, or choose many: %s", fault.Command("whctl replay").Flag("--since", "1h"))
	}
	c.begun = c.env.Now()
	if c.resume != "" {
		begun, err := time.Parse(time.RFC3339Nano, c.resume)
		if err != nil {
			return fault.Hint(fault.New(fault.Usage, "cannot read --resume %q", c.resume), "give the time that the earlier run said")
		}
		if begun.After(c.begun) {
			return fault.Hint(fault.New(fault.Usage, "--resume %s is still to come, so no run began then", c.resume), "give the time that the earlier run said")
		}
		c.begun = begun
	}
	var err error
	if c.filter, err = c.filters.FilterAt(c.begun); err != nil {
		return err
	}
	if after := c.begun.Add(1); c.filter.Until.IsZero() || c.filter.Until.After(after) {
		c.filter.Until = after
	}
	return nil
}

// each hands the chosen deliveries to fn, without their bodies and oldest first. unfound is the worst that is wrong with references.
func (c *choice) each(ctx context.Context, j *journal.Journal, fn func(*record.Delivery) error) (unfound, err error) {
	if len(c.refs) > 0 {
		return c.named(ctx, j, fn)
	}
	f := c.filter
	if f.Target != "" {
		lanes, err := j.Lanes(ctx, f.Profile)
		if err != nil {
			return nil, err
		}
		f.Target = cmdkit.LaneName(f.Target, lanes)
	}
	if !c.direct && f.Outcome == "" { // it says where to send to
		f.Target = ""
	}
	return nil, j.EachForward(ctx, f, fn)
}

// sayUnknown says which of the filters no delivery has. A target that is only where to send to is none of them.
func (c *choice) sayUnknown(ctx context.Context, j *journal.Journal) error {
	switch {
	case len(c.refs) > 0:
		return nil
	case c.direct || c.filter.Outcome != "":
		return c.filters.SayUnknown(ctx, j, c.filter.Profile)
	default:
		return c.filters.SayUnknownTypes(ctx, j, c.filter.Profile)
	}
}

// named hands over the deliveries that are named, each once. All are looked for.
func (c *choice) named(ctx context.Context, j *journal.Journal, fn func(*record.Delivery) error) (unfound, err error) {
	var found []record.Delivery
	for _, ref := range c.refs {
		d, _, err := j.Get(ctx, c.filter.Profile, ref)
		switch {
		case err != nil && len(c.refs) == 1:
			return nil, err
		case err != nil:
			c.env.Warn("%s: %s", fault.Word(ref), err)
			unfound = fault.Worse(unfound, err)
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
	if len(c.refs) > 0 || c.filter.Verdict != "" {
		return false
	}
	return wasRefused(d)
}

// wasRefused says whether a delivery did not verify.
func wasRefused(d *record.Delivery) bool { return !d.Verdict.OK && d.Verdict.Reason != sign.Unverified }

// wants says whether a job with a state is one of those that were asked for.
func (c *choice) wants(state record.JobState) bool {
	states := c.filter.Outcome.States()
	return len(states) == 0 || slices.Contains(states, state)
}
