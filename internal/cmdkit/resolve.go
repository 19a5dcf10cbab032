package cmdkit

// WEBHOOK arguments, and the limits of lists.

import (
	"context"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/near"
)

// WebhookLister is the API call that ResolveWebhook needs.
type WebhookLister interface {
	ListWebhooks(ctx context.Context) ([]api.Webhook, error)
}

// ResolveWebhook finds a webhook by its id, the unique beginning of an id, or a unique name. It does not look up a whole id: the
// API says what that names. The result then has the ID alone.
func ResolveWebhook(ctx context.Context, l WebhookLister, ref string) (api.Webhook, error) {
	if ref == "" {
		return api.Webhook{}, fault.Hint(fault.New(fault.Usage, "the webhook's id or name is empty"), "see whctl webhooks list")
	}
	if event.IsUUID(ref) {
		return api.Webhook{ID: ref}, nil
	}
	all, err := l.ListWebhooks(ctx)
	if err != nil {
		return api.Webhook{}, err
	}
	pick := func(match func(api.Webhook) bool) []api.Webhook {
		return slices.DeleteFunc(slices.Clone(all), func(w api.Webhook) bool { return !match(w) })
	}
	found := pick(func(w api.Webhook) bool { return w.ID == ref || w.Name == ref })
	if len(found) == 0 {
		found = pick(func(w api.Webhook) bool { return strings.HasPrefix(w.ID, strings.ToLower(ref)) })
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return api.Webhook{}, noWebhook(ref, all)
	default:
		names := make([]string, 0, len(found))
		for _, w := range found {
			names = append(names, w.ID+" ("+w.Name+")")
		}
		return api.Webhook{}, fault.Hint(fault.New(fault.Usage, "%q means %d webhooks: %s", ref, len(found), strings.Join(names, ", ")), "use more of the id")
	}
}

// noWebhook says that nothing is called so, and what nearly is.
func noWebhook(ref string, all []api.Webhook) error {
	err := fault.New(fault.Refused, "no webhook %q", ref)
	names := make([]string, len(all))
	for i, w := range all {
		names[i] = w.Name
	}
	if nearest := near.Word(ref, names); nearest != "" {
		return fault.Hint(err, "did you mean %s?", fault.Word(nearest))
	}
	return fault.Hint(err, "see whctl webhooks list")
}

// CheckLimit refuses a --limit that the API does not take.
func CheckLimit(n int) error {
	if n < api.MinLimit || n > api.MaxLimit {
		return fault.New(fault.Usage, "--limit must be from %d to %d", api.MinLimit, api.MaxLimit)
	}
	return nil
}
