package sandbox

// whctl sandbox trigger: raising sample events.

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/render"
)

type triggerOptions struct {
	env *cmdkit.Env

	typ   string
	sets  []string
	count int
}

func newTrigger(e *cmdkit.Env, run func(context.Context, *triggerOptions) error) *cobra.Command {
	o := &triggerOptions{env: e}
	c := &cobra.Command{
		Use:   "trigger TYPE|all",
		Short: "Raise a sample event in the running sandbox",
		Example: `  whctl sandbox trigger card.activated --count 3
  whctl sandbox trigger all`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.typ = args[0]
			return run(c.Context(), o)
		},
	}
	c.Flags().StringArrayVar(&o.sets, "set", nil, "edit the sample: `PATH=VALUE` (repeatable)")
	c.Flags().IntVar(&o.count, "count", 1, "how `many` events")
	return c
}

func (o *triggerOptions) check() error {
	if strings.TrimSpace(o.typ) == "" {
		return fault.Hint(fault.New(fault.Usage, "the event type is empty"), "name one such as card.activated, or all")
	}
	if o.count < 1 || o.count > api.MaxTrigger {
		return fault.New(fault.Usage, "--count must be from 1 to %d", api.MaxTrigger)
	}
	for _, set := range o.sets {
		if _, err := jsonbytes.ParseEdit(set); err != nil {
			return fault.Hint(fault.Wrap(fault.Usage, err, "--set"), "write it as --set event_object.status=frozen")
		}
	}
	return nil
}

func runTrigger(ctx context.Context, o *triggerOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	return control(ctx, o.env, func(s client.Sandbox) (api.Triggered, error) { return o.raise(ctx, s) }, func(raised api.Triggered) error {
		t := render.NewTable(
			render.Column{Title: "EVENT", Narrow: render.ID}, render.Column{Title: "TYPE", Narrow: render.CutMiddle, Least: render.LeastType},
			render.Column{Title: "STATUS", Narrow: render.Uncut}, render.Column{Title: "WEBHOOKS", Right: true, Worth: 1},
		)
		for _, ev := range raised.Events {
			t.Add(ev.EventID, ev.EventType, ev.Status, strconv.Itoa(ev.Webhooks))
		}
		return t.Print(o.env.IO)
	})
}

// raise raises the events, and tells people what is not data.
func (o *triggerOptions) raise(ctx context.Context, s client.Sandbox) (api.Triggered, error) {
	raised, err := s.Trigger(ctx, api.TriggerRequest{Type: o.typ, Sets: o.sets, Count: o.count})
	if err != nil {
		return raised, err
	}
	for _, note := range raised.Notes {
		o.env.Say("note: %s", note)
	}
	if !slices.ContainsFunc(raised.Events, func(ev api.TriggeredEvent) bool { return ev.Webhooks > 0 }) {
		o.env.Say("hint: no webhook gets it. whctl webhooks list shows which are active and for which types; whctl webhooks create adds one")
	}
	return raised, nil
}
