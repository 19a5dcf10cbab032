// Package keys holds whctl keys and its verbs.
package keys

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/secret"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/term"
)

// New makes the group.
func New(e *cmdkit.Env) *cobra.Command {
	c := &cobra.Command{
		Use:     "keys",
		Aliases: []string{"key"},
		Short:   "Save signing keys, so that commands find them",
		Long: `Save signing keys in the OS keyring, or else in a file that only you can read. Without a secret flag, commands use the
keys saved for the profile. webhooks create and rotate save their keys; keys add is for keys from elsewhere.`,
		Example: `  whctl keys list
  whctl keys show staging
  whctl keys add stripe --scheme stripe --secret-file key`,
	}
	c.AddCommand(newList(e, runList), newShow(e, runShow), newAdd(e, runAdd), newRemove(e, runRemove))
	return c
}

func newList(e *cmdkit.Env, run func(context.Context, *cmdkit.Env) error) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the saved keys, without showing any",
		Example: "  whctl keys list",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return run(c.Context(), e) },
	}
}

func runList(ctx context.Context, e *cmdkit.Env) error {
	out, err := render.NewOutput(e.Format())
	if err != nil {
		return err
	}
	s, err := e.Settings()
	if err != nil {
		return err
	}
	store, err := e.Store()
	if err != nil {
		return err
	}
	list, err := store.ListKeys(ctx, s.Profile)
	if err != nil {
		return err
	}
	if list == nil {
		list = []secret.KeyInfo{}
	}
	return out.Value(e.IO, list, func() error {
		if len(list) == 0 {
			e.Say("no keys saved for profile %s", s.Profile)
			return nil
		}
		t := render.NewTable(
			render.Column{Title: "NAME", Least: 24}, render.Column{Title: "WEBHOOK", Narrow: render.ID, Worth: 3}, render.Column{Title: "SCHEME", Worth: 4},
			render.Column{Title: "STORE", Worth: 2}, render.Column{Title: "SAVED", Narrow: render.Uncut}, render.Column{Title: "EARLIER", Right: true, Worth: 1},
		)
		for _, k := range list {
			t.AddCells(
				render.Cell{Text: k.Name}, render.Cell{Text: k.WebhookID}, render.Cell{Text: k.Scheme}, render.Cell{Text: k.Where}, render.AgoCell(e.Now(), k.SavedAt.Time),
				render.Cell{Text: strconv.Itoa(k.Previous)},
			)
		}
		return t.Print(e.IO)
	})
}

type addOptions struct {
	env *cmdkit.Env

	name string
	file string
	id   string
}

func newAdd(e *cmdkit.Env, run func(context.Context, *addOptions) error) *cobra.Command {
	o := &addOptions{env: e}
	c := &cobra.Command{
		Use:   "add NAME",
		Short: "Save a key from elsewhere",
		Example: `  whctl keys add staging --secret-file key
  pass show webhook | whctl keys add staging --secret-file -`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.name = args[0]
			return run(c.Context(), o)
		},
	}
	fs := c.Flags()
	fs.SortFlags = false
	fs.StringVar(&o.file, "secret-file", "", "`file` that holds the key; - is standard input (default: ask)")
	fs.StringVar(&o.id, "webhook-id", "", "`id` of the webhook the key belongs to")
	fs.StringVar(&e.Globals.Scheme, "scheme", "", "signature `scheme` the key is for (default: the profile's, else baanx)")
	return c
}

