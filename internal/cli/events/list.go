package events

// whctl events list, and how it follows.

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/duration"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

type listOptions struct {
	env *cmdkit.Env

	status   string
	typ      string
	types    []string // its patterns
	limit    int
	limited  bool // --limit was given
	since    string
	webhook  string
	follow   bool
	changes  bool
	interval time.Duration
}

func newList(e *cmdkit.Env, run func(context.Context, *listOptions) error) *cobra.Command {
	o := &listOptions{env: e}
	c := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List events, newest first",
		Long: `List events, newest first. The platform gives at most 100; --type is applied to those.

With --since and --webhook whctl asks for the events of each status, of which the platform gives the newest 100, lists all that fit, and says
what it could not see. An event is one of a webhook's when the webhook's log has an attempt of it.`,
		Example: `  whctl events list --status failed --type 'card.*'
  whctl events list --since 24h --webhook staging
  whctl events list --follow`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o.limited = c.Flags().Changed("limit")
			return run(c.Context(), o)
		},
	}
	fs := c.Flags()
	fs.SortFlags = false
	fs.StringVar(&o.status, "status", "", "events in this `status`: pending, processing, completed, failed or skipped")
	cmdkit.OneOf(c, "status", "pending", "processing", "completed", "failed", "skipped")
	fs.StringVar(&o.typ, "type", "", "event types that match this `pattern`, such as 'card.*'; several are comma separated")
	cmdkit.AddLimit(fs, &o.limit, api.DefaultLimit, "how `many` at most, 1 to 100")
	fs.StringVar(&o.since, "since", "", "created since this `time`, or this long ago (90s, 24h, 7d)")
	fs.StringVar(&o.webhook, "webhook", "", "that went to this `webhook`")
	fs.BoolVar(&o.follow, "follow", false, "keep running and show each new event")
	fs.BoolVar(&o.changes, "changes", false, "with --follow: show an event again whenever its status has changed")
	fs.Var(duration.Flag(&o.interval, cmdkit.DefaultInterval), "interval", "with --follow: how often to look")
	return c
}

func (o *listOptions) query() (api.EventQuery, error) {
	q := api.EventQuery{Status: o.status, Limit: o.limit}
	if err := cmdkit.CheckLimit(o.limit); err != nil {
		return q, err
	}
	if err := cmdkit.CheckInterval(o.interval); err != nil {
		return q, err
	}
	if o.changes && !o.follow {
		return q, fault.Hint(fault.New(fault.Usage, "--changes goes with --follow only"), "add --follow")
	}
	if o.follow && o.narrowed() {
		return q, fault.Hint(fault.New(fault.Usage, "--since and --webhook do not go with --follow"), "follow a webhook with whctl webhooks logs WEBHOOK --follow")
	}
	if o.since != "" {
		if _, err := cmdkit.ParseSince("--since", o.since, o.env.Now()); err != nil {
			return q, err
		}
	}
	if o.status != "" && !slices.Contains(api.EventStatuses(), o.status) {
		return q, fault.Hint(fault.New(fault.Usage, "unknown status %q", o.status), "there are %s", fault.List(api.EventStatuses()))
	}
	if o.typ != "" {
		var err error
		if o.types, err = cmdkit.SplitPatterns("--type", []string{o.typ}); err != nil {
			return q, err
		}
		o.env.WarnPlatformPatterns("--type", o.types)
		q.Limit = api.MaxLimit // whctl filters, so it asks for everything
	}
	return q, nil
}

func runList(ctx context.Context, o *listOptions) error {
	q, err := o.query()
	if err != nil {
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
			return o.followEvents(ctx, out, c, q)
		}
		if o.narrowed() {
			return o.listNarrowed(ctx, out, c)
		}
		list, err := c.ListEvents(ctx, q)
		if err != nil {
			return err
		}
		seen := len(list.Events)
		picked, matched := o.pick(list.Events)
		list.Events = picked
		if err := out.Value(o.env.IO, list, func() error { return o.table(list.Events) }); err != nil {
			return err
		}
		o.sayMore(list, seen, matched)
		return nil
	})
}

