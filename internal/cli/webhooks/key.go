package webhooks

// The key of a new webhook or of a rotation: printed once, and saved.

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/secret"
	"github.com/whctl/whctl/internal/term"
)

// keyFlags say what becomes of a key that is shown once.
type keyFlags struct {
	file   string
	only   bool
	noSave bool
	scheme string   // of a sandbox; "": the profile's
	gone   []string // the ids of webhooks that went with their sandbox and had the new one's name, the newest first
}

func (k *keyFlags) bind(fs *pflag.FlagSet) {
	fs.StringVar(&k.file, "key-file", "", "write the key to this new `file` (0600) too")
	fs.BoolVar(&k.only, "key-only", false, "print nothing but the key")
	fs.BoolVar(&k.noSave, "no-save", false, "do not save the key")
}

// check refuses, before there is a key, what would not be done with it.
func (k *keyFlags) check(e *cmdkit.Env) error {
	if k.only {
		return e.OwnForm("--key-only")
	}
	return nil
}

// ask finds out how a sandbox signs, before there is a key to lose. A real platform signs as the profile says.
func (k *keyFlags) ask(ctx context.Context, e *cmdkit.Env, c *client.Client) {
	s, err := e.Settings()
	if err != nil || s.Profile != config.ProfileSandbox {
		return
	}
	status, err := c.Sandbox().Status(ctx)
	if err != nil {
		return
	}
	if _, err := s.LookupScheme(status.Scheme); err != nil {
		e.Warn("the sandbox signs by scheme %q, which is not known here: add it to the config file, the key is saved for %s", status.Scheme, s.Scheme)
		return
	}
	k.scheme = status.Scheme
}

// keep stores a fresh key before anything else can fail, and says where. The error does not mean that the key is lost:
// the caller prints it all the same.
func (k *keyFlags) keep(ctx context.Context, e *cmdkit.Env, file *cmdkit.KeyFile, w api.Webhook, rotated time.Time) (where []string, err error) {
	ctx = context.WithoutCancel(ctx) // an interrupt must not come between the platform's answer and the disk
	if ferr := file.Write(w.APIKey); ferr != nil {
		err = ferr
	} else if file.Filled() {
		where = append(where, inFile(k.file))
	}
	if k.noSave {
		return where, err
	}
	settings, serr := e.Settings()
	if serr != nil {
		return where, fault.Worse(err, serr)
	}
	store, serr := e.Store()
	if serr != nil {
		return where, fault.Worse(err, serr)
	}
	place, serr := store.SaveKey(ctx, settings.Profile, secret.SavedKey{
		WebhookID: w.ID, Name: w.Name, Scheme: cmp.Or(k.scheme, settings.Scheme), Key: w.APIKey, RotatedAt: rotated, Follows: k.follows(),
	})
	if serr != nil {
		return where, fault.Worse(err, serr)
	}
	return append(where, place), err
}

// printKey prints a webhook with its key, or the key alone.
func (k *keyFlags) printKey(e *cmdkit.Env, out render.Output, w api.Webhook, where []string, did string) error {
	if k.only {
		key := w.APIKey
		if e.IO.OutTTY() {
			key = term.Clean(key) // the API sent it
		}
		return render.Whole(e.IO, key+"\n")
	}
	return out.Value(e.IO, w, func() error {
		b := render.NewCard(e.IO.Style(), cardNames)
		b.Line(e.IO.Style().Good("✓ " + did))
		describe(e, b, w, b.Key)
		b.Row("saved", term.Clean(strings.Join(where, ", ")))
		return b.Print(e.IO)
	})
}

// change is what was done on the platform, whether or not the key is saved.
type change struct {
	heading string // "webhook created"
	said    string // "the webhook exists"
	key     string // "its key"
}

// show prints a fresh key and says what became of it.
func (k *keyFlags) show(e *cmdkit.Env, out render.Output, w api.Webhook, where []string, saveErr error, done change) error {
	err := k.printKey(e, out, w, where, done.heading)
	if fault.KindOf(err) == fault.Usage && len(where) == 0 && render.JSON(e.IO, w) == nil {
		// A --jq filter that fails on this answer must not lose the only copy of the key.
		err = fault.Hint(err, "all of the answer is in the output: keep its key now, it is not shown again")
		return fault.Worse(saveErr, err)
	}
	switch {
	case err != nil && len(where) == 0: // also when nobody reads the output: the key is lost
		return fault.Hint(fault.New(fault.Storage, "the key could not be printed and is saved nowhere: %s", cmdkit.PathWords(err)),
			"%s; make another key: %s", fault.Literal(done.said), fault.Command("whctl webhooks rotate", w.ID))
	case err != nil:
		return fault.Worse(saveErr, err)
	case saveErr == nil:
		return nil
	case len(where) == 0:
		return fault.Hint(fault.Wrap(fault.Storage, saveErr, "%s, but %s was not saved", done.said, done.key),
			"the key is in the output above: keep it now, it is not shown again")
	}
	err = fault.Wrap(fault.Storage, saveErr, "%s and %s is %s, but was not saved everywhere", done.said, done.key, strings.Join(where, ", "))
	if k.file == "" || where[0] != inFile(k.file) {
		return fault.Hint(err, "the key is in the output above too")
	}
	return fault.Hint(err, "%s", fault.Command("whctl keys add", cmp.Or(w.Name, w.ID)).Flag("--webhook-id", w.ID).Flag("--secret-file", k.file))
}

func inFile(name string) string { return "in " + name }

func create(ctx context.Context, o *createOptions, out render.Output, c *client.Client, q api.CreateWebhook) error {
	file, err := cmdkit.NewKeyFile(o.key.file)
	if err != nil {
		return err
	}
	defer file.Close()
	o.key.ask(ctx, o.env, c)
	o.key.look(ctx, o.env, c, q.Name)
	w, err := c.CreateWebhook(ctx, q)
	if err != nil {
		return err
	}
	where, saveErr := o.key.keep(ctx, o.env, file, w, time.Time{})
	if err := o.key.show(o.env, out, w, where, saveErr, change{"webhook created", "the webhook exists", "its key"}); err != nil {
		return err
	}
	if o.key.noSave && o.key.file == "" && !o.key.only {
		o.env.Say("the key was not saved and is not shown again")
	}
	if !w.IsActive {
		warnInactive(o.env, w, refNow(ctx, c, w))
	}
	return o.key.clear(ctx, o.env, w.Name)
}
