package keys

// whctl keys show: what is known of a saved key and, when asked for, the key itself.

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/secret"
	"github.com/whctl/whctl/internal/term"
)

type showOptions struct {
	env *cmdkit.Env

	ref    string
	reveal bool
}

func newShow(e *cmdkit.Env, run func(context.Context, *showOptions) error) *cobra.Command {
	o := &showOptions{env: e}
	c := &cobra.Command{
		Use:     "show NAME",
		Aliases: []string{"get", "view"},
		Short:   "Show what whctl knows about a saved key or, with --reveal, the key",
		Long: `Show what whctl knows about a saved key. NAME is its name, or the id of its webhook.

With --reveal it prints the key and nothing else, so that you can give it to a program.`,
		Example: `  whctl keys show staging
  export WEBHOOK_KEY=$(whctl keys show staging --reveal)`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.ref = args[0]
			return run(c.Context(), o)
		},
	}
	c.Flags().BoolVar(&o.reveal, "reveal", false, "print the key itself")
	return c
}

// shownKey is a saved key in JSON; docs/json.md lists it.
type shownKey struct {
	Name      string    `json:"name"`
	WebhookID string    `json:"webhookId"`
	Profile   string    `json:"profile"`
	Scheme    string    `json:"scheme"`
	Where     string    `json:"where"`
	SavedAt   api.Time  `json:"savedAt"`
	RotatedAt *api.Time `json:"rotatedAt"`
	Previous  int       `json:"previous"`
	Masked    string    `json:"masked"`
	Key       string    `json:"key,omitempty"` // with --reveal
}

func runShow(ctx context.Context, o *showOptions) error {
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	s, err := o.env.Settings()
	if err != nil {
		return err
	}
	store, err := o.env.Store()
	if err != nil {
		return err
	}
	k, err := store.Key(ctx, s.Profile, o.ref)
	if err != nil {
		return err
	}
	o.env.Hide(k.Key)
	v := shownKey{
		Name: k.Name, WebhookID: k.WebhookID, Profile: s.Profile, Scheme: k.Scheme, Where: k.Where, SavedAt: api.At(k.SavedAt), Previous: len(k.Previous),
		Masked: masking.Key(k.Key),
	}
	if !k.RotatedAt.IsZero() {
		rotated := api.At(k.RotatedAt)
		v.RotatedAt = &rotated
	}
	if !o.reveal {
		return out.Value(o.env.IO, v, func() error { return o.card(v, store).Print(o.env.IO) })
	}
	v.Key = k.Key
	return cmdkit.WriteFailed(out.Value(o.env.IO, v, func() error { return o.print(k.Key) }))
}

// print writes the key alone. On a terminal it is cleaned, as an API may have sent it.
func (o *showOptions) print(key string) error {
	if o.env.IO.OutTTY() {
		key = term.CleanLines(key)
	}
	return render.Whole(o.env.IO, key+"\n")
}

func (o *showOptions) card(v shownKey, store *secret.Store) *render.Card {
	style, now := o.env.IO.Style(), o.env.Now()
	b := render.NewCard(style, 8)
	b.Row("name", style.Bold(term.Clean(v.Name)))
	b.Row("webhook", term.Clean(v.WebhookID))
	b.Row("profile", term.Clean(v.Profile))
	b.Row("scheme", term.Clean(v.Scheme))
	b.Row("key", term.Clean(v.Masked))
	where := "the OS keyring"
	if v.Where == "file" {
		where = "the file " + store.Path()
	}
	b.Row("store", term.Clean(where))
	b.Row("saved", render.When(style, now, v.SavedAt.Time))
	if v.RotatedAt != nil {
		b.Row("rotated", render.When(style, now, v.RotatedAt.Time))
	}
	if v.Previous > 0 {
		b.Row("earlier", strconv.Itoa(v.Previous)+" still verify, and never sign")
	}
	return b
}
