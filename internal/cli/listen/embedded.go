package listen

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
	"github.com/whctl/whctl/internal/listen"
	"github.com/whctl/whctl/internal/sandbox"
	"github.com/whctl/whctl/internal/sign"
)

const (
	sandboxProfile = "sandbox"
	freeAddr       = "127.0.0.1:0"
)

// embedded is a sandbox in the listener's own process. The listener is its user: it registers itself over the API.
type embedded struct {
	url    string
	client *client.Client
	cancel context.CancelFunc
	done   chan error
	warn   func(format string, args ...any)
}

// sandboxKeys are the rules and settings of a run whose key the sandbox hands out. What the scheme asks for and was not
// given is made up: sandbox and listener only have to agree.
func (o *options) sandboxKeys() (*cmdkit.KeySet, error) {
	rules, err := cmdkit.Rules(o.env)
	if err != nil {
		return nil, err
	}
	params, err := cmdkit.ParsePairs("--param", o.flags.Params)
	if err != nil {
		return nil, err
	}
	for _, name := range rules.Needs().Params {
		if params[name] == "" {
			params[name] = "whctl-sandbox"
		}
	}
	return &cmdkit.KeySet{Rules: rules, Params: params}, o.checkTrigger(rules.Scheme().Name)
}

// checkTrigger refuses what the sandbox could not raise before anything is opened.
func (o *options) checkTrigger(scheme string) error {
	types := event.SampleTypes(scheme)
	switch {
	case o.trigger == "" || o.trigger == api.TypeAll && len(types) > 0:
		return nil
	case o.trigger == api.TypeAll:
		return fault.Hint(fault.New(fault.Usage, "--trigger all: scheme %s has no sample events", scheme),
			"name an event type, such as --trigger test.event: its body is made up")
	case event.CheckType(scheme, o.trigger) == nil:
		return nil
	default:
		return fault.Hint(fault.New(fault.Usage, "--trigger %s: scheme %s has no sample of this event type", o.trigger, scheme),
			"there are %s, and all", fault.List(types))
	}
}

// startSandbox starts the platform, registers this listener there and takes the key it hands out, which stays in memory.
func (s *session) startSandbox(ctx context.Context, listener net.Addr) error {
	platform, err := sandbox.New(sandbox.Options{Now: s.env.Now, Rules: s.keys.Rules, Params: s.keys.Params, Rand: s.env.Rand, Version: s.env.Version})
	if err != nil {
		return err
	}
	ln, err := listen.Open(ctx, strings.TrimPrefix(api.SandboxURL, "http://"))
	if err != nil {
		if ln, err = listen.Open(ctx, freeAddr); err != nil {
			return err
		}
	}
	// The platform outlives ctx: what is under way when the listener is interrupted is delivered and recorded.
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	e := &embedded{url: "http://" + ln.Addr().String(), cancel: cancel, done: make(chan error, 1), warn: s.env.Warn}
	go func() { e.done <- errors.Join(platform.Serve(own, ln), platform.Close()) }()
	s.sandbox = e
	if err := e.register(ctx, s, platform.Token(), listener); err != nil {
		e.stop()
		return err
	}
	return nil
}

func (e *embedded) register(ctx context.Context, s *session, token string, listener net.Addr) error {
	var err error
	e.client, err = client.New(client.Options{
		BaseURL: e.url, Token: token, Version: s.env.Version, Now: s.env.Now, Trace: s.env.Trace(s.env.Globals.Debug),
		Proxy: func(*http.Request) (*url.URL, error) { return nil, nil },
	})
	if err != nil {
		return err
	}
	types := s.events
	if len(types) == 0 {
		types = []string{"*"}
	}
	hook, err := e.client.CreateWebhook(ctx, api.CreateWebhook{
		Name: "whctl listen", URL: "http://" + listener.String() + "/", EventTypes: types, IsActive: true,
	})
	if err != nil {
		return err
	}
	key, err := s.keys.Rules.Key(hook.APIKey)
	if err != nil {
		return fault.Wrap(fault.Usage, err, "the sandbox cannot sign for scheme %s", s.keys.Rules.Scheme().Name)
	}
	s.keys.Keys, s.keys.Labels = []sign.Key{key}, []string{"of the sandbox"}
	return nil
}

// open raises the events that were asked for. The listener's socket is open by now.
func (e *embedded) open(ctx context.Context, s *session) error {
	if s.trigger == "" {
		return nil
	}
	raised, err := e.client.Sandbox().Trigger(ctx, api.TriggerRequest{Type: s.trigger})
	if err != nil {
		return err
	}
	switch len(raised.Notes) {
	case 0:
	case 1:
		s.env.Say("note: %s", raised.Notes[0])
	default: // one after the other they bury the deliveries
		s.env.Say("note: parts of these samples are made up, where their provider documents none; whctl sandbox trigger TYPE says which")
	}
	return nil
}

func (e *embedded) stop() {
	e.cancel()
	if err := <-e.done; err != nil {
		e.warn("the sandbox did not end well: %s", err)
	}
	if e.client != nil {
		e.client.Close()
	}
}
