package events

// whctl events retry: events delivered again.

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/duration"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

type retryOptions struct {
	env *cmdkit.Env

	refs      []string
	webhook   string
	allFailed bool
	yes       bool
	wait      bool
	timeout   time.Duration
	interval  time.Duration
}

type retrier interface {
	reader
	RetryEvent(ctx context.Context, id, webhookID string) (api.Retried, error)
}

func newRetry(e *cmdkit.Env, run func(context.Context, *retryOptions) error) *cobra.Command {
	o := &retryOptions{env: e}
	c := &cobra.Command{
		Use:   "retry EVENT… | --all-failed",
		Short: "Deliver events again",
		Long: `Deliver events again, to one webhook with --webhook, else to every active one, also to those that have accepted them. With --wait it watches until the outcome is known and
ends with 0 when every event completed, 5 when one failed or was skipped, 6 when there was no outcome in time.`,
		Example: `  whctl events retry 51d2e8b6 --webhook staging --wait
  whctl events retry --all-failed --yes`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			o.refs = args
			return run(c.Context(), o)
		},
	}
	fs := c.Flags()
	fs.SortFlags = false
	fs.StringVar(&o.webhook, "webhook", "", "deliver to this `webhook` only")
	fs.BoolVar(&o.allFailed, "all-failed", false, "every event whose status is failed, at most 100")
	cmdkit.YesFlag(fs, &o.yes, "do not ask")
	fs.BoolVar(&o.wait, "wait", false, "watch until the outcome is known")
	fs.Var(duration.Flag(&o.timeout, 5*time.Minute), "timeout", "with --wait: how long")
	fs.Var(duration.Flag(&o.interval, time.Second), "interval", "with --wait: how often to look")
	return c
}

func (o *retryOptions) check() error {
	switch {
	case o.allFailed && len(o.refs) > 0:
		return fault.New(fault.Usage, "--all-failed does not go with event ids")
	case !o.allFailed && len(o.refs) == 0:
		return fault.Hint(fault.New(fault.Usage, "no event named"), "whctl events retry EVENT, or --all-failed")
	}
	if err := cmdkit.CheckTimeout(o.timeout); err != nil {
		return err
	}
	return cmdkit.CheckInterval(o.interval)
}

func runRetry(ctx context.Context, o *retryOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	return o.env.WithClient(ctx, func(c *client.Client) error {
		webhookID := ""
		if o.webhook != "" {
			w, err := cmdkit.ResolveWebhook(ctx, c, o.webhook)
			if err != nil {
				return err
			}
			webhookID = w.ID
		}
		if o.allFailed {
			if err := o.findFailed(ctx, c); err != nil {
				return err
			}
			o.refs = once(o.refs) // an API may list one twice
			if len(o.refs) == 0 {
				o.env.Say("no failed events")
			} else if err := o.confirm(ctx, c); err != nil {
				return err
			}
		}
		o.refs = once(o.refs)
		return retry(ctx, o, out, c, webhookID)
	})
}

// confirm asks before all failed events are delivered again, and says to how many webhooks: each gets every event, also those that it has
// accepted.
func (o *retryOptions) confirm(ctx context.Context, c cmdkit.WebhookLister) error {
	events := fault.Plural(len(o.refs), "failed event")
	if o.yes || !o.env.CanAsk() {
		return o.env.Confirm(o.yes, "")
	}
	if o.webhook != "" {
		return o.env.Confirm(false, fmt.Sprintf("Deliver %s to %s again?", events, term.Clean(fault.Quote(o.webhook))))
	}
	all, err := c.ListWebhooks(ctx)
	if err != nil {
		return err
	}
	var active []string
	for _, w := range all {
		if w.IsActive {
			active = append(active, cmp.Or(w.Name, w.ID))
		}
	}
	switch len(active) {
	case 0:
		o.env.Warn("no webhook is active, so nothing would be delivered; whctl webhooks enable WEBHOOK")
	case 1:
		return o.env.Confirm(false, fmt.Sprintf("Deliver %s to %s again?", events, term.Clean(fault.Quote(active[0]))))
	default:
		o.env.Say("each event goes to every active webhook, also to one that has accepted it: %s; --webhook WEBHOOK delivers to one", fault.List(active).String())
	}
	return o.env.Confirm(false, fmt.Sprintf("Deliver %s to %s again: %s?", events, fault.Plural(len(active), "webhook"), fault.Plural(len(o.refs)*len(active), "delivery")))
}

