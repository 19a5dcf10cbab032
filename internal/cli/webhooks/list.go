package webhooks

// whctl webhooks list and get.

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/duration"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

type listOptions struct {
	env *cmdkit.Env

	follow   bool
	interval time.Duration
}

func newList(e *cmdkit.Env, run func(context.Context, *listOptions) error) *cobra.Command {
	o := &listOptions{env: e}
	c := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the webhooks",
		Example: `  whctl webhooks list
  whctl webhooks list --jq '.[] | select(.isActive | not) | .name'`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return run(c.Context(), o) },
	}
	fs := c.Flags()
	fs.SortFlags = false
	fs.BoolVar(&o.follow, "follow", false, "keep running and show each webhook that is new, changed or deleted")
	fs.Var(duration.Flag(&o.interval, cmdkit.DefaultInterval), "interval", "with --follow: how often to look")
	return c
}

func runList(ctx context.Context, o *listOptions) error {
	if err := cmdkit.CheckInterval(o.interval); err != nil {
		return err
	}
	return withOutput(ctx, o.env, func(c *client.Client, out render.Output) error {
		if o.follow {
			return o.followList(ctx, out, c)
		}
		all, err := c.ListWebhooks(ctx)
		if err != nil {
			return err
		}
		if err := out.Value(o.env.IO, all, func() error { return table(o.env, all) }); err != nil {
			return err
		}
		if !out.Machine() {
			for _, w := range all {
				warnInactive(o.env, w, refTo(w, all))
			}
		}
		return nil
	})
}

// followList prints each webhook when it is new or has changed, and when it is deleted.
func (o *listOptions) followList(ctx context.Context, out render.Output, c cmdkit.WebhookLister) error {
	if err := out.CheckStream(); err != nil {
		return err
	}
	known := map[string]api.Webhook{}
	return o.env.Follow(ctx, cmdkit.Pace{Interval: o.interval}, func(ctx context.Context) (bool, error) {
		all, err := c.ListWebhooks(ctx)
		if err != nil {
			return false, err
		}
		before := maps.Clone(known)
		for _, w := range all {
			old, seen := before[w.ID]
			delete(before, w.ID)
			if seen && bytes.Equal(old.Raw, w.Raw) {
				continue
			}
			known[w.ID] = w
			if err := out.Value(o.env.IO, w, func() error { return o.line(w) }); err != nil {
				return false, err
			}
		}
		for _, id := range slices.Sorted(maps.Keys(before)) {
			delete(known, id)
			if err := out.Value(o.env.IO, deletedJSON{ID: id, Deleted: true}, func() error { return o.gone(before[id]) }); err != nil {
				return false, err
			}
		}
		return false, nil
	})
}

func (o *listOptions) line(w api.Webhook) error {
	status, paint := "active", o.env.IO.Style().Good
	if !w.IsActive {
		status, paint = "inactive", o.env.IO.Style().Warn
	}
	return o.print(paint, w.UpdatedAt.Time, status, w)
}

func (o *listOptions) gone(w api.Webhook) error {
	return o.print(o.env.IO.Style().Bad, o.env.PlatformNow(), "deleted", w)
}

func (o *listOptions) print(paint func(string) string, at time.Time, status string, w api.Webhook) error {
	line := term.Clean(fmt.Sprintf("%s  %-8s  %s  %s  %s", at.Local().Format("15:04:05"), status, w.ID, w.Name, masking.URL(w.URL)))
	if width := o.env.IO.Width(); width > 0 {
		line = term.Cut(line, width)
	}
	return render.Text(o.env.IO, paint(line)+"\n")
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
		return show(o.env, out, w, o.ref)
	})
}
