package webhooks

// Keys of webhooks that went with their sandbox.

import (
	"context"
	"slices"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/secret"
)

// look finds the saved keys of webhooks of a name that went with their sandbox, the newest first. A sandbox starts empty, and each start
// would leave one more key of the name, until the name means none of them. Where another sandbox runs, the webhooks may be there. Where
// keys or webhooks cannot be read none is found, and to save the key says why.
func (k *keyFlags) look(ctx context.Context, e *cmdkit.Env, c *client.Client, name string) {
	s, err := e.Settings()
	if err != nil || s.Profile != config.ProfileSandbox || name == "" || k.noSave {
		return
	}
	store, err := e.Store()
	if err != nil {
		return
	}
	saved, err := store.ListKeys(ctx, s.Profile)
	saved = slices.DeleteFunc(saved, func(one secret.KeyInfo) bool { return one.Name != name || one.WebhookID == "" })
	if err != nil || len(saved) == 0 || others(e) {
		return
	}
	there, err := c.ListWebhooks(ctx)
	if err != nil {
		return
	}
	slices.SortStableFunc(saved, func(a, b secret.KeyInfo) int { return b.SavedAt.Compare(a.SavedAt.Time) })
	for _, one := range saved {
		if !slices.ContainsFunc(there, func(w api.Webhook) bool { return w.ID == one.WebhookID }) {
			k.gone = append(k.gone, one.WebhookID)
		}
	}
}

// follows is the webhook whose key becomes an earlier one of the new webhook, and verifies for a while longer; "" for none.
func (k *keyFlags) follows() string {
	if len(k.gone) == 0 {
		return ""
	}
	return k.gone[0]
}

// clear removes the keys before that one, and says what became of all.
func (k *keyFlags) clear(ctx context.Context, e *cmdkit.Env, name string) error {
	if len(k.gone) == 0 {
		return nil
	}
	e.Say("the key of %s in an earlier sandbox is an earlier key of this one now", name)
	s, err := e.Settings()
	if err != nil {
		return err
	}
	store, err := e.Store()
	for _, id := range k.gone[1:] {
		if err == nil {
			_, err = store.RemoveKey(ctx, s.Profile, id)
		}
	}
	return err
}

// others says whether more than one sandbox runs, or whether that cannot be known.
func others(e *cmdkit.Env) bool {
	all, err := e.AllRunning()
	n := 0
	for _, r := range all {
		if r.Command == "sandbox" || r.SandboxURL != "" {
			n++
		}
	}
	return err != nil || n > 1
}
