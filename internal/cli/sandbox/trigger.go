package sandbox

// whctl sandbox trigger: raising sample events.

import (
	"cmp"
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

	typ    string
	sets   []string
	count  int
	tricky bool
}

func newTrigger(e *cmdkit.Env, run, list func(context.Context, *triggerOptions) error) *cobra.Command {
	o := &triggerOptions{env: e}
	c := &cobra.Command{
		Use:   "trigger [TYPE|all]",
		Short: "Raise a sample event in the running sandbox",
		Long: `Raise a sample event in the running sandbox: of a type, of a type and one of its variants (kyc.status.changed/failed),
or one of every type. Without a type it lists what there is. A type without a sample goes out in the provider's envelope, with
contents that are made up, unless all types of the provider are known.

The bytes of a tricky sample are easy to get wrong: blanks between the tokens, 10.50, ü and \u00e9. A handler that verifies what it
has parsed and re-encoded, instead of the bytes that came, refuses it. One of the events of all is tricky.`,
		Example: `  whctl sandbox trigger
  whctl sandbox trigger card.activated --count 3
  whctl sandbox trigger kyc.status.changed/failed-103
  whctl sandbox trigger card.activated --tricky
  whctl sandbox trigger all`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return list(c.Context(), o)
			}
			o.typ = args[0]
			return run(c.Context(), o)
		},
	}
	c.Flags().StringArrayVar(&o.sets, "set", nil, "edit the sample: `PATH=VALUE` (repeatable)")
	c.Flags().IntVar(&o.count, "count", 1, "how `many` events")
	c.Flags().BoolVar(&o.tricky, "tricky", false, "raise tricky samples, whose bytes are easy to get wrong")
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
	return control(ctx, o.env, func(s client.Sandbox) (api.Triggered, error) {
		raised, err := s.Trigger(ctx, api.TriggerRequest{Type: o.typ, Sets: o.sets, Count: o.count, Tricky: o.tricky})
		return raised, tell(o.env, raised, err)
	}, func(raised api.Triggered) error { return printRaised(o.env, raised) })
}

// runTypes lists what the running sandbox can raise.
func runTypes(ctx context.Context, o *triggerOptions) error {
	if o.tricky || o.count != 1 || len(o.sets) > 0 {
		return fault.Hint(fault.New(fault.Usage, "the event type is missing"), "name one such as card.activated, or all; whctl sandbox trigger lists them")
	}
	return control(ctx, o.env, func(s client.Sandbox) (api.Samples, error) { return s.Samples(ctx) }, func(v api.Samples) error {
		t := render.NewTable(render.Column{Title: "TYPE", Narrow: render.Uncut}, render.Column{Title: "VARIANTS", Narrow: render.Flow, Least: 20})
		for _, typ := range v.Types {
			t.Add(typ.Type, strings.Join(typ.Variants, ", "))
		}
		if err := t.Print(o.env.IO); err != nil {
			return err
		}
		o.env.Say("raise one with whctl sandbox trigger TYPE, TYPE/VARIANT or all")
		return nil
	})
}

// printRaised prints events that were raised, as text.
func printRaised(e *cmdkit.Env, raised api.Triggered) error {
	t := render.NewTable(
		render.Column{Title: "EVENT", Narrow: render.ID}, render.Column{Title: "TYPE", Narrow: render.CutMiddle, Least: render.LeastType},
		render.Column{Title: "STATUS", Narrow: render.Uncut}, render.Column{Title: "WEBHOOKS", Right: true, Worth: 1},
	)
	for _, ev := range raised.Events {
		t.Add(ev.EventID, cmp.Or(ev.Sample, ev.EventType), ev.Status, strconv.Itoa(ev.Webhooks))
	}
	return t.Print(e.IO)
}

// tell says what is not data of events that were raised, unless there was an error.
func tell(e *cmdkit.Env, raised api.Triggered, err error) error {
	if err != nil {
		return err
	}
	for _, note := range raised.Notes {
		e.SayOnce("note: " + note)
	}
	if !slices.ContainsFunc(raised.Events, func(ev api.TriggeredEvent) bool { return ev.Webhooks > 0 }) {
		e.Say("hint: no webhook gets it. whctl webhooks list shows which are active and for which types; whctl webhooks create adds one")
	}
	return nil
}
