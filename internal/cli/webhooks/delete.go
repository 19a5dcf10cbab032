package webhooks

// whctl webhooks delete: a webhook and its saved key go.

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/secret"
	"github.com/whctl/whctl/internal/term"
)

type deleteOptions struct {
	env *cmdkit.Env
	ref string
	yes bool
}

type deletedJSON struct {
	ID      string `json:"id"`
	Deleted bool   `json:"deleted"`
}

func newDelete(e *cmdkit.Env, run func(context.Context, *deleteOptions) error) *cobra.Command {
	o := &deleteOptions{env: e}
	c := &cobra.Command{
		Use:     "delete WEBHOOK",
		Aliases: []string{"rm"},
		Short:   "Delete a webhook and its key for good",
		Example: "  whctl webhooks delete staging --yes",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.ref = args[0]
			return run(c.Context(), o)
		},
	}
	cmdkit.YesFlag(c.Flags(), &o.yes, "do not ask")
	return c
}

func runDelete(ctx context.Context, o *deleteOptions) error {
	return withOutput(ctx, o.env, func(c *client.Client, out render.Output) error {
		w, err := cmdkit.ResolveWebhook(ctx, c, o.ref)
		if err != nil {
			return err
		}
		question := fmt.Sprintf("Delete webhook %s for good? Its key is lost and deliveries stop at once.", asked(w))
		if err := o.env.Confirm(o.yes, question); err != nil {
			return err
		}
		if err := c.DeleteWebhook(ctx, w.ID); err != nil {
			return err
		}
		if err := forget(ctx, o.env, w.ID); err != nil {
			o.env.Warn("its saved key is still there: %s", err)
		}
		return out.Value(o.env.IO, deletedJSON{ID: w.ID, Deleted: true}, func() error {
			return render.Text(o.env.IO, o.env.IO.Style().Good("✓ deleted")+" "+term.Clean(label(w))+"\n")
		})
	})
}

// forget drops the key of a deleted webhook. Otherwise it would be tried in vain, and a later webhook of the same name would be
// ambiguous.
func forget(ctx context.Context, e *cmdkit.Env, id string) error {
	return eachSaved(ctx, e, id, func(store *secret.Store, profile string) error {
		_, err := store.RemoveKey(ctx, profile, id)
		return err
	})
}

// eachSaved calls f for every key that is saved for a webhook, with where it is saved.
func eachSaved(ctx context.Context, e *cmdkit.Env, id string, f func(store *secret.Store, profile string) error) error {
	settings, err := e.Settings()
	if err != nil {
		return err
	}
	store, err := e.Store()
	if err != nil {
		return err
	}
	saved, err := store.ListKeys(ctx, settings.Profile)
	if err != nil {
		return err
	}
	for _, k := range saved {
		if k.WebhookID == id {
			err = f(store, settings.Profile)
		}
	}
	return err
}

// asked is label for a question: a line of the terminal must not begin with the API's words.
func asked(w api.Webhook) string {
	const id, most = 36, 40
	w.Name, w.ID = term.Cut(term.Clean(w.Name), most), term.Clean(w.ID)
	if len(w.ID) != id || strings.Trim(w.ID, "0123456789abcdefABCDEF-") != "" {
		w.ID = term.Cut(w.ID, id/3)
	}
	return label(w)
}

func label(w api.Webhook) string {
	if w.Name == "" {
		return w.ID
	}
	return w.Name + " (" + w.ID + ")"
}
