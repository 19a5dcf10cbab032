// Package sandbox holds whctl sandbox and its verbs.
package sandbox

import (
	"cmp"
	"context"
	"errors"
	"net"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/duration"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/sandbox"
	"github.com/whctl/whctl/internal/serve"
)

// usualAddr is the address of the profile sandbox.
const usualAddr = "127.0.0.1:4141"

type serveOptions struct {
	env *cmdkit.Env

	addr      string
	data      string
	scheme    string
	samples   string
	fixtures  bool
	chaos     string
	seed      uint64
	hasSeed   bool
	remote    bool
	readyFile string
	duration  time.Duration

	verifyToken string
}

// New makes the command, which serves, with its verbs, which talk to one that serves.
func New(e *cmdkit.Env) *cobra.Command {
	c := newServe(e, runServe)
	reset := newPlain(e, "reset", "Empty the running sandbox and reset its clock", "  whctl sandbox reset", runReset)
	cmdkit.NeverAsks(reset.Flags())
	c.AddCommand(newTrigger(e, runTrigger, runTypes), newPlay(e, runPlay, runScenarios), newAdvance(e, runAdvance),
		newPlain(e, "status", "Show the running sandbox: webhooks, events, queue, clock", "  whctl sandbox status", runStatus), reset)
	for _, verb := range c.Commands() {
		addressed(e, verb)
	}
	return c
}

// newPlain makes a verb that takes neither flags nor arguments.
func newPlain(e *cmdkit.Env, name, short, example string, run func(context.Context, *cmdkit.Env) error) *cobra.Command {
	return &cobra.Command{
		Use:     name,
		Short:   short,
		Example: example,
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return run(c.Context(), e) },
	}
}

func newServe(e *cmdkit.Env, run func(context.Context, *serveOptions) error) *cobra.Command {
	o := &serveOptions{env: e}
	c := &cobra.Command{
		Use:   "sandbox",
		Short: "Run the platform offline: its API, and deliveries that really go out",
		Long: `Run the platform on this machine: the whole management API, signed deliveries that really go out, retries on the
platform's schedule and a log of every attempt. It starts empty. It delivers to loopback addresses only, and over http
too, which the real platform refuses. Its API takes the token whctl-sandbox-token, which is no secret. The first ^C lets
deliveries under way finish. A second one ends the sandbox at once.`,
		Example: `  whctl sandbox
  whctl --profile sandbox webhooks create --name dev --url http://localhost:4140/ --events '*' --active
  whctl sandbox trigger card.activated --set event_object.status=frozen`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if c.Flags().Changed("for") && o.duration == 0 {
				return fault.Hint(fault.New(fault.Usage, "--for must be above 0"), "leave it out to serve until ^C")
			}
			o.hasSeed = c.Flags().Changed("seed")
			return run(c.Context(), o)
		},
	}
	fs := c.Flags()
	fs.SortFlags = false
	fs.StringVar(&o.addr, "addr", usualAddr, "loopback `address` to serve on: HOST:PORT or port; port 0 takes a free one")
	fs.StringVar(&o.data, "data", "", "keep the state in this `file` (default: in memory)")
	fs.StringVar(&o.scheme, "scheme", "", "signature `scheme` of the deliveries (default baanx)")
	fs.StringVar(&o.verifyToken, "verify-token", "", "`text` that the handshakes of the scheme's provider carry, where they do (default "+sandbox.VerifyToken+")")
	cmdkit.SamplesFlag(fs, &o.samples)
	fs.BoolVar(&o.fixtures, "fixtures", false, "start with samples of every status")
	fs.StringVar(&o.chaos, "chaos", "", "faults to inject, as a `list`: duplicate=0.1,reorder=0.2,delay=2s,drop=0.05,status=500:0.1; in the API: api=503:0.1,api=unavailable,api-delay=2s")
	fs.Uint64Var(&o.seed, "seed", 0, "seed of the chaos: same seed and events, same deliveries in the same order")
	fs.BoolVar(&o.remote, "deliver-remote", false, "deliver to other hosts too")
	fs.StringVar(&o.readyFile, "ready-file", "", "write the address to this `file` once the socket is open")
	fs.Var(duration.Flag(&o.duration, 0), "for", "end after this long")
	return c
}

