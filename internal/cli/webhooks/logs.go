package webhooks

// whctl webhooks logs, and how it follows.

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/duration"
	"github.com/whctl/whctl/internal/render"
)

type logsOptions struct {
	env *cmdkit.Env

	ref      string
	limit    int
	failed   bool
	follow   bool
	interval time.Duration
}

func newLogs(e *cmdkit.Env, run func(context.Context, *logsOptions) error) *cobra.Command {
	o := &logsOptions{env: e}
	c := &cobra.Command{
		Use:   "logs WEBHOOK",
		Short: "Show the delivery attempts to a webhook",
		Long: `Show the delivery attempts to a webhook, newest first; -o json and --follow give them oldest first. The platform keeps them for
7 days and gives at most 100. SAID is the most telling line of the receiver's answer; -o json has the whole answer.`,
		Example: `  whctl webhooks logs staging --failed
  whctl webhooks logs staging --follow`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.ref = args[0]
			return run(c.Context(), o)
		},
	}
	fs := c.Flags()
	fs.SortFlags = false
	cmdkit.AddLimit(fs, &o.limit, api.DefaultLimit, "how `many` at most, 1 to 100")
	fs.BoolVar(&o.failed, "failed", false, "only attempts that failed")
	fs.BoolVar(&o.follow, "follow", false, "keep running and show new ones")
	fs.Var(duration.Flag(&o.interval, cmdkit.DefaultInterval), "interval", "with --follow: how often to look")
	return c
}

func runLogs(ctx context.Context, o *logsOptions) error {
	if err := cmdkit.CheckLimit(o.limit); err != nil {
		return err
	}
	if err := cmdkit.CheckInterval(o.interval); err != nil {
		return err
	}
	out, err := render.NewOutput(o.env.Format())
	if err == nil && o.follow {
		err = out.CheckStream()
	}
	if err != nil {
		return err
	}
	return o.env.WithClient(ctx, func(c *client.Client) error {
		w, err := cmdkit.ResolveWebhook(ctx, c, o.ref)
		if err != nil {
			return err
		}
		if o.follow {
			return o.followLogs(ctx, out, c, w.ID)
		}
		asked := o.limit
		if o.failed {
			asked = api.MaxLimit // whctl filters, so it asks for everything
		}
		logs, err := c.WebhookLogs(ctx, w.ID, asked)
		if err != nil {
			return err
		}
		seen := len(logs.Logs)
		logs.Logs = o.pick(logs.Logs)
		matched := len(logs.Logs)
		logs.Logs = logs.Logs[max(matched-o.limit, 0):]
		logs.Count = len(logs.Logs)
		err = out.Value(o.env.IO, logs, func() error {
			if len(logs.Logs) == 0 {
				o.env.Say("no deliveries in the log")
				return nil
			}
			return render.WebhookAttempts(logs.Logs, o.env.PlatformNow()).Print(o.env.IO)
		})
		if err == nil {
			o.sayMore(seen, matched)
		}
		return err
	})
}

// sayMore says when there is more, or may be: the API does not tell how many there are.
func (o *logsOptions) sayMore(seen, matched int) {
	switch {
	case matched > o.limit:
		o.env.Say("the newest %d of %d failed attempts shown: use --limit, up to %d", o.limit, matched, api.MaxLimit)
	case seen >= api.MaxLimit:
		o.env.Say("these are among the newest %d attempts: the platform gives no more", api.MaxLimit)
	case seen >= o.limit && !o.failed:
		o.env.Say("the newest %d shown, there may be more: use --limit, up to %d", o.limit, api.MaxLimit)
	}
}

// pick sorts by time, because the API promises no order, and keeps what was asked for, oldest first.
func (o *logsOptions) pick(logs []api.DeliveryLog) []api.DeliveryLog {
	render.SortAttempts(logs)
	if !o.failed {
		return logs
	}
	out := make([]api.DeliveryLog, 0, len(logs))
	for _, l := range logs {
		if l.DeliveryStatus == api.DeliveryFailed {
			out = append(out, l)
		}
	}
	return out
}

func (o *logsOptions) followLogs(ctx context.Context, out render.Output, c *client.Client, id string) error {
	limit, lines := o.limit, render.NewAttemptLines(o.env.IO)
	return o.env.Follow(ctx, cmdkit.Pace{Interval: o.interval}, func(ctx context.Context) (bool, error) {
		logs, err := c.WebhookLogs(ctx, id, limit)
		limit = api.MaxLimit // later polls must not miss what came in between
		if err != nil {
			return false, err
		}
		return false, lines.Fresh(o.pick(logs.Logs), func(l api.DeliveryLog) error {
			return out.Value(o.env.IO, l, func() error { return lines.Print(l) })
		})
	})
}