// pick keeps the newest of the events that match, which come newest first, and says how many match.
func (o *listOptions) pick(events []api.Event) (picked []api.Event, matched int) {
	all := slices.DeleteFunc(events, func(ev api.Event) bool { return !event.MatchAny(o.types, ev.EventType) })
	return all[:min(len(all), o.limit)], len(all)
}

func (o *listOptions) sayMore(list api.EventList, seen, matched int) {
	switch {
	case o.typ != "" && matched > len(list.Events):
		o.env.Say("%d of %d shown: use --limit, up to %d", len(list.Events), matched, api.MaxLimit)
	case o.typ != "" && list.Total > seen:
		o.env.Say("--type looked at the newest %d of %d events: the platform gives no more", seen, list.Total)
	case o.typ == "" && list.Total > len(list.Events) && o.limit < api.MaxLimit:
		o.env.Say("%d of %d shown: use --limit, up to %d", len(list.Events), list.Total, api.MaxLimit)
	case o.typ == "" && list.Total > len(list.Events):
		o.env.Say("%d of %d shown: the platform gives no more; narrow it with --status", len(list.Events), list.Total)
	}
}

func (o *listOptions) table(events []api.Event) error {
	if len(events) == 0 {
		o.env.Say("no events")
		return nil
	}
	style, now := o.env.IO.Style(), o.env.PlatformNow()
	t := render.NewTable(
		render.Column{Title: "EVENT", Narrow: render.ID}, render.Column{Title: "TYPE", Narrow: render.CutMiddle, Least: render.LeastType},
		render.Column{Title: "STATUS", Narrow: render.Uncut}, render.Column{Title: "CREATED", Narrow: render.Uncut},
		render.Column{Title: "PROCESSED", Narrow: render.Uncut, Worth: 2}, render.Column{Title: "SOURCE", Worth: 1},
	)
	for _, ev := range events {
		var processed render.Cell
		if !ev.ProcessedAt.IsZero() {
			processed = render.AgoCell(now, ev.ProcessedAt.Time)
		}
		t.AddCells(
			render.Cell{Text: ev.EventID, Paint: style.Accent}, render.Cell{Text: ev.EventType}, render.Cell{Text: ev.Status, Paint: paintOf(style, ev.Status)},
			render.AgoCell(now, ev.CreatedAt.Time), processed, render.Cell{Text: ev.SourceService},
		)
	}
	return t.Print(o.env.IO)
}

// followEvents prints each event once when it is new and, with --changes, once more whenever its status has changed.
func (o *listOptions) followEvents(ctx context.Context, out render.Output, c reader, q api.EventQuery) error {
	known := map[string]string{}
	return o.env.Follow(ctx, cmdkit.Pace{Interval: o.interval}, func(ctx context.Context) (bool, error) {
		list, err := c.ListEvents(ctx, q)
		if err != nil {
			return false, err
		}
		q.Limit = api.MaxLimit // later polls must not miss what came in between
		fresh, _ := o.pick(list.Events)
		slices.Reverse(fresh)
		for _, ev := range fresh {
			if status, seen := known[ev.ID]; seen && (status == ev.Status || !o.changes) {
				continue
			}
			known[ev.ID] = ev.Status
			if err := out.Value(o.env.IO, ev, func() error { return o.line(ev) }); err != nil {
				return false, err
			}
		}
		o.limit = api.MaxLimit
		return false, nil
	})
}

func (o *listOptions) line(ev api.Event) error {
	of := func(id string) string {
		return term.Clean(fmt.Sprintf("%s  %-10s  %s  %s", ev.CreatedAt.Local().Format("15:04:05.000"), ev.Status, id, ev.EventType))
	}
	line := of(ev.EventID)
	if w := o.env.IO.Width(); w > 0 && term.Width(line) > w {
		line = term.Cut(of(render.ShortID(ev.EventID)), w)
	}
	return render.Text(o.env.IO, paintOf(o.env.IO.Style(), ev.Status)(line)+"\n")
}
