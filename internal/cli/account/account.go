// Package account holds whctl login, logout and whoami.
package account

import (
	"context"
	"net/http"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/secret"
	"github.com/whctl/whctl/internal/term"
)

type loginOptions struct {
	env      *cmdkit.Env
	file     string
	platform string
}

// NewLogin makes whctl login.
func NewLogin(e *cmdkit.Env) *cobra.Command { return newLogin(e, runLogin) }

func newLogin(e *cmdkit.Env, run func(context.Context, *loginOptions) error) *cobra.Command {
	o := &loginOptions{env: e}
	c := &cobra.Command{
		Use:   "login",
		Short: "Save the API token of this profile",
		Long: `Check an API token and save it, in the OS keyring or else in a file that only you can read. It is bound to the API's origin
and sent nowhere else. With --platform github it saves a GitHub token that may write webhooks.`,
		Example: `  whctl login
  whctl login --token-file token
  gh auth token | whctl login --platform github --token-file -`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return run(c.Context(), o) },
	}
	c.Flags().StringVar(&o.file, "token-file", "", "`file` that holds the token; - is standard input (default: ask)")
	addPlatform(c, &o.platform)
	return c
}

func (o *loginOptions) read() (string, error) {
	if o.file == "" {
		if !o.env.CanAsk() {
			return "", fault.Hint(o.env.Unasked("no token given"), "add --token-file FILE, or --token-file - to pipe it in")
		}
		b, err := o.env.IO.ReadSecret("API token:")
		if err != nil {
			return "", cmdkit.AskFailed(err, "cannot read the token")
		}
		return string(b), secret.CheckToken(string(b))
	}
	return o.env.ReadToken(o.file)
}

// addPlatform adds the flag that says whose token it is.
func addPlatform(c *cobra.Command, to *string) {
	c.Flags().StringVar(to, "platform", cmdkit.PlatformBaanx, "whose token: the `platform` is baanx or github")
	cmdkit.OneOf(c, "platform", cmdkit.PlatformBaanx, cmdkit.PlatformGitHub)
}

func runLogin(ctx context.Context, o *loginOptions) error {
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	store, origin, err := tokenStore(o.env, o.platform)
	if err != nil {
		return err
	}
	token, err := o.read()
	if err != nil {
		return err
	}
	switch err := o.try(ctx, token); {
	case err == nil:
	case client.Status(err) == http.StatusUnauthorized && o.platform == cmdkit.PlatformBaanx && cmdkit.Here(origin):
		return fault.Hint(fault.Wrap(fault.KindOf(err), err, "the token was not saved"),
			"a sandbox needs no login: %s", fault.Command("whctl whoami --profile sandbox").Flag("--api-url", origin))
	case client.Status(err) == http.StatusUnauthorized:
		return fault.Hint(fault.Wrap(fault.KindOf(err), err, "the token was not saved"),
			"check that all of the token was copied, and that it is one of %s (%s)", fault.Word(origin), fault.Word(o.setting()))
	case client.Status(err) != http.StatusForbidden:
		return fault.Wrap(fault.KindOf(err), err, "the token was not saved")
	default:
		o.env.Warn("the token is known but may not %s: %s", o.tried(), err)
	}
	where, err := store.SaveToken(ctx, origin, token)
	if err != nil {
		return err
	}
	v := struct {
		Origin string `json:"origin"`
		Saved  bool   `json:"saved"`
	}{origin, true}
	if name := o.variable(); o.env.Getenv(name) != "" {
		o.env.Warn("%s is set, and its token is used and not the saved one: unset it", name)
	}
	return out.Value(o.env.IO, v, func() error {
		return render.Text(o.env.IO, o.env.IO.Style().Good("✓ token saved for")+" "+term.Clean(cmdkit.OriginWords(origin)+" in "+where)+"\n")
	})
}

// setting names what the address of the API comes from.
func (o *loginOptions) setting() string {
	if o.platform == cmdkit.PlatformGitHub {
		return "WHCTL_GITHUB_URL"
	}
	return "--api-url"
}

// variable is the one whose token wins over the saved one.
func (o *loginOptions) variable() string {
	if o.platform == cmdkit.PlatformGitHub {
		return string(client.FromGitHubVariable)
	}
	return string(client.FromVariable)
}

