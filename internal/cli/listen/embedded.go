package listen

// --sandbox: a platform in the process of the listener.

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/sandbox"
	"github.com/whctl/whctl/internal/serve"
)

// embedded is a sandbox in the listener's process. The listener registers there over the API.
type embedded struct {
	url     string
	key     string // that the sandbox made; "": the user gave one
	client  *client.Client
	cancel  context.CancelFunc
	release func() // removes the token from the data folder; nil: it is not there yet
	done    chan error
	warn    func(format string, args ...any)
}

// tokenFile is the value of --sandbox-token. It must not be empty: that would count as not given.
type tokenFile string

func (v *tokenFile) String() string { return string(*v) }
func (v *tokenFile) Type() string   { return "FILE" }

// Set takes a file name.
func (v *tokenFile) Set(name string) error {
	if name == "" {
		return fault.Hint(fault.New(fault.Usage, "it is empty"), "leave it out, or name a file")
	}
	*v = tokenFile(name)
	return nil
}

// checkSandbox refuses flags that do not go with --sandbox, and those that need it.
func (o *options) checkSandbox() error {
	switch {
	case o.trigger != "" && !o.sandbox:
		return fault.Hint(fault.New(fault.Usage, "--trigger needs --sandbox"), "add --sandbox, or use %s", fault.Command("whctl sandbox trigger", o.trigger))
	case o.samples != "" && !o.sandbox:
		return fault.Hint(fault.New(fault.Usage, "--samples needs --sandbox"), "add --sandbox, or leave out --samples")
	case (o.chaos != "" || o.hasSeed) && !o.sandbox:
		return fault.Hint(fault.New(fault.Usage, "--chaos and --seed need --sandbox"), "add --sandbox")
	case o.sandboxToken != "" && !o.sandbox:
		return fault.Hint(fault.New(fault.Usage, "--sandbox-token needs --sandbox"), "add --sandbox, or leave out --sandbox-token")
	case !o.sandbox:
		return nil
	case o.set.NoVerify:
		return fault.Hint(fault.New(fault.Usage, "--sandbox has a key to verify with"), "leave out --no-verify")
	case o.sandboxToken == cmdkit.Stdin && o.flags.ReadsStdin():
		return fault.Hint(fault.New(fault.Usage, "standard input can be read once: for the key or for the token"), "use --sandbox-token FILE, or --secret-file FILE")
	case !netname.LoopbackAddr(o.set.Addr):
		return fault.Hint(fault.New(fault.Usage, "--sandbox delivers to loopback addresses only"), "leave out --addr %s", fault.Word(o.set.Addr))
	default:
		return nil
	}
}

// sandboxKeys sets the keys and params of a run with a sandbox. Without secret flags the sandbox makes the key later. Missing
// params get a value that sandbox and listener share.
func (s *session) sandboxKeys(ctx context.Context) (err error) {
	if s.keys, s.signing, err = s.flags.ForSandbox(ctx, s.env, false); err != nil {
		return err
	}
	for _, name := range s.keys.Rules.Needs().Params {
		if s.keys.Params[name] == "" {
			s.keys.Params[name] = "whctl-sandbox"
		}
	}
	if s.own, err = s.env.OwnSamples(s.samples); err != nil {
		return err
	}
	if err := s.checkTrigger(s.keys.Rules.Scheme().Name); err != nil {
		return err
	}
	if s.sandboxToken != "" {
		s.token, err = s.env.SandboxTokenFile(s.sandboxToken)
	} else {
		s.token, err = s.env.NewSandboxToken()
	}
	return err
}

// checkTrigger refuses an event that the sandbox cannot raise, before anything is opened.
func (o *options) checkTrigger(scheme string) error {
	switch {
	case o.trigger == "":
		return nil
	case o.trigger == api.TypeAll && len(event.SampleTypes(scheme)) == 0 && len(o.own) == 0:
		return fault.Hint(fault.New(fault.Usage, "--trigger all: scheme %s has no sample events", scheme),
			"name an event type, such as --trigger test.event: its body is made up")
	case o.trigger == api.TypeAll, o.own.Has(o.trigger):
		return nil
	default:
		return fault.Wrap(fault.Usage, cmdkit.CheckType(scheme, o.trigger), "--trigger")
	}
}

