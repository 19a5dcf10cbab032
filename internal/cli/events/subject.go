package events

// Whose events are reconciled: a platform, and one of its webhooks.

import (
	"context"
	"slices"
	"strconv"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/reconcile"
)

// subject is a platform as it is reconciled.
type subject struct {
	platform reconcile.Platform
	close    func()
	kind     string // its name
	api      string // its address

	id     string // of the webhook; "" for all webhooks
	name   string
	url    string
	types  []string // event types that the webhook takes
	active bool
	all    []string // the ids of all webhooks that the platform tells of
}

func (o *reconcileOptions) subject(ctx context.Context) (*subject, error) {
	if o.platform == cmdkit.PlatformGitHub {
		return o.gitHub(ctx)
	}
	return o.tenant(ctx)
}

// tenant is the management API's tenant. The only webhook that it has needs no name.
func (o *reconcileOptions) tenant(ctx context.Context) (*subject, error) {
	c, err := o.env.Client(ctx)
	if err != nil {
		return nil, err
	}
	s := &subject{kind: o.platform, close: c.Close, api: c.Origin()}
	all, err := c.ListWebhooks(ctx)
	if err != nil {
		c.Close()
		return nil, err
	}
	w, err := choose(ctx, all, o.webhook)
	if err != nil {
		c.Close()
		return nil, err
	}
	for _, one := range all {
		s.all = append(s.all, one.ID)
	}
	s.platform = c.Tenant(w)
	if w != nil {
		s.id, s.name, s.url, s.types, s.active = w.ID, w.Name, w.URL, w.EventTypes, w.IsActive
	}
	return s, nil
}

// choose finds the webhook that is reconciled; nil means all of them.
func choose(ctx context.Context, all []api.Webhook, ref string) (*api.Webhook, error) {
	if ref == "" {
		if len(all) == 1 {
			return &all[0], nil
		}
		return nil, nil //nolint:nilnil // no webhook is chosen, which is no error
	}
	found, err := cmdkit.ResolveWebhook(ctx, listed(all), ref)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(w api.Webhook) bool { return w.ID == found.ID })
	if i < 0 {
		return nil, fault.Hint(fault.New(fault.Refused, "no webhook %q", ref), "see whctl webhooks list")
	}
	return &all[i], nil
}

// listed is webhooks that were listed already.
type listed []api.Webhook

// ListWebhooks gives them.
func (l listed) ListWebhooks(context.Context) ([]api.Webhook, error) { return l, nil }

// gitHub is a webhook of a repository or an organisation.
func (o *reconcileOptions) gitHub(ctx context.Context) (*subject, error) {
	ref, err := client.ParseGitHubWebhook(o.webhook)
	if err != nil {
		return nil, err
	}
	g, err := o.env.GitHub(ctx, o.tokenFile)
	if err != nil {
		return nil, err
	}
	w, err := g.Webhook(ctx, ref)
	if err != nil {
		g.Close()
		return nil, err
	}
	settings, err := o.env.Settings()
	if err != nil {
		g.Close()
		return nil, err
	}
	return &subject{
		kind: o.platform, platform: g.Events(w), close: g.Close, api: settings.GitHub,
		id: strconv.FormatInt(w.ID, 10), name: w.Name(), url: w.Config.URL, types: w.Events, active: w.Active,
	}, nil
}
