package webhooks

// whctl webhooks rotate: a new key in place of the old one.

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/duration"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/secret"
)

type rotateOptions struct {
	env *cmdkit.Env

	ref      string
	yes      bool
	wait     bool
	timeout  time.Duration
	interval time.Duration
	key      keyFlags
}

func newRotate(e *cmdkit.Env, run func(context.Context, *rotateOptions) error) *cobra.Command {
	o := &rotateOptions{env: e}
	c := &cobra.Command{
		Use:     "rotate WEBHOOK",
		Aliases: []string{"rotate-key"},
		Short:   "Replace a webhook's signing key",
		Long: `Replace a webhook's signing key. The platform stops using the old one at once. The new key is printed once and saved;
the old one still verifies here for 24 hours, so that deliveries under way are not refused, and never signs. --wait
watches the delivery log until a delivery under the new key was accepted, or refused with 401.`,
		Example: `  whctl webhooks rotate staging --yes --key-only > key
  whctl webhooks rotate staging --wait`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.ref = args[0]
			return run(c.Context(), o)
		},
	}
	fs := c.Flags()
	fs.SortFlags = false
	cmdkit.YesFlag(fs, &o.yes, "do not ask")
	fs.BoolVar(&o.wait, "wait", false, "watch the delivery log for the outcome")
	fs.Var(duration.Flag(&o.timeout, 5*time.Minute), "timeout", "with --wait: how long")
	fs.Var(duration.Flag(&o.interval, cmdkit.DefaultInterval), "interval", "with --wait: how often to look")
	o.key.bind(fs)
	return c
}

// check refuses, before anything is replaced, what would fail afterwards.
func (o *rotateOptions) check() error {
	if err := o.key.check(o.env); err != nil {
		return err
	}
	if err := cmdkit.CheckTimeout(o.timeout); err != nil {
		return err
	}
	return cmdkit.CheckInterval(o.interval)
}

func runRotate(ctx context.Context, o *rotateOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	return withOutput(ctx, o.env, func(c *client.Client, out render.Output) error {
		w, err := cmdkit.ResolveWebhook(ctx, c, o.ref)
		if err != nil {
			return err
		}
		question := fmt.Sprintf("Replace the key of webhook %s? The platform stops using the old one at once.", asked(w))
		if err := o.env.Confirm(o.yes, question); err != nil {
			return err
		}
		return rotate(ctx, o, out, c, w.ID)
	})
}

func rotate(ctx context.Context, o *rotateOptions, out render.Output, c *client.Client, id string) error {
	file, err := cmdkit.NewKeyFile(o.key.file)
	if err != nil {
		return err
	}
	defer file.Close()
	seen, err := o.seenBefore(ctx, c, id)
	if err != nil {
		return err
	}
	o.key.ask(ctx, o.env, c)
	w, err := c.RotateKey(ctx, id)
	if err != nil {
		return err
	}
	where, saveErr := o.key.keep(ctx, o.env, file, w, o.env.Now())
	if err := o.key.show(o.env, out, w, where, saveErr, change{"key replaced", "the key was replaced", "the new one"}); err != nil {
		return err
	}
	if o.key.noSave {
		warnStale(ctx, o.env, w)
	}
	o.env.Say("next: 1. give the receiver the new key\n      2. deploy it\n      3. %s shows the refused deliveries\n      4. whctl events retry --all-failed delivers them again",
		fault.Command("whctl webhooks logs", o.ref).Switch("--failed"))
	if !o.wait {
		return nil
	}
	return o.watch(ctx, c, w, seen)
}

// seenBefore remembers the log entries so far: only later ones are about the new key.
func (o *rotateOptions) seenBefore(ctx context.Context, c *client.Client, id string) (map[string]bool, error) {
	seen := map[string]bool{}
	if !o.wait {
		return seen, nil
	}
	logs, err := c.WebhookLogs(ctx, id, api.MaxLimit)
	for _, l := range logs.Logs {
		seen[l.ID] = true
	}
	return seen, err
}

// warnStale says that a key saved for this webhook is the old one, which would go on signing and verifying.
func warnStale(ctx context.Context, e *cmdkit.Env, w api.Webhook) {
	_ = eachSaved(ctx, e, w.ID, func(*secret.Store, string) error { // a store that cannot be read has no such key
		e.Warn("the key saved for %s (%s) is the old one; %s", fault.Word(w.Name), fault.Word(w.ID), fault.Command("whctl keys remove", w.ID))
		return nil
	})
}

// watch follows the delivery log until one delivery under the new key was answered.
func (o *rotateOptions) watch(ctx context.Context, c *client.Client, w api.Webhook, seen map[string]bool) error {
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	o.env.Say("watching deliveries to %s for the new key", fault.Word(w.Name))
	err := o.env.Follow(ctx, cmdkit.Pace{Interval: o.interval, Reached: true}, func(ctx context.Context) (bool, error) {
		logs, err := c.WebhookLogs(ctx, w.ID, api.MaxLimit)
		if err != nil {
			return false, err
		}
		return judge(o.env, logs.Logs, seen)
	})
	if fault.KindOf(err) == fault.Unreachable && ctx.Err() != nil {
		return fault.Hint(fault.New(fault.Unreachable, "no delivery was answered within %s", o.timeout), "%s keeps watching", fault.Command("whctl webhooks logs", o.ref).Switch("--follow"))
	}
	return err
}

func judge(e *cmdkit.Env, logs []api.DeliveryLog, seen map[string]bool) (done bool, err error) {
	for _, l := range logs {
		if seen[l.ID] || l.ResponseStatus == nil {
			continue
		}
		switch status := *l.ResponseStatus; {
		case status == 401 || status == 403:
			return false, fault.Hint(fault.New(fault.Refused, "the receiver answered %d: it does not know the new key yet", status),
				"deploy the new key there, then %s", fault.Command("whctl events retry", l.EventID))
		case status >= 200 && status < 300:
			e.Say("a delivery under the new key was answered %d", status)
			return true, nil
		}
		seen[l.ID] = true
	}
	return false, nil
}
