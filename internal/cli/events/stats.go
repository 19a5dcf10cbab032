package events

// whctl events stats: how many events and attempts there are, by status, webhook and answer.

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/reconcile"
	"github.com/whctl/whctl/internal/render"
)

type statsOptions struct {
	env   *cmdkit.Env
	since string
}

func newStats(e *cmdkit.Env, run func(context.Context, *statsOptions) error) *cobra.Command {
	o := &statsOptions{env: e}
	c := &cobra.Command{
		Use:   "stats",
		Short: "Count events by status, and attempts by webhook and answer",
		Long: `Count the platform's events by status, and the attempts of each webhook's log by answer. The platform tells how many events of a
status there are, and shows the newest 100 of each, and of each webhook the newest 100 attempts of 7 days. With --since it counts what the
platform still shows of that time, and says what it could not see.`,
		Example: `  whctl events stats --since 24h
  whctl events stats -o json --jq '.webhooks[] | [.name, .failed]'`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return run(c.Context(), o) },
	}
	fs := c.Flags()
	fs.SortFlags = false
	fs.StringVar(&o.since, "since", "", "only events and attempts since this `time`, or this long ago (90s, 24h, 7d)")
	return c
}

// statsObject is what docs/json.md lists.
type statsObject struct {
	Since    api.Time       `json:"since"`
	Total    int            `json:"total"`
	Statuses map[string]int `json:"statuses"`
	Ranges   []rangeObject  `json:"ranges"`
	Whole    bool           `json:"whole"`
	Webhooks []webhookStats `json:"webhooks"`
}

