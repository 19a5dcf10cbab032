// Package webhooks holds whctl webhooks and its verbs.
package webhooks

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
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

// current resolves a reference and reads the webhook as it is now.
func current(ctx context.Context, c *client.Client, ref string) (api.Webhook, error) {
	w, err := cmdkit.ResolveWebhook(ctx, c, ref)
	if err != nil {
		return w, err
	}
	return c.GetWebhook(ctx, w.ID)
}

// withOutput calls f with the client for the profile, and with what -o and --jq ask for.
func withOutput(ctx context.Context, e *cmdkit.Env, f func(*client.Client, render.Output) error) error {
	out, err := render.NewOutput(e.Format())
	if err != nil {
		return err
	}
	return e.WithClient(ctx, func(c *client.Client) error { return f(c, out) })
}

// show prints a webhook that the user named as ref, and tells people when it is off.
func show(e *cmdkit.Env, out render.Output, w api.Webhook, ref string) error {
	if err := out.Value(e.IO, w, func() error { return card(e, w).Print(e.IO) }); err != nil {
		return err
	}
	if !out.Machine() {
		warnInactive(e, w, ref)
	}
	return nil
}

// checkURL refuses a URL that was copied from where its secrets are masked.
func checkURL(text string) error {
	if !strings.Contains(text, masking.Mask) && !strings.Contains(text, masking.Masked) {
		return nil
	}
	return fault.Hint(fault.New(fault.Usage, "--url is masked: a part of it is left out"), "the JSON has the whole URL: %s", fault.Command("whctl webhooks get NAME").Flag("--jq", ".url"))
}

func checkName(name string) error {
	switch n := len([]rune(name)); {
	case name == "":
		return fault.Hint(fault.New(fault.Usage, "--name is missing"), "add --name, such as --name staging")
	case strings.TrimSpace(name) == "":
		return fault.Hint(fault.New(fault.Usage, "--name is empty"), "add --name, such as --name staging")
	case n > api.MaxNameLength:
		return fault.New(fault.Usage, "--name is %d characters long, at most %d are allowed", n, api.MaxNameLength)
	default:
		return nil
	}
}

// cardNames is how many columns the names on a webhook's card take.
const cardNames = 9

// card is one webhook for people.
func card(e *cmdkit.Env, w api.Webhook) *render.Card {
	b := render.NewCard(e.IO.Style(), cardNames)
	describe(e, b, w, b.Row)
	return b
}

// describe adds what a webhook is to a card. key adds its key.
func describe(e *cmdkit.Env, b *render.Card, w api.Webhook, key func(name, value string)) {
	style := e.IO.Style()
	b.Row("id", term.Clean(w.ID))
	b.Row("name", style.Bold(term.Clean(w.Name)))
	if w.IsActive {
		b.Row("status", style.Good("active"))
	} else {
		b.Row("status", style.Warn("inactive"))
	}
	b.Row("url", term.Clean(masking.URL(w.URL)))
	b.Row("events", term.Clean(strings.Join(w.EventTypes, ", ")))
	key("key", term.Clean(w.APIKey))
	for _, k := range slices.Sorted(maps.Keys(w.Metadata)) {
		value := string(w.Metadata[k])
		if masking.Known(value) {
			value = masking.Text(value)
		}
		b.Row("metadata", term.Clean(k+" = "+value))
	}
	b.Row("created", render.When(style, e.PlatformNow(), w.CreatedAt.Time))
	b.Row("updated", render.When(style, e.PlatformNow(), w.UpdatedAt.Time))
}

// warnInactive says that a webhook gets no deliveries, and how to enable it. ref is what names it among all.
func warnInactive(e *cmdkit.Env, w api.Webhook, ref string) {
	if !w.IsActive {
		e.Warn("%s is inactive and gets no deliveries; %s", fault.Word(cmp.Or(w.Name, w.ID)), fault.Command("whctl webhooks enable", ref))
	}
}

// refTo is what names a webhook among all: its name, or its id where others are called so too, or the name looks like an id.
func refTo(w api.Webhook, all []api.Webhook) string {
	others := func(other api.Webhook) bool { return other.Name == w.Name && other.ID != w.ID }
	if w.Name == "" || event.IsUUID(w.Name) || slices.ContainsFunc(all, others) {
		return w.ID
	}
	return w.Name
}

// refNow is what names a webhook among those that there are now. Where they cannot be listed, its id does.
func refNow(ctx context.Context, l cmdkit.WebhookLister, w api.Webhook) string {
	all, err := l.ListWebhooks(ctx)
	if err != nil {
		return w.ID
	}
	return refTo(w, all)
}
