package events

// whctl events logs: the attempts to deliver one event, and how it follows.

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/duration"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

type logsOptions struct {
	env *cmdkit.Env

	ref      string
	follow   bool
	interval time.Duration
}

func newLogs(e *cmdkit.Env, run func(context.Context, *logsOptions) error) *cobra.Command {
	o := &logsOptions{env: e}
	c := &cobra.Command{
		Use:   "logs EVENT",
		Short: "Show every attempt to deliver an event, newest first",
		Long: `Show every attempt to deliver an event, newest first; -o json and --follow give them oldest first. SAID is the most telling line of
the receiver's answer; -o json has the whole answer.`,
		Example: `  whctl events logs 51d2e8b6
  whctl events logs 51d2e8b6 --follow`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.ref = args[0]
			return run(c.Context(), o)
		},
	}
	fs := c.Flags()
	fs.SortFlags = false
	fs.BoolVar(&o.follow, "follow", false, "keep running and show new ones")
	fs.Var(duration.Flag(&o.interval, cmdkit.DefaultInterval), "interval", "with --follow: how often to look")
	return c
}

func runLogs(ctx context.Context, o *logsOptions) error {
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
		if o.follow {
			return o.followLogs(ctx, out, c)
		}
		logs, err := logsOf(ctx, c, o.ref)
		if err != nil {
			return err
		}
		render.SortAttempts(logs.Logs)
		return out.Value(o.env.IO, logs, func() error {
			ev := logs.Event
			status := paintOf(o.env.IO.Style(), ev.Status)(term.Clean(ev.Status))
			head := fmt.Sprintf("%s  %s  %s\n", term.Clean(ev.EventID), term.Clean(ev.EventType), status)
			if err := render.Text(o.env.IO, head); err != nil {
				return err
			}
			if len(logs.Logs) == 0 {
				o.env.Say("no attempts in the log")
				return nil
			}
			return render.EventAttempts(logs.Logs, o.env.PlatformNow(), namesOf(ctx, c)).Print(o.env.IO)
		})
	})
}

// followLogs prints each attempt once it is over. It stays with the event that the first answer was about: newer ones may begin as it does.
func (o *logsOptions) followLogs(ctx context.Context, out render.Output, c reader) error {
	lines := render.NewAttemptLines(o.env.IO)
	read, ref := logsOf, o.ref
	return o.env.Follow(ctx, cmdkit.Pace{Interval: o.interval}, func(ctx context.Context) (bool, error) {
		logs, err := read(ctx, c, ref)
		if err != nil {
			return false, err
		}
		if id := logs.Event.EventID; id != "" {
			read, ref = byID, id
		}
		render.SortAttempts(logs.Logs)
		return false, lines.Fresh(logs.Logs, func(l api.DeliveryLog) error {
			return out.Value(o.env.IO, l, func() error { return lines.Print(l) })
		})
	})
}

// byID reads an event and its attempts by its event id.
func byID(ctx context.Context, c reader, id string) (api.EventLogs, error) {
	return c.EventLogs(ctx, id)
}

// namesOf are the names of the webhooks, by id. Without them ids are shown.
func namesOf(ctx context.Context, c cmdkit.WebhookLister) map[string]string {
	names := map[string]string{}
	all, _ := c.ListWebhooks(ctx)
	for _, w := range all {
		names[w.ID] = w.Name
	}
	return names
}
