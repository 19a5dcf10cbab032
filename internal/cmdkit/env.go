// Package cmdkit is what every command gets: its environment, and the flags that commands share.
package cmdkit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/secret"
	"github.com/whctl/whctl/internal/term"
)

// Env is the environment of a command. A method opens what it returns on first use, so that a command pays only for what it
// needs.
type Env struct {
	IO      *term.IO
	Version string
	Getenv  func(string) string
	Now     func() time.Time
	Rand    io.Reader
	Dir     string // working folder
	UID     int
	Force   <-chan struct{} // closed by a second interrupt
	Stopped <-chan struct{} // closed by the first one
	// CatchInterrupts makes interrupts close those channels instead of ending the process. A command that ends at once does not
	// call it.
	CatchInterrupts func()
	Globals         Globals
	// NameOf is the command that a text begins with. nil: none is.
	NameOf func(text string) Named

	settingsOnce sync.Once
	settings     *config.Settings
	settingsErr  error
	storeOnce    sync.Once
	store        *secret.Store
	platform     *client.Client // the last one made; nil: none
	sandboxBase  string         // address that the token of a running listen --sandbox is for; "": it is not used
	secretsMu    sync.Mutex
	secrets      []string // that no message shows
}

// Globals are the flags of settings, and what goes with them.
type Globals struct {
	config.Flags
	NoProject  bool   // for the command that trusts project files: none is used
	Errors     string // the form of errors: text or json
	AnyProfile bool   // for the commands that list, make and remove profiles: the profile may be unknown

	bound []*pflag.Flag // of a setting; another flag of that name is none
}

// BindSettings adds the flags that settings have in a kind of command.
func (e *Env) BindSettings(fs *pflag.FlagSet, on config.Commands) {
	for _, f := range e.Globals.For(on) {
		switch to := f.To.(type) {
		case *string:
			fs.StringVarP(to, f.Name, f.Short, "", f.Help)
		case *bool:
			fs.BoolVarP(to, f.Name, f.Short, false, f.Help)
		case *[]string:
			fs.StringArrayVarP(to, f.Name, f.Short, nil, f.Help)
		case pflag.Value:
			fs.VarP(to, f.Name, f.Short, f.Help)
		}
		if f.Default != "" && on == config.Listening {
			fs.Lookup(f.Name).DefValue = f.Default // for the help alone: what was not given stays unset
		}
		e.Globals.bound = append(e.Globals.bound, fs.Lookup(f.Name))
	}
}

// Settings are the settings of this run. It reports the problems of config files.
func (e *Env) Settings() (*config.Settings, error) {
	e.settingsOnce.Do(func() {
		e.settings, e.settingsErr = config.Load(e.ConfigOptions())
		if e.settingsErr != nil {
			return
		}
		for _, w := range e.settings.Warnings {
			e.Warn("%s", w)
		}
		e.sayTaken()
		if err := e.IO.SetColor(e.settings.Color); err != nil {
			e.settingsErr = fault.Wrap(fault.Usage, err, "--color")
		}
	})
	return e.settings, e.settingsErr
}

// maxTaken is how much of a project file's setting is shown, in columns, so that none hides the others.
const maxTaken = 80

// sayTaken lists the settings from a project file. --quiet does not silence it: the user did not write that file.
func (e *Env) sayTaken() {
	taken := e.settings.Taken()
	if len(taken) == 0 {
		return
	}
	words := make([]string, len(taken))
	for i, v := range taken {
		words[i] = term.Cut(term.Clean(v.Key+" "+v.Value), maxTaken)
	}
	line := "note: from " + term.Cut(term.Clean(fault.Quote(e.settings.ProjectFile)), maxTalk) + ": " + strings.Join(words, ", ")
	_, _ = fmt.Fprintf(e.IO.Err, "%s\n", term.FoldWords(line, e.IO.ErrWidth()))
}

// ConfigOptions are what the settings of this run are made from.
func (e *Env) ConfigOptions() config.Options {
	g, dir := e.Globals, e.Dir
	if g.NoProject {
		dir = ""
	}
	for _, f := range g.bound {
		if f.Changed {
			g.Given = append(g.Given, f.Name)
		}
	}
	return config.Options{Getenv: e.Getenv, Dir: dir, UID: e.UID, AnyProfile: g.AnyProfile, Stopped: e.Stopped, Flags: g.Flags}
}

// Store is the store of keys and tokens.
func (e *Env) Store() (*secret.Store, error) {
	s, err := e.Settings()
	if err != nil {
		return nil, err
	}
	e.storeOnce.Do(func() {
		e.store = secret.Open(secret.Options{
			Dir: s.DataDir, Getenv: e.Getenv, Now: e.Now, Rand: e.Rand, Waiting: func(err error) { e.Warn("waiting: %s", err) },
		})
	})
	return e.store, nil
}

