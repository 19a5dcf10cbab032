// Package webhooks holds whctl webhooks and its verbs.
package webhooks

import (
	"cmp"
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/render"
)

// New makes the group.
func New(e *cmdkit.Env) *cobra.Command {
	c := &cobra.Command{
		Use:     "webhooks",
		Aliases: []string{"webhook", "wh"},
		Short:   "Manage webhooks: where the platform delivers, and what",
		Long: `Manage the platform's webhooks over its API. WEBHOOK is an id, the beginning of one, or a name. Everything works
against the offline sandbox too: whctl --profile sandbox webhooks list.`,
		Example: `  whctl webhooks create --name dev --url https://example.com/hooks --events 'card.*' --active
  whctl webhooks logs dev --failed`,
	}
	c.AddCommand(
		newCreate(e, runCreate), newList(e, runList), newGet(e, runGet), newUpdate(e, runUpdate),
		newSwitch(e, runSwitch, true), newSwitch(e, runSwitch, false), newDelete(e, runDelete),
		newRotate(e, runRotate), newLogs(e, runLogs),
	)
	return c
}

// target is what reading one webhook needs.
type target interface {
	cmdkit.WebhookLister
	GetWebhook(ctx context.Context, id string) (api.Webhook, error)
}

// current resolves a reference and reads the webhook as it is now.
func current(ctx context.Context, c target, ref string) (api.Webhook, error) {
	w, err := cmdkit.ResolveWebhook(ctx, c, ref)
	if err != nil {
		return w, err
	}
	return c.GetWebhook(ctx, w.ID)
}

// warnPatterns tells about patterns that the platform does not document, or that cover none of its event types.
func warnPatterns(e *cmdkit.Env, flag string, types []string) {
	scheme := ""
	if s, err := e.Settings(); err == nil {
		scheme = s.Scheme
	}
	e.WarnPatterns(flag, scheme, types)
}

func checkName(name string) error {
	switch n := len([]rune(name)); {
	case strings.TrimSpace(name) == "":
		return fault.Hint(fault.New(fault.Usage, "--name is empty"), "add --name, such as --name staging")
	case n > api.MaxNameLength:
		return fault.New(fault.Usage, "--name is %d characters long, at most %d are allowed", n, api.MaxNameLength)
	default:
		return nil
	}
}

// card writes one webhook for people.
func card(e *cmdkit.Env, w api.Webhook) string {
	style := e.IO.Style()
	b := render.NewCard(style, 9)
	b.Row("id", clean(w.ID))
	b.Row("name", style.Bold(clean(w.Name)))
	b.Row("status", state(e, w))
	b.Row("url", clean(w.URL))
	b.Row("events", clean(strings.Join(w.EventTypes, ", ")))
	b.Row("key", clean(w.APIKey))
	for _, k := range sortedKeys(w.Metadata) {
		value := string(w.Metadata[k])
		if masking.Known(value) {
			value = masking.Text(value)
		}
		b.Row("metadata", clean(k+" = "+value))
	}
	b.Row("created", when(e, w.CreatedAt))
	b.Row("updated", when(e, w.UpdatedAt))
	return b.String()
}

func state(e *cmdkit.Env, w api.Webhook) string {
	if w.IsActive {
		return e.IO.Style().Good("active")
	}
	return e.IO.Style().Warn("inactive")
}

// warnInactive says what a webhook that is off means, and how to switch it on.
func warnInactive(e *cmdkit.Env, w api.Webhook) {
	if name := cmp.Or(w.Name, w.ID); !w.IsActive {
		e.Warn("%s is inactive and gets no deliveries; %s", fault.Word(name), fault.Command("whctl webhooks enable", name))
	}
}