func runAdd(ctx context.Context, o *addOptions) error {
	if strings.TrimSpace(o.name) == "" {
		return fault.New(fault.Usage, "the key's name is empty")
	}
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	rules, err := cmdkit.Rules(o.env)
	if err != nil {
		return err
	}
	text, err := o.read()
	if err != nil {
		return err
	}
	if _, err := explain.Key(rules, text); err != nil {
		return fault.Hint(fault.Wrap(fault.Usage, err, "cannot save it"), "see %s for the form of its keys", fault.Command("whctl schemes show", rules.Scheme().Name))
	}
	s, err := o.env.Settings()
	if err != nil {
		return err
	}
	store, err := o.env.Store()
	if err != nil {
		return err
	}
	before, err := store.ListKeys(ctx, s.Profile)
	if err != nil {
		return err
	}
	where, err := store.SaveKey(ctx, s.Profile, secret.SavedKey{WebhookID: o.id, Name: o.name, Scheme: rules.Scheme().Name, Key: text})
	if err != nil {
		return err
	}
	after, err := store.ListKeys(ctx, s.Profile)
	if err != nil {
		return err
	}
	v := struct {
		Name     string `json:"name"`
		Scheme   string `json:"scheme"`
		Saved    bool   `json:"saved"`
		Replaced bool   `json:"replaced"`
	}{o.name, rules.Scheme().Name, true, o.replaced(before, after)}
	return out.Value(o.env.IO, v, func() error {
		line := o.env.IO.Style().Good("✓ saved") + " " + term.Clean(o.name+" in "+where) + "\n"
		if v.Replaced {
			line += fmt.Sprintf("replaced; the previous key still verifies for %.0f h\n", secret.PreviousFor.Hours())
		}
		return render.Text(o.env.IO, line)
	})
}

// replaced says whether saving replaced another key: it is the newest previous one now.
func (o *addOptions) replaced(before, after []secret.KeyInfo) bool {
	old, now := o.rotated(before), o.rotated(after)
	return now != nil && (old == nil || !now.Equal(old.Time))
}

// rotated is when the key of the id, else of the name, last replaced another one; nil: never.
func (o *addOptions) rotated(list []secret.KeyInfo) *api.Time {
	i := slices.IndexFunc(list, func(k secret.KeyInfo) bool {
		if o.id != "" {
			return k.WebhookID == o.id
		}
		return k.Name == o.name || k.WebhookID == o.name
	})
	if i < 0 {
		return nil
	}
	return list[i].RotatedAt
}

// read reads the key from a file, standard input or the terminal.
func (o *addOptions) read() (string, error) {
	if o.file == "" {
		if !o.env.CanAsk() {
			return "", fault.Hint(o.env.Unasked("no key given"), "add --secret-file FILE, or --secret-file - to pipe it in")
		}
		b, err := o.env.IO.ReadSecret("key for " + o.name + ":")
		if err != nil {
			return "", cmdkit.AskFailed(err, "cannot read the key")
		}
		return string(b), secret.CheckKey(string(b))
	}
	if scheme, file, err := o.env.BoundFile(o.file); err != nil || scheme != "" {
		return "", cmp.Or(err, o.boundInFile(scheme, file))
	}
	in, err := o.env.OpenInput(o.file, "the key")
	if err != nil {
		return "", err
	}
	defer func() { _ = in.Close() }()
	return secret.ReadKey(io.Reader(in))
}

// boundInFile is of SCHEME= before the file, as the secret flags of other commands take it.
func (o *addOptions) boundInFile(scheme, file string) error {
	return fault.Hint(fault.New(fault.Usage, "keys add is told the scheme of a key with --scheme, not with %s= before its file", scheme),
		"write %s", fault.Command("whctl keys add", o.name).Flag("--scheme", scheme).Flag("--secret-file", file))
}

type removeOptions struct {
	env *cmdkit.Env
	ref string
}

func newRemove(e *cmdkit.Env, run func(context.Context, *removeOptions) error) *cobra.Command {
	o := &removeOptions{env: e}
	c := &cobra.Command{
		Use:     "remove NAME",
		Aliases: []string{"rm"},
		Short:   "Forget a saved key and its previous ones",
		Example: "  whctl keys remove staging",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.ref = args[0]
			return run(c.Context(), o)
		},
	}
	cmdkit.NeverAsks(c.Flags())
	return c
}

func runRemove(ctx context.Context, o *removeOptions) error {
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
	k, err := store.RemoveKey(ctx, s.Profile, o.ref)
	if err != nil {
		return err
	}
	v := struct {
		Name    string `json:"name"`
		Removed bool   `json:"removed"`
	}{k.Name, true}
	return out.Value(o.env.IO, v, func() error {
		return render.Text(o.env.IO, o.env.IO.Style().Good("✓ removed")+" "+term.Clean(k.Name)+"\n")
	})
}