func runServe(ctx context.Context, o *serveOptions) error {
	addr, err := netname.ListenAddr(o.addr)
	if err != nil || !netname.LoopbackAddr(addr) {
		return fault.Hint(fault.New(fault.Usage, "the sandbox serves on loopback addresses only, not on %s", o.addr), "leave out --addr, or use 127.0.0.1:PORT")
	}
	if o.duration < 0 {
		return fault.New(fault.Usage, "--for must not be negative")
	}
	// The API URL and profile of flags, environment and files do not matter here.
	o.env.Globals.Profile, o.env.Globals.APIURL, o.env.Globals.Scheme = "sandbox", api.SandboxURL, o.scheme
	out, err := render.NewOutput(o.env.Format())
	if err == nil {
		err = out.CheckStream()
	}
	if err != nil {
		return err
	}
	so, err := o.sandboxOptions()
	if err != nil {
		return err
	}
	events := &hub.Hub{}
	so.Emit = events.Emit
	platform, err := sandbox.New(so)
	if err != nil {
		return err
	}
	ln, err := serve.OpenLocal(ctx, addr)
	if err != nil {
		return fault.Hint(err, "use --addr 127.0.0.1:0 to take a free port, or stop the sandbox that runs there")
	}
	defer func() { _ = ln.Close() }()
	mark := o.env.MarkRunning(ctx, cmdkit.Running{
		Command: "sandbox", Profile: config.ProfileSandbox, URL: "http://" + ln.Addr().String(), Scheme: so.Rules.Scheme().Name, Targets: []string{},
	})
	defer mark.Release()
	if o.readyFile != "" { // the socket is open, so a client that connects now is served
		if err := cmdkit.WriteReady(o.readyFile, ln.Addr().String()); err != nil {
			return err
		}
	}
	done := make(chan error, 1)
	go func() { done <- o.serve(ctx, out, events, platform, ln) }()
	select {
	case err := <-done:
		return err
	case <-o.env.Force: // a delivery or the output may hang; the data file is whole
		return context.Canceled
	}
}

// serve runs until an interrupt or the end of its time, then finishes what is under way.
func (o *serveOptions) serve(ctx context.Context, out render.Output, events *hub.Hub, platform *sandbox.Sandbox, ln net.Listener) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if o.duration > 0 {
		defer time.AfterFunc(o.duration, stop).Stop()
	}
	onTerminal := o.env.IO.OutTTY()
	defer context.AfterFunc(ctx, func() { o.sayDraining(out, events, platform.UnderWay()) })()
	printed := events.Attach(render.Reader(&printer{o: o, out: out}, stop), feedSize)
	events.Emit(o.env.Now(), record.Ready{Addr: ln.Addr().String(), URL: "http://" + ln.Addr().String()})
	err := platform.Serve(ctx, ln)
	err = cmp.Or(err, platform.Close())
	<-events.Close()
	if printErr := <-printed.Ended(); err == nil && (!onTerminal || !errors.Is(printErr, syscall.EIO)) { // else its window was closed
		err = cmdkit.WriteFailed(printErr)
	}
	return err
}

// sayDraining says why the first ^C does not end the command at once. As text it goes to standard error: the output may be blocked.
func (o *serveOptions) sayDraining(out render.Output, events *hub.Hub, underWay int) {
	switch {
	case underWay == 0:
	case out.Machine():
		events.Emit(o.env.Now(), record.Changed{State: record.Draining, Count: underWay})
	case underWay == 1:
		o.env.Say("draining: waiting for 1 delivery under way; ^C again ends it at once")
	default:
		o.env.Say("draining: waiting for %s under way; ^C again ends it at once", fault.Plural(underWay, "delivery"))
	}
}

func (o *serveOptions) sandboxOptions() (sandbox.Options, error) {
	so := sandbox.Options{
		Now: o.env.Now, Rand: o.env.Rand, Version: o.env.Version, DataFile: o.data, Fixtures: o.fixtures, DeliverRemote: o.remote, Asks: true, VerifyToken: o.verifyToken,
	}
	if o.hasSeed {
		so.Seed = &o.seed
	}
	var err error
	if so.Own, err = o.env.OwnSamples(o.samples); err != nil {
		return so, err
	}
	if so.Chaos, err = sandbox.ParseChaos(o.chaos); err != nil {
		return so, err
	}
	so.Rules, err = cmdkit.Rules(o.env)
	return so, err
}
