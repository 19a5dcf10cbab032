package webhooks

// whctl webhooks list and get.

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/render"
)

func newList(e *cmdkit.Env, run func(context.Context, *cmdkit.Env) error) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the webhooks",
		Example: `  whctl webhooks list
  whctl webhooks list --jq '.[] | select(.isActive | not) | .name'`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return run(c.Context(), e) },
	}
}

func runList(ctx context.Context, e *cmdkit.Env) error {
	return withOutput(ctx, e, func(c *client.Client, out render.Output) error {
		all, err := c.ListWebhooks(ctx)
		if err != nil {
			return err
		}
		if err := out.Value(e.IO, all, func() error { return table(e, all) }); err != nil {
			return err
		}
		if !out.Machine() {
			for _, w := range all {
				warnInactive(e, w)
			}
		}
		return nil
	})
}

func table(e *cmdkit.Env, all []api.Webhook) error {
	if len(all) == 0 {
		e.Say("no webhooks; whctl webhooks create makes one")
		return nil
	}
	style, now := e.IO.Style(), e.PlatformNow()
	t := render.NewTable(
		render.Column{Title: "ID", Narrow: render.ID}, render.Column{Title: "NAME", Least: 16}, render.Column{Title: "STATUS", Narrow: render.Uncut},
		render.Column{Title: "EVENTS", Worth: 2}, render.Column{Title: "URL", Narrow: render.CutMiddle, Least: 24}, render.Column{Title: "UPDATED", Narrow: render.Uncut, Worth: 1},
	)
	for _, w := range all {
		status := render.Cell{Text: "active", Paint: style.Good}
		if !w.IsActive {
			status = render.Cell{Text: "inactive", Paint: style.Warn}
		}
		t.AddCells(
			render.Cell{Text: w.ID, Paint: style.Accent}, render.Cell{Text: w.Name, Paint: style.Bold}, status,
			render.Cell{Text: strings.Join(w.EventTypes, ", ")}, render.URLCell(w.URL), render.AgoCell(now, w.UpdatedAt.Time),
		)
	}
	return t.Print(e.IO)
}

type getOptions struct {
	env *cmdkit.Env
	ref string
}

func newGet(e *cmdkit.Env, run func(context.Context, *getOptions) error) *cobra.Command {
	o := &getOptions{env: e}
	return &cobra.Command{
		Use:     "get WEBHOOK",
		Aliases: []string{"show", "view"},
		Short:   "Show one webhook",
		Example: "  whctl webhooks get staging -o json",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.ref = args[0]
			return run(c.Context(), o)
		},
	}
}

func runGet(ctx context.Context, o *getOptions) error {
	return withOutput(ctx, o.env, func(c *client.Client, out render.Output) error {
		w, err := current(ctx, c, o.ref)
		if err != nil {
			return err
		}
		return show(o.env, out, w)
	})
}
