package events

// whctl events get: one event, with its status and payload.

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

type oneOptions struct {
	env *cmdkit.Env
	ref string
}

func newGet(e *cmdkit.Env, run func(context.Context, *oneOptions) error) *cobra.Command {
	o := &oneOptions{env: e}
	return &cobra.Command{
		Use:     "get EVENT",
		Aliases: []string{"status", "show", "view"},
		Short:   "Show one event: its status, and its payload",
		Example: `  whctl events get 51d2e8b6
  whctl events get 51d2e8b6 --jq .status`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.ref = args[0]
			return run(c.Context(), o)
		},
	}
}

func runGet(ctx context.Context, o *oneOptions) error {
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	return o.env.WithClient(ctx, func(c *client.Client) error {
		logs, err := logsOf(ctx, c, o.ref)
		if err == nil {
			return out.Value(o.env.IO, logs.Event, func() error { return o.card(logs.Event) })
		}
		if fault.KindOf(err) != fault.Refused || client.Status(err) == 404 || client.Status(err) == 0 {
			return err
		}
		// Only the logs carry the payload. Where they are refused, the short form still has the status.
		id, rerr := resolve(ctx, c, o.ref)
		if rerr != nil {
			return err
		}
		short, serr := c.EventStatus(ctx, id)
		if serr != nil {
			return err
		}
		return out.Value(o.env.IO, short, func() error {
			return o.card(api.Event{ID: short.ID, EventID: short.EventID, Status: short.Status, EventType: short.EventType, CreatedAt: short.CreatedAt, ProcessedAt: short.ProcessedAt})
		})
	})
}

func (o *oneOptions) card(ev api.Event) error {
	style, now := o.env.IO.Style(), o.env.PlatformNow()
	b := render.NewCard(style, 10)
	b.Row("event", term.Clean(ev.EventID))
	b.Row("record", term.Clean(ev.ID))
	b.Row("type", style.Bold(term.Clean(ev.EventType)))
	b.Row("status", paintOf(style, ev.Status)(term.Clean(ev.Status)))
	if ev.UserID != nil {
		b.Row("user", term.Clean(*ev.UserID))
	}
	b.Row("source", term.Clean(ev.SourceService))
	b.Row("created", render.When(style, now, ev.CreatedAt.Time))
	b.Row("queued", render.When(style, now, ev.QueuedAt.Time))
	b.Row("processed", render.When(style, now, ev.ProcessedAt.Time))
	if len(ev.Payload) > 0 {
		b.Line("")
		for _, line := range render.Body(style, ev.Payload, render.BodyOptions{Width: o.env.IO.Width(), MaxLines: -1, MaxBytes: -1, ContentType: "application/json"}) {
			b.Line(line)
		}
	}
	return b.Print(o.env.IO)
}