// tried is what try does with a token.
func (o *loginOptions) tried() string {
	if o.platform == cmdkit.PlatformGitHub {
		return "tell whose it is"
	}
	return "list webhooks"
}

// try makes a call that only a token that works may make. One of a GitHub App's installation belongs to no user, and gets 403.
func (o *loginOptions) try(ctx context.Context, token string) error {
	if o.platform == cmdkit.PlatformGitHub {
		g, err := o.env.GitHubWith(token, client.FromUnknown)
		if err != nil {
			return err
		}
		defer g.Close()
		_, err = g.User(ctx)
		return err
	}
	c, err := o.env.ClientWith(token, client.FromUnknown)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.ListWebhooks(ctx)
	return err
}

// tokenStore is where the token of a platform is kept, and the origin it is bound to.
func tokenStore(e *cmdkit.Env, platform string) (*secret.Store, string, error) {
	if err := cmdkit.CheckPlatform(platform); err != nil {
		return nil, "", err
	}
	s, err := e.Settings()
	if err != nil {
		return nil, "", err
	}
	address := s.APIURL
	if platform == cmdkit.PlatformGitHub {
		address = s.GitHub
	}
	origin, err := secret.Origin(address)
	if err != nil {
		return nil, "", err
	}
	store, err := e.Store()
	return store, origin, err
}

// NewLogout makes whctl logout.
func NewLogout(e *cmdkit.Env) *cobra.Command {
	platform := ""
	c := &cobra.Command{
		Use:     "logout",
		Short:   "Forget the API token of this profile",
		Example: "  whctl logout",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return runLogout(c.Context(), e, platform) },
	}
	addPlatform(c, &platform)
	cmdkit.NeverAsks(c.Flags())
	return c
}

func runLogout(ctx context.Context, e *cmdkit.Env, platform string) error {
	out, err := render.NewOutput(e.Format())
	if err != nil {
		return err
	}
	store, origin, err := tokenStore(e, platform)
	if err != nil {
		return err
	}
	had, err := store.RemoveToken(ctx, origin)
	if err != nil {
		return err
	}
	v := struct {
		Origin  string `json:"origin"`
		Removed bool   `json:"removed"`
	}{origin, had}
	return out.Value(e.IO, v, func() error {
		text := "there was no token for " + cmdkit.OriginWords(origin)
		if had {
			text = "token for " + cmdkit.OriginWords(origin) + " forgotten"
		}
		return render.Text(e.IO, term.Clean(text)+"\n")
	})
}

// NewWhoami makes whctl whoami.
func NewWhoami(e *cmdkit.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "whoami",
		Short: "Show which API, profile and token are in use, and whether they work",
		Example: `  whctl whoami
  whctl --profile sandbox whoami -o json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runWhoami(c.Context(), e) },
	}
}

type whoamiJSON struct {
	Profile   string `json:"profile"`
	APIURL    string `json:"apiUrl"`
	TokenFrom string `json:"tokenFrom"`
	Tenant    string `json:"tenant"` // "" while there is no webhook to read it from
	Webhooks  int    `json:"webhooks"`
}

func runWhoami(ctx context.Context, e *cmdkit.Env) error {
	out, err := render.NewOutput(e.Format())
	if err != nil {
		return err
	}
	s, err := e.Settings()
	if err != nil {
		return err
	}
	token, from, err := e.Token(ctx)
	if err != nil {
		return err
	}
	c, err := e.ClientWith(token, from)
	if err != nil {
		return err
	}
	defer c.Close()
	all, err := c.ListWebhooks(ctx)
	if err != nil {
		return err
	}
	v := whoamiJSON{Profile: s.Profile, APIURL: s.APIURL, TokenFrom: string(from), Webhooks: len(all)}
	if len(all) > 0 {
		v.Tenant = all[0].Tenant
	}
	return out.Value(e.IO, v, func() error {
		b := render.NewCard(e.IO.Style(), 9)
		b.Row("profile", term.Clean(v.Profile))
		b.Row("api", term.Clean(v.APIURL))
		b.Row("token", v.TokenFrom+", accepted")
		b.Row("tenant", term.Clean(v.Tenant))
		b.Row("webhooks", strconv.Itoa(v.Webhooks))
		return b.Print(e.IO)
	})
}