type webhookStats struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`
	Active   bool           `json:"isActive"`
	Events   int            `json:"events"`
	Attempts int            `json:"attempts"`
	Success  int            `json:"success"`
	Failed   int            `json:"failed"`
	Answers  map[string]int `json:"answers"` // by status; none: nothing answered
	From     api.Time       `json:"from"`    // of the oldest attempt that was seen
	Whole    bool           `json:"whole"`
}

func runStats(ctx context.Context, o *statsOptions) error {
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	if o.since != "" {
		if _, err := cmdkit.ParseSince("--since", o.since, o.env.Now()); err != nil {
			return err
		}
	}
	return o.env.WithClient(ctx, func(c *client.Client) error {
		var since time.Time
		events, ranges, err := c.EventsSince(ctx, api.EventStatuses(), func() time.Time {
			since = sinceTime(o.env, o.since)
			return since
		})
		if err != nil {
			return err
		}
		v := statsObject{Since: api.At(since), Statuses: map[string]int{}, Ranges: rangesOf(ranges), Whole: wholeOf(ranges) || o.since == "", Webhooks: []webhookStats{}}
		v.count(events, ranges, o.since != "")
		if err := v.webhooks(ctx, c, since); err != nil {
			return err
		}
		return out.Value(o.env.IO, v, func() error { return o.text(v, ranges) })
	})
}

// count counts the events that were seen since a time. Without one the platform's own totals count.
func (v *statsObject) count(events []api.Event, ranges []reconcile.Range, seen bool) {
	for _, p := range ranges {
		v.Statuses[p.Status] = p.Total
	}
	if seen {
		for status := range v.Statuses {
			v.Statuses[status] = 0
		}
		for _, ev := range events {
			v.Statuses[ev.Status]++
		}
	}
	for _, n := range v.Statuses {
		v.Total += n
	}
}

// webhooks counts the attempts in the log of each webhook.
func (v *statsObject) webhooks(ctx context.Context, c *client.Client, since time.Time) error {
	all, err := c.ListWebhooks(ctx)
	if err != nil {
		return err
	}
	for _, w := range all {
		logs, err := c.WebhookLogs(ctx, w.ID, api.MaxLimit)
		if err != nil {
			return err
		}
		s := webhookStats{ID: w.ID, Name: w.Name, Active: w.IsActive, Answers: map[string]int{}, Whole: len(logs.Logs) < api.MaxLimit}
		seen := map[string]bool{}
		for _, l := range logs.Logs { // newest first
			if l.CreatedAt.Before(since) {
				s.Whole = true
				break
			}
			s.add(l)
			seen[l.EventID] = true
		}
		s.Events = len(seen)
		v.Webhooks = append(v.Webhooks, s)
	}
	return nil
}

func (s *webhookStats) add(l api.DeliveryLog) {
	s.Attempts++
	s.From = l.CreatedAt
	switch l.DeliveryStatus {
	case api.DeliverySuccess:
		s.Success++
	case api.DeliveryFailed:
		s.Failed++
	default:
		return // it is not over
	}
	answer := "none"
	if l.ResponseStatus != nil {
		answer = strconv.Itoa(*l.ResponseStatus)
	}
	s.Answers[answer]++
}

func (o *statsOptions) text(v statsObject, ranges []reconcile.Range) error {
	style, now := o.env.IO.Style(), o.env.PlatformNow()
	t := render.NewTable(render.Column{Title: "STATUS", Narrow: render.Uncut}, render.Column{Title: "EVENTS", Right: true}, render.Column{Title: "NEWEST", Narrow: render.Uncut, Worth: 1})
	for _, p := range ranges {
		if n := v.Statuses[p.Status]; n > 0 {
			t.AddCells(render.Cell{Text: p.Status, Paint: paintOf(style, p.Status)}, render.Cell{Text: strconv.Itoa(n)}, render.AgoCell(now, p.To))
		}
	}
	if t.Len() == 0 {
		o.env.Say("no events")
	} else if err := t.Print(o.env.IO); err != nil {
		return err
	}
	if len(v.Webhooks) > 0 {
		if t.Len() > 0 {
			if err := render.Text(o.env.IO, "\n"); err != nil {
				return err
			}
		}
		if err := webhookTable(v.Webhooks).Print(o.env.IO); err != nil {
			return err
		}
	}
	if o.since != "" {
		sayUnseen(o.env, ranges)
	}
	for _, w := range v.Webhooks {
		if !w.Whole {
			o.env.Say("of %s the log goes back %s, to %s: the platform gives no more", cmp.Or(w.Name, w.ID), fault.Plural(w.Attempts, "attempt"), render.Ago(now, w.From.Time))
		}
	}
	return nil
}

func webhookTable(all []webhookStats) *render.Table {
	t := render.NewTable(
		render.Column{Title: "WEBHOOK", Least: 16}, render.Column{Title: "EVENTS", Right: true, Worth: 1}, render.Column{Title: "ATTEMPTS", Right: true, Worth: 2},
		render.Column{Title: "SUCCESS", Right: true}, render.Column{Title: "FAILED", Right: true}, render.Column{Title: "ANSWERS"},
	)
	for _, w := range all {
		name := cmp.Or(w.Name, w.ID)
		if !w.Active {
			name += " (inactive)"
		}
		var answers []string
		for _, answer := range slices.Sorted(maps.Keys(w.Answers)) {
			answers = append(answers, fmt.Sprintf("%d × %s", w.Answers[answer], answer))
		}
		t.Add(name, strconv.Itoa(w.Events), strconv.Itoa(w.Attempts), strconv.Itoa(w.Success), strconv.Itoa(w.Failed), strings.Join(answers, ", "))
	}
	return t
}

// countWords lists numbers by name, in the order of an event's life.
func countWords(counts map[string]int) string {
	var parts []string
	for _, status := range api.EventStatuses() {
		if n := counts[status]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, status))
		}
	}
	for _, status := range slices.Sorted(maps.Keys(counts)) {
		if !slices.Contains(api.EventStatuses(), status) { // a server may send others
			parts = append(parts, fmt.Sprintf("%d %s", counts[status], status))
		}
	}
	return strings.Join(parts, ", ")
}
