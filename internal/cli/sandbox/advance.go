package sandbox

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/render"
)

type advanceOptions struct {
	env *cmdkit.Env
	by  time.Duration
}

func newAdvance(e *cmdkit.Env, run func(context.Context, *advanceOptions) error) *cobra.Command {
	o := &advanceOptions{env: e}
	return &cobra.Command{
		Use:   "advance DUR",
		Short: "Move the sandbox's clock forward and play what comes due",
		Long: `Move the running sandbox's clock forward. Everything that comes due on the way is delivered, in order, one retry after the
other; the command returns when all of it was attempted.`,
		Example: "  whctl sandbox advance 24h",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			d, err := time.ParseDuration(args[0])
			if err != nil || d < time.Millisecond || d > api.MaxAdvance {
				return fault.Hint(fault.New(fault.Usage, "cannot advance by %q", args[0]), "use a duration such as 90s or 24h, up to a year")
			}
			o.by = d
			return run(c.Context(), o)
		},
	}
}

func runAdvance(ctx context.Context, o *advanceOptions) error {
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	c, err := control(ctx, o.env)
	if err != nil {
		return err
	}
	defer c.Close()
	// Playing time may take long, and is given the time. Whether there is a sandbox that answers at all is found out first.
	if _, err := c.Sandbox().Status(ctx); err != nil {
		return hintNoSandbox(err)
	}
	a, err := c.Sandbox().Advance(ctx, o.by)
	if err != nil {
		return hintNoSandbox(err)
	}
	return out.Value(o.env.IO, a, func() error {
		text := fmt.Sprintf("clock   %s\nplayed  %s, %d completed, %d failed\n", a.Now.Local().Format(time.RFC3339), cmdkit.Plural(a.Attempts, "attempt"), a.Completed, a.Failed)
		if a.Queued > 0 {
			text += fmt.Sprintf("queued  %d", a.Queued)
			if a.NextAt.After(a.Now.Time) {
				text += ", the next in " + render.Dur(a.NextAt.Sub(a.Now.Time))
			}
			text += "\n"
		}
		_, err := fmt.Fprint(o.env.IO.Out, text)
		return err
	})
}

func newReset(e *cmdkit.Env, run func(context.Context, *cmdkit.Env) error) *cobra.Command {
	return &cobra.Command{
		Use:     "reset",
		Short:   "Empty the running sandbox and set its clock right",
		Example: "  whctl sandbox reset",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return run(c.Context(), e) },
	}
}

func runReset(ctx context.Context, e *cmdkit.Env) error {
	out, err := render.NewOutput(e.Format())
	if err != nil {
		return err
	}
	c, err := control(ctx, e)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Sandbox().Reset(ctx); err != nil {
		return hintNoSandbox(err)
	}
	v := struct {
		Reset bool `json:"reset"`
	}{true}
	return out.Value(e.IO, v, func() error {
		_, err := fmt.Fprintln(e.IO.Out, "the sandbox is empty")
		return err
	})
}
