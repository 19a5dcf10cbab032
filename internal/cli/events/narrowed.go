package events

// whctl events list --since and --webhook: what the platform has no query for. whctl asks for more, and leaves out what does not fit.

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/reconcile"
	"github.com/whctl/whctl/internal/render"
)

// narrowedObject is what docs/json.md lists. Of a list that is not narrowed the API's own fields are printed.
type narrowedObject struct {
	Total  int           `json:"total"`
	Events []api.Event   `json:"events"`
	Since  api.Time      `json:"since"`
	Ranges []rangeObject `json:"ranges"`
	Whole  bool          `json:"whole"`
}

// narrowed says whether the list is narrowed to a time or to a webhook.
func (o *listOptions) narrowed() bool { return o.since != "" || o.webhook != "" }

// sinceTime reads --since by the platform's clock. It was checked before anything was asked.
func sinceTime(e *cmdkit.Env, text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	at, _ := cmdkit.ParseSince("--since", text, e.PlatformNow())
	return at
}

// listNarrowed lists the events that --since and --webhook leave.
func (o *listOptions) listNarrowed(ctx context.Context, out render.Output, c *client.Client) error {
	its, err := o.eventsOfWebhook(ctx, c)
	if err != nil {
		return err
	}
	statuses := api.EventStatuses()
	if o.status != "" {
		statuses = []string{o.status}
	}
	var since time.Time
	events, ranges, err := c.EventsSince(ctx, statuses, func() time.Time {
		since = sinceTime(o.env, o.since)
		return since
	})
	if err != nil {
		return err
	}
	events = slices.DeleteFunc(events, func(ev api.Event) bool {
		return !event.MatchAny(o.types, ev.EventType) || its != nil && !its[ev.EventID] && !its[ev.ID]
	})
	v := narrowedObject{Total: len(events), Events: events, Since: api.At(since), Ranges: rangesOf(ranges), Whole: wholeOf(ranges)}
	if o.limited {
		v.Events = events[:min(len(events), o.limit)]
	}
	if v.Events == nil {
		v.Events = []api.Event{}
	}
	if err := out.Value(o.env.IO, v, func() error { return o.table(v.Events) }); err != nil {
		return err
	}
	if len(v.Events) < v.Total {
		o.env.Say("%d of %d shown: use --limit", len(v.Events), v.Total)
	}
	if !out.Machine() && v.Total > 0 {
		o.env.Say("%s: %s", fault.Plural(v.Total, "event"), countsOf(events))
	}
	sayUnseen(o.env, ranges)
	return nil
}

// eventsOfWebhook are the ids of the events that the log of --webhook has attempts of; nil without the flag.
func (o *listOptions) eventsOfWebhook(ctx context.Context, c *client.Client) (map[string]bool, error) {
	if o.webhook == "" {
		return nil, nil //nolint:nilnil // no webhook is chosen, which is no error
	}
	w, err := cmdkit.ResolveWebhook(ctx, c, o.webhook)
	if err != nil {
		return nil, err
	}
	logs, err := c.WebhookLogs(ctx, w.ID, api.MaxLimit)
	if err != nil {
		return nil, err
	}
	its := map[string]bool{}
	for _, l := range logs.Logs {
		its[l.EventID] = true
	}
	if n := len(logs.Logs); n >= api.MaxLimit {
		o.env.Say("the webhook's log goes back %s, to %s: earlier events are left out", fault.Plural(n, "attempt"), render.Ago(o.env.PlatformNow(), logs.Logs[n-1].CreatedAt.Time))
	}
	return its, nil
}

// countsOf says how many events there are of each status.
func countsOf(events []api.Event) string {
	counts := map[string]int{}
	for _, ev := range events {
		counts[ev.Status]++
	}
	return countWords(counts)
}

func rangesOf(ranges []reconcile.Range) []rangeObject {
	out := []rangeObject{}
	for _, p := range ranges {
		v := rangeObject{Status: p.Status, Seen: p.Seen, From: api.At(p.From), To: api.At(p.To), Whole: p.Whole}
		if p.Total >= 0 {
			v.Total = &p.Total
		}
		out = append(out, v)
	}
	return out
}

func wholeOf(ranges []reconcile.Range) bool {
	return !slices.ContainsFunc(ranges, func(p reconcile.Range) bool { return !p.Whole })
}

// sayUnseen says what the platform does not show.
func sayUnseen(e *cmdkit.Env, ranges []reconcile.Range) {
	for _, p := range ranges {
		if !p.Whole {
			e.Say("of %d %s events the newest %d were seen, back to %s: the platform gives no more", p.Total, cmp.Or(p.Status, "known"), p.Seen, render.Ago(e.PlatformNow(), p.From))
		}
	}
}
