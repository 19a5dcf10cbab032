package webhooks

// whctl webhooks create: a new webhook and its key.

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/render"
)

type createOptions struct {
	env *cmdkit.Env

	name     string
	url      string
	events   []string
	active   bool
	metadata metadataFlags
	key      keyFlags
}

func newCreate(e *cmdkit.Env, run func(context.Context, *createOptions) error) *cobra.Command {
	o := &createOptions{env: e}
	c := &cobra.Command{
		Use:   "create --name NAME --url URL --events TYPE[,TYPE…]",
		Short: "Create a webhook and keep its signing key",
		Long: `Create a webhook. The platform shows its signing key only now: it is printed once and saved, in the OS keyring or else
in a file only you can read, so that whctl listen and whctl verify find it. A webhook is inactive unless --active is given.`,
		Example: `  whctl webhooks create --name staging --url https://example.com/hooks --events 'card.*,kyc.status.changed' --active
  whctl webhooks create --name ci --url https://example.com/hooks --events '*' --key-only > key`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return run(c.Context(), o) },
	}
	fs := c.Flags()
	fs.SortFlags = false
	fs.StringVar(&o.name, "name", "", "`name` for people, at most 255 characters (required)")
	fs.StringVar(&o.url, "url", "", "`URL` to deliver to (required)")
	fs.StringArrayVar(&o.events, "events", nil, "event `types`, comma separated: card.activated, 'card.*' or '*' (required)")
	fs.BoolVar(&o.active, "active", false, "deliver at once")
	o.metadata.bind(fs)
	o.key.bind(fs)
	return c
}

func (o *createOptions) request() (api.CreateWebhook, error) {
	q := api.CreateWebhook{Name: o.name, URL: o.url, IsActive: o.active}
	if err := checkName(o.name); err != nil {
		return q, err
	}
	if err := checkURL(o.url); err != nil {
		return q, err
	}
	if o.url == "" {
		return q, fault.Hint(fault.New(fault.Usage, "--url is missing"), "add --url https://…, where deliveries go")
	}
	var err error
	if q.EventTypes, err = cmdkit.SplitPatterns("--events", o.events); err != nil {
		return q, err
	}
	if len(q.EventTypes) == 0 {
		return q, fault.Hint(fault.New(fault.Usage, "--events is missing"), "add --events card.activated, or --events '*' for all")
	}
	o.env.WarnPlatformPatterns("--events", q.EventTypes)
	q.Metadata, err = o.metadata.apply(nil)
	if len(q.Metadata) == 0 {
		q.Metadata = nil
	}
	return q, err
}

func runCreate(ctx context.Context, o *createOptions) error {
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	if err := o.key.check(o.env); err != nil {
		return err
	}
	q, err := o.request()
	if err != nil {
		return err
	}
	return o.env.WithClient(ctx, func(c *client.Client) error {
		return create(ctx, o, out, c, q)
	})
}