// Format is the output format and filter that flags, environment and settings ask for: text, json or yaml, and a jq expression.
func (e *Env) Format() (format, jq string, err error) {
	s, err := e.Settings()
	if err != nil {
		return "", "", err
	}
	format, jq, err = e.FormatAsked()
	return cmp.Or(format, s.Output), jq, err
}

// FormatAsked is Format for what people read in any case, such as help: the flags of this command line alone count. format is "" without them.
func (e *Env) FormatAsked() (format, jq string, err error) {
	format, jq = e.Globals.Output, e.Globals.JQ
	if jq == "" || format == "json" {
		return format, jq, nil
	}
	if format != "" {
		return "", "", e.OwnForm("-o " + format)
	}
	return "json", jq, nil
}

// FormatAnyway is Format for the commands that change config files, which may be what corrects them: where settings cannot be read, flags
// alone count.
func (e *Env) FormatAnyway() (format, jq string, err error) {
	if format, jq, err = e.Format(); err != nil {
		return e.Globals.Output, e.Globals.JQ, nil //nolint:nilerr // see above
	}
	return format, jq, nil
}

// maxTalk is how much of a text is shown, in columns: it may quote a long argument or answer.
const maxTalk = 1000

// Hide keeps secrets out of every message, whatever they look like.
func (e *Env) Hide(secrets ...string) {
	e.secretsMu.Lock()
	defer e.secretsMu.Unlock()
	for _, s := range secrets {
		if len(s) >= shortestSecret && !slices.Contains(e.secrets, s) {
			e.secrets = append(e.secrets, s)
		}
	}
}

// shortestSecret is the length of the shortest secret that messages are searched for. Shorter ones are part of many words.
const shortestSecret = 6

// Secret says whether a text holds a secret that Hide was given.
func (e *Env) Secret(text string) bool {
	e.secretsMu.Lock()
	defer e.secretsMu.Unlock()
	return slices.ContainsFunc(e.secrets, func(s string) bool { return strings.Contains(text, s) })
}

// maxScreen is how much of a text is screened and shown, in bytes.
const maxScreen = 64 << 10

// Screen masks the secrets in a text for people or logs: those of Hide, and what looks like one. Everything on standard error goes
// through it.
func (e *Env) Screen(text string) string {
	e.secretsMu.Lock()
	secrets := slices.Clone(e.secrets)
	e.secretsMu.Unlock()
	return masking.Text(strings.ToValidUTF8(text[:min(len(text), maxScreen)], ""), secrets...)
}

// Say tells a person something on standard error, except with --quiet. Arguments may be remote: none of them begins a new line.
func (e *Env) Say(format string, args ...any) {
	if e.Quiet() {
		return
	}
	for i, arg := range args {
		switch arg := arg.(type) {
		case string:
			args[i] = term.Cut(term.Clean(arg), maxTalk)
		case error:
			args[i] = term.Cut(term.Clean(arg.Error()), maxTalk)
		}
	}
	_, _ = fmt.Fprintf(e.IO.Err, "%s\n", term.FoldWords(term.CleanLines(e.Screen(e.AsTyped(fmt.Sprintf(format, args...)))), e.IO.ErrWidth()))
}

// Warn tells that something may be wrong. --quiet does not silence it.
func (e *Env) Warn(format string, args ...any) {
	text := term.Cut(term.Clean(e.Screen(e.AsTyped(fmt.Sprintf(format, args...)))), maxTalk)
	_, _ = fmt.Fprintf(e.IO.Err, "%s\n", term.FoldWords(e.IO.ErrStyle().Warn("warning:")+" "+text, e.IO.ErrWidth()))
}

// Quiet says whether a person wants less talk.
func (e *Env) Quiet() bool {
	return e.Globals.Quiet || e.settings != nil && e.settings.Quiet
}

// CanAsk says whether a question may be asked: a terminal on both ends, and no --no-input.
func (e *Env) CanAsk() bool {
	if e.Globals.NoInput || e.settings != nil && e.settings.NoInput {
		return false
	}
	return e.IO.CanPrompt()
}

// Unasked is the fault of a question that may not be asked. missing says what the answer would have been.
func (e *Env) Unasked(missing string) error {
	if !e.IO.CanPrompt() {
		return fault.New(fault.Usage, "%s, and there is no terminal to ask on", missing)
	}
	by := "--no-input"
	if !e.Globals.NoInput && e.settings != nil {
		by = e.settings.Given("no_input")
	}
	return fault.New(fault.Usage, "%s, and with %s nothing is asked", missing, by)
}

// Confirm asks before something that cannot be undone. yes skips the question. Where none may be asked it is a Usage fault.
func (e *Env) Confirm(yes bool, question string) error {
	if yes {
		return nil
	}
	if _, err := e.Settings(); err != nil {
		return err
	}
	if !e.CanAsk() {
		return fault.Hint(e.Unasked("this needs a confirmation"), "add --yes")
	}
	ok, err := e.IO.Confirm(question)
	if err != nil {
		return AskFailed(err, "cannot ask")
	}
	if !ok {
		return fault.New(fault.Stopped, "not confirmed, nothing was changed")
	}
	return nil
}

