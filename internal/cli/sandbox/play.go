package sandbox

// whctl sandbox play: raising the events of a scenario.

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/render"
)

type playOptions struct {
	env *cmdkit.Env

	scenario string
}

func newPlay(e *cmdkit.Env, run, list func(context.Context, *playOptions) error) *cobra.Command {
	o := &playOptions{env: e}
	var all bool
	c := &cobra.Command{
		Use:   "play [SCENARIO]",
		Short: "Raise the events of one customer, from the first to the last",
		Long: `Raise the events of a scenario in the running sandbox: one customer goes through the states that the provider documents,
in order, with the same ids everywhere and times that rise. There are customer-approved and customer-rfi (the provider asks for
more before it approves), and for Baanx card-lifecycle. Without a scenario it lists those of the sandbox's scheme.`,
		Example: `  whctl sandbox play customer-approved
  whctl sandbox play --list`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 || all {
				return list(c.Context(), o)
			}
			o.scenario = args[0]
			return run(c.Context(), o)
		},
	}
	c.Flags().BoolVar(&all, "list", false, "list the scenarios")
	return c
}

func runPlay(ctx context.Context, o *playOptions) error {
	if strings.TrimSpace(o.scenario) == "" {
		return fault.Hint(fault.New(fault.Usage, "the scenario is empty"), "whctl sandbox play --list names them")
	}
	return control(ctx, o.env, func(s client.Sandbox) (api.Triggered, error) {
		raised, err := s.Play(ctx, o.scenario)
		return raised, tell(o.env, raised, err)
	}, func(raised api.Triggered) error { return printRaised(o.env, raised) })
}

// runScenarios lists the scenarios of the running sandbox.
func runScenarios(ctx context.Context, o *playOptions) error {
	return control(ctx, o.env, func(s client.Sandbox) (api.Samples, error) { return s.Samples(ctx) }, func(v api.Samples) error {
		t := render.NewTable(render.Column{Title: "SCENARIO", Narrow: render.Uncut}, render.Column{Title: "EVENTS", Narrow: render.Flow, Least: 20})
		for _, c := range v.Scenarios {
			t.Add(c.Name, strings.Join(c.Steps, ", "))
		}
		return t.Print(o.env.IO)
	})
}
