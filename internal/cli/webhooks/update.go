package webhooks

// whctl webhooks update, enable and disable.

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

type updateOptions struct {
	env *cmdkit.Env

	ref       string
	name      *string
	url       *string
	events    []string
	add       []string
	remove    []string
	metadata  metadataFlags
	removeKey []string
}

func newUpdate(e *cmdkit.Env, run func(context.Context, *updateOptions) error) *cobra.Command {
	o := &updateOptions{env: e}
	var name, url string
	c := &cobra.Command{
		Use:   "update WEBHOOK",
		Short: "Change some fields of a webhook",
		Long: `Change a webhook. Only what is named changes. --events replaces the whole list; --add-event, --remove-event, --metadata
and --remove-metadata read what is there, change it and write it back, because the API replaces lists and objects whole.`,
		Example: `  whctl webhooks update staging --add-event 'card.*' --metadata team=cards
  whctl webhooks update staging --url https://example.com/new`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.ref = args[0]
			if c.Flags().Changed("name") {
				o.name = &name
			}
			if c.Flags().Changed("url") {
				o.url = &url
			}
			return run(c.Context(), o)
		},
	}
	fs := c.Flags()
	fs.SortFlags = false
	fs.StringVar(&name, "name", "", "new `name`")
	fs.StringVar(&url, "url", "", "new `URL` to deliver to")
	fs.StringArrayVar(&o.events, "events", nil, "event `types` that replace the current ones, comma separated")
	fs.StringArrayVar(&o.add, "add-event", nil, "event `types` to add, comma separated (repeatable)")
	fs.StringArrayVar(&o.remove, "remove-event", nil, "event `types` to remove, comma separated (repeatable)")
	o.metadata.bind(fs)
	fs.StringArrayVar(&o.removeKey, "remove-metadata", nil, "metadata entry `NAME` to remove (repeatable)")
	return c
}

// check refuses wrong flags, and splits the lists of types at their commas.
func (o *updateOptions) check() error {
	changesEvents := len(o.add)+len(o.remove) > 0
	switch {
	case o.name == nil && o.url == nil && len(o.events) == 0 && !changesEvents && !o.metadata.given() && len(o.removeKey) == 0:
		return fault.Hint(fault.New(fault.Usage, "nothing to change"), "whctl webhooks update --help lists what can be")
	case len(o.events) > 0 && changesEvents:
		return fault.New(fault.Usage, "--events replaces the list and does not go with --add-event or --remove-event")
	case o.url != nil && *o.url == "":
		return fault.New(fault.Usage, "--url is empty")
	case o.name != nil:
		if err := checkName(*o.name); err != nil {
			return err
		}
	}
	if o.url != nil {
		if err := checkURL(*o.url); err != nil {
			return err
		}
	}
	for flag, types := range map[string]*[]string{"--events": &o.events, "--add-event": &o.add, "--remove-event": &o.remove} {
		split, err := cmdkit.SplitPatterns(flag, *types)
		if err != nil {
			return err
		}
		*types = split
	}
	_, err := o.metadata.apply(nil)
	return err
}

// request is the update that turns before into what was asked for.
func (o *updateOptions) request(before api.Webhook) (api.UpdateWebhook, error) {
	u := api.UpdateWebhook{Name: o.name, URL: o.url}
	var err error
	switch {
	case len(o.events) > 0:
		u.EventTypes = o.events
		o.env.WarnPlatformPatterns("--events", u.EventTypes)
	case len(o.add)+len(o.remove) > 0:
		u.EventTypes, err = o.mergeEvents(before.EventTypes)
	}
	if err != nil {
		return u, err
	}
	if o.metadata.given() || len(o.removeKey) > 0 {
		u.Metadata, err = o.mergeMetadata(before.Metadata)
	}
	return u, err
}

func (o *updateOptions) mergeEvents(before []string) ([]string, error) {
	o.env.WarnPlatformPatterns("--add-event", o.add)
	out := slices.Clone(before)
	for _, a := range o.add {
		if !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	for _, r := range o.remove {
		if !slices.Contains(out, r) {
			o.env.Warn("%s is not among its event types", r)
		}
		out = slices.DeleteFunc(out, func(t string) bool { return t == r })
	}
	if len(out) == 0 {
		return nil, fault.Hint(fault.New(fault.Usage, "a webhook needs at least one event type"), "whctl webhooks disable stops its deliveries")
	}
	return out, nil
}

func (o *updateOptions) mergeMetadata(before map[string]json.RawMessage) (map[string]json.RawMessage, error) {
	out, err := o.metadata.apply(before)
	if err != nil {
		return nil, err
	}
	for _, k := range o.removeKey {
		if _, has := out[k]; !has {
			o.env.Warn("%s is not among its metadata", k)
		}
		delete(out, k)
	}
	return out, nil
}

func runUpdate(ctx context.Context, o *updateOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	return withOutput(ctx, o.env, func(c *client.Client, out render.Output) error {
		before, err := current(ctx, c, o.ref)
		if err != nil {
			return err
		}
		u, err := o.request(before)
		if err != nil {
			return err
		}
		w, err := c.UpdateWebhook(ctx, before.ID, u)
		if err != nil {
			return err
		}
		if o.ref == before.Name && w.Name != before.Name && !w.IsActive {
			o.ref = refNow(ctx, c, w)
		}
		return show(o.env, out, w, o.ref)
	})
}

type switchOptions struct {
	env *cmdkit.Env
	ref string
	on  bool
}

// newSwitch makes enable and disable, which differ in one word.
func newSwitch(e *cmdkit.Env, run func(context.Context, *switchOptions) error, on bool) *cobra.Command {
	o := &switchOptions{env: e, on: on}
	c := &cobra.Command{
		Use:     "enable WEBHOOK",
		Short:   "Start deliveries to a webhook",
		Example: "  whctl webhooks enable staging",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.ref = args[0]
			return run(c.Context(), o)
		},
	}
	if !on {
		c.Use, c.Short, c.Example = "disable WEBHOOK", "Stop deliveries to a webhook, and keep it", "  whctl webhooks disable staging"
	}
	return c
}

func runSwitch(ctx context.Context, o *switchOptions) error {
	return withOutput(ctx, o.env, func(c *client.Client, out render.Output) error {
		w, err := cmdkit.ResolveWebhook(ctx, c, o.ref)
		if err != nil {
			return err
		}
		w, err = c.UpdateWebhook(ctx, w.ID, api.UpdateWebhook{IsActive: &o.on})
		if err != nil {
			return err
		}
		return out.Value(o.env.IO, w, func() error { return o.said(w) })
	})
}

// said tells how the webhook is now.
func (o *switchOptions) said(w api.Webhook) error {
	style, name := o.env.IO.Style(), term.Clean(cmp.Or(w.Name, w.ID))
	words := style.Good("✓") + " " + style.Bold(name) + " is active"
	if !w.IsActive {
		words = style.Good("✓") + " " + style.Bold(name) + " is inactive"
	}
	return render.Text(o.env.IO, words+"\n")
}
