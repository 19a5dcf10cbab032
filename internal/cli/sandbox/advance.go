package sandbox

// whctl sandbox advance: moving the sandbox's clock.

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/duration"
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
		Long: `Move the running sandbox's clock forward. It delivers everything that comes due, for
each webhook in order of time. The command returns when all attempts are made.`,
		Example: "  whctl sandbox advance 24h",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			d, err := duration.Parse(args[0])
			if err != nil || d < time.Millisecond || d > api.MaxAdvance {
				return fault.Hint(fault.New(fault.Usage, "cannot advance by %q", args[0]), "use a duration such as 90s or 24h, up to a year")
			}
			o.by = d
			return run(c.Context(), o)
		},
	}
}

func runAdvance(ctx context.Context, o *advanceOptions) error {
	return control(ctx, o.env, func(s client.Sandbox) (api.Advanced, error) {
		// An advance may take an hour, so its timeout is long. Ask first whether a sandbox answers at all.
		if _, err := s.Status(ctx); err != nil {
			return api.Advanced{}, err
		}
		return s.Advance(ctx, o.by)
	}, func(a api.Advanced) error {
		text := fmt.Sprintf("clock   %s\nplayed  %s, %d completed, %d failed\n", a.Now.Local().Format(time.RFC3339), fault.Plural(a.Attempts, "attempt"), a.Completed, a.Failed)
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