// AskFailed makes a fault of a question without an answer. ^C is an interrupt.
func AskFailed(err error, what string) error {
	if errors.Is(err, context.Canceled) {
		return fault.New(fault.Stopped, "stopped, nothing was changed")
	}
	return fault.Wrap(fault.Usage, err, "%s", what)
}

// Token is the bearer token for the profile's API: WHCTL_TOKEN, the one of a sandbox, or the one that login stored for this origin.
// from says which. Where a checkout chooses the sandbox as the profile, WHCTL_TOKEN is not sent there.
func (e *Env) Token(ctx context.Context) (token string, from client.TokenFrom, err error) {
	s, err := e.Settings()
	if err != nil {
		return "", "", err
	}
	if token, from = e.givenToken(s); token != "" {
		return token, from, nil
	}
	origin, err := secret.Origin(s.APIURL)
	if err != nil {
		return "", "", err
	}
	store, err := e.Store()
	if err != nil {
		return "", "", err
	}
	if token, err = store.Token(ctx, origin); err != nil {
		return "", "", err
	}
	if token == "" {
		return "", "", fault.Hint(fault.New(fault.Auth, "no token for %s", OriginWords(origin)),
			"run whctl login, set WHCTL_TOKEN, or try it offline with --profile sandbox")
	}
	return token, client.FromLogin, nil
}

// TokenFrom says where Token takes the token from, "" for nowhere. It does not ask the keyring.
func (e *Env) TokenFrom() (client.TokenFrom, error) {
	s, err := e.Settings()
	if err != nil {
		return "", err
	}
	if token, from := e.givenToken(s); token != "" {
		return from, nil
	}
	store, err := e.Store()
	if err != nil {
		return "", err
	}
	if has, err := store.HasToken(s.APIURL); err != nil || !has {
		return "", err
	}
	return client.FromLogin, nil
}

// givenToken is the token that no store has.
func (e *Env) givenToken(s *config.Settings) (token string, from client.TokenFrom) {
	builtin := s.BuiltinToken()
	if token := e.Getenv("WHCTL_TOKEN"); token != "" && (builtin == "" || !s.FromProject("profile")) {
		return token, client.FromVariable
	}
	if builtin == "" {
		return "", ""
	}
	if running, base := e.sandboxToken(s); running != "" {
		e.sandboxBase = base
		return running, client.FromSandbox
	}
	return builtin, client.FromBuiltIn
}

// Client is the management API's client for the profile, with the token of its origin.
func (e *Env) Client(ctx context.Context) (*client.Client, error) {
	token, from, err := e.Token(ctx)
	if err != nil {
		return nil, err
	}
	return e.ClientWith(token, from)
}

// WithClient calls f with the client for the profile, and closes it afterwards.
func (e *Env) WithClient(ctx context.Context, f func(*client.Client) error) error {
	c, err := e.Client(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	return f(c)
}

// ClientWith is Client with a token, which comes from there.
func (e *Env) ClientWith(token string, from client.TokenFrom) (*client.Client, error) {
	s, err := e.Settings()
	if err != nil {
		return nil, err
	}
	e.Hide(token)
	header := make(http.Header, len(s.Headers))
	for k, v := range s.Headers {
		header.Set(k, v)
	}
	base := s.APIURL
	if e.sandboxBase != "" {
		base = e.sandboxBase
	}
	c, err := client.New(client.Options{
		BaseURL: base, Token: token, From: from, Version: e.Version, Header: header, Trace: e.Trace(s.Debug), Now: e.Now, Waiting: e.sayWait,
	})
	e.platform = c
	return c, err
}

// PlatformNow is the time by the platform's clock, as its last answer told: a sandbox's clock can be moved. Times of the platform are
// shown relative to it.
func (e *Env) PlatformNow() time.Time {
	if e.platform == nil {
		return e.Now()
	}
	return e.Now().Add(e.platform.Ahead())
}

// Trace prints what --debug shows; nil without --debug.
func (e *Env) Trace(on bool) func(client.TraceLine) {
	if !on {
		return nil
	}
	return func(l client.TraceLine) {
		_, _ = fmt.Fprintf(e.IO.Err, "%s\n", term.Fold(e.IO.ErrStyle().Dim("debug: "+term.Clean(e.Screen(l.Text))), e.IO.ErrWidth()))
	}
}

// TraceLines prints what --debug shows of deliveries; nil without --debug.
func (e *Env) TraceLines() func(string) {
	trace := e.Trace(e.Globals.Debug || e.settings != nil && e.settings.Debug)
	if trace == nil {
		return nil
	}
	return func(line string) { trace(client.TraceLine{Text: line}) }
}