// startSandbox starts the platform and registers this listener there. The key stays in memory.
func (s *session) startSandbox(ctx context.Context, listener net.Addr) error {
	chaos, err := sandbox.ParseChaos(s.chaos)
	if err != nil {
		return err
	}
	so := sandbox.Options{
		Now: s.env.Now, Rules: s.keys.Rules, Params: s.keys.Params, Rand: s.env.Rand, Version: s.env.Version, Token: s.token, Chaos: chaos, Own: s.own,
	}
	if s.hasSeed {
		so.Seed = &s.seed
	}
	platform, err := sandbox.New(so)
	if err != nil {
		return err
	}
	ln, err := serve.Open(ctx, strings.TrimPrefix(api.SandboxURL, "http://"))
	if err != nil {
		ln, err = serve.Open(ctx, "127.0.0.1:0")
	}
	if err != nil {
		return err
	}
	// The platform outlives ctx: what is under way at an interrupt is still delivered and recorded.
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	e := &embedded{url: "http://" + ln.Addr().String(), cancel: cancel, done: make(chan error, 1), warn: s.env.Warn}
	go func() { e.done <- errors.Join(platform.Serve(running, ln), platform.Close()) }()
	s.sandbox = e
	err = e.register(ctx, s, platform, listener)
	if err == nil {
		_, port, _ := net.SplitHostPort(ln.Addr().String())
		e.release, err = s.env.KeepSandboxToken(ctx, port, s.token)
	}
	if err != nil {
		e.stop()
		return err
	}
	return nil
}

// register makes the webhook that delivers to the listener. A key of the user does not go over the wire: the platform is in this
// process.
func (e *embedded) register(ctx context.Context, s *session, platform *sandbox.Sandbox, listener net.Addr) error {
	var err error
	e.client, err = client.New(client.Options{
		BaseURL: e.url, Token: platform.Token(), Version: s.env.Version, Now: s.env.Now, Trace: s.env.Trace(s.env.Globals.Debug),
		Proxy: func(*http.Request) (*url.URL, error) { return nil, nil },
	})
	if err != nil {
		return err
	}
	types := s.set.Events
	if len(types) == 0 {
		types = []string{"*"}
	}
	var webhook api.Webhook
	err = platform.Calm(func() (err error) {
		webhook, err = e.client.CreateWebhook(ctx, api.CreateWebhook{
			Name: "whctl listen", URL: "http://" + listener.String() + "/", EventTypes: types, IsActive: true,
		})
		return err
	})
	if err != nil {
		return err
	}
	if s.signing.Text != "" {
		return platform.UseKey(webhook.ID, s.signing.Text)
	}
	e.key = webhook.APIKey
	key, err := s.keys.Rules.Key(webhook.APIKey)
	if err != nil {
		return fault.Wrap(fault.Usage, err, "the sandbox cannot sign for scheme %s", s.keys.Rules.Scheme().Name)
	}
	s.keys.Only(key, "of the sandbox")
	return nil
}

// open raises the events of --trigger. The listener's socket is open.
func (e *embedded) open(ctx context.Context, s *session) error {
	if s.trigger == "" {
		return nil
	}
	raised, err := e.client.Sandbox().Trigger(ctx, api.TriggerRequest{Type: s.trigger})
	if err != nil {
		return err
	}
	s.tellUncounted(raised.Events)
	switch len(raised.Notes) {
	case 0:
	case 1:
		s.env.SayOnce("note: " + raised.Notes[0])
	default: // all of them would bury the deliveries
		s.env.SayOnce("note: parts of these samples are made up, where their provider documents none; whctl sandbox trigger TYPE says which")
	}
	return nil
}

func (e *embedded) stop() {
	if e.release != nil {
		e.release()
	}
	e.cancel()
	if err := <-e.done; err != nil {
		e.warn("the sandbox did not end well: %s", err)
	}
	if e.client != nil {
		e.client.Close()
	}
}