// once gives each id once, in the order they came.
func once(ids []string) []string {
	var out []string
	for _, id := range ids {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

func (o *retryOptions) findFailed(ctx context.Context, c reader) error {
	list, err := c.ListEvents(ctx, api.EventQuery{Status: api.StatusFailed, Limit: api.MaxLimit})
	if err != nil {
		return err
	}
	for _, ev := range list.Events {
		o.refs = append(o.refs, cmp.Or(ev.EventID, ev.ID))
	}
	if list.Total > len(list.Events) {
		o.env.Say("%d of %d failed events are retried: the platform gives no more; run it again for the rest", len(list.Events), list.Total)
	}
	return nil
}

// retry tries every event and reports the worst that happened.
func retry(ctx context.Context, o *retryOptions, out render.Output, c retrier, webhookID string) error {
	var worst error
	done := []api.Retried{}
	watched := []watch{}
	for i, ref := range o.refs {
		w, r, err := o.one(ctx, c, ref, webhookID)
		if err != nil {
			if len(o.refs) > 1 {
				o.env.Warn("%s: %s", fault.Word(ref), err)
			}
			if worst = fault.Worse(worst, err); o.enough(err, len(o.refs)-i-1) {
				break
			}
			continue
		}
		if r.WebhookCount == 0 && !o.wait {
			o.env.Warn("event %s goes to no webhook, as none is active; whctl webhooks enable WEBHOOK", fault.Word(r.EventID))
		}
		done, watched = append(done, r), append(watched, w)
	}
	if len(done) > 0 || len(o.refs) == 0 {
		if err := out.Value(o.env.IO, done, func() error { return o.printRetried(done) }); err != nil {
			return err
		}
	}
	if o.wait {
		worst = fault.Worse(worst, o.outcomes(ctx, c, watched))
	}
	if worst != nil && len(o.refs) > 1 {
		return notAll(worst)
	}
	return worst
}

// notAll is the error for several events. Looking at events mends no token and no network, so what was said of those stays.
func notAll(worst error) error {
	err := fault.New(fault.KindOf(worst), "not every event was delivered: %w", worst)
	if fault.KindOf(worst) != fault.Refused && fault.HintOf(err) != (fault.Step{}) {
		return err
	}
	return fault.Hint(err, "see whctl events list --status failed")
}

// enough says whether to stop before the rest of many events: a platform that did not answer one would keep each of the others
// waiting as long.
func (o *retryOptions) enough(err error, rest int) bool {
	if !o.allFailed || rest == 0 || fault.KindOf(err) != fault.Unreachable {
		return false
	}
	o.env.Warn("%s not tried: the platform does not answer", fault.Plural(rest, "more event"))
	return true
}

// one queues one event again, having looked first at how it stood: only what comes after tells the outcome.
func (o *retryOptions) one(ctx context.Context, c retrier, ref, webhookID string) (watch, api.Retried, error) {
	w := watch{seen: map[string]bool{}}
	id, err := resolve(ctx, c, ref)
	if err != nil {
		return w, api.Retried{}, err
	}
	if o.wait {
		before, err := logsOf(ctx, c, id)
		if err != nil {
			return w, api.Retried{}, err
		}
		for _, l := range before.Logs {
			w.seen[l.ID] = true
		}
	}
	r, err := c.RetryEvent(ctx, id, webhookID)
	if err != nil {
		other, rerr := byRecord(ctx, c, id, err)
		if rerr != nil {
			return w, r, err
		}
		if r, err = c.RetryEvent(ctx, other, webhookID); err != nil {
			return w, r, err
		}
		id = other
	}
	w.id, w.webhooks = id, r.WebhookCount
	return w, r, nil
}

// printRetried prints a line for each event and, of several deliveries, the sum.
func (o *retryOptions) printRetried(done []api.Retried) error {
	deliveries, most := 0, 0
	for _, r := range done {
		deliveries, most = deliveries+r.WebhookCount, max(most, r.WebhookCount)
		if err := render.Text(o.env.IO, term.Clean(r.EventID+"  "+r.Message)+"\n"); err != nil {
			return err
		}
	}
	if deliveries > 1 {
		o.env.Say("%s to %s: %s", fault.Plural(len(done), "event"), fault.Plural(most, "webhook"), fault.Plural(deliveries, "delivery"))
	}
	return nil
}
