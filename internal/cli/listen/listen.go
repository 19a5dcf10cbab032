// Package listen holds whctl listen.
package listen

import (
	"context"
	"net"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
)

const (
	defaultAddr   = "127.0.0.1:4140"
	defaultMax    = 5 << 20
	usualTimeout  = 30 * time.Second // when the scheme's answer time is not known
	rejectInvalid = "reject"
	passInvalid   = "forward"
)

type options struct {
	env *cmdkit.Env

	flags     cmdkit.SignFlags
	forward   []string
	addr      string
	tolerance time.Duration
	hasWindow bool
	noVerify  bool
	onInvalid string
	events    []string
	timeout   time.Duration
	hasLimit  bool
	headers   []string
	insecure  bool
	maxBody   cmdkit.SizeValue
	body      string
	publicURL string
	sandbox   bool
	trigger   string

	sandboxToken string // file that has the token of the sandbox's API, or gets a new one

	readyFile    string
	exitAfter    int
	countRefused bool // for exitAfter
	duration     time.Duration

	foreign foreign
}

// foreign is what a project file said of a run, and not the user.
type foreign struct {
	targets, headers, addr bool
	trusted                bool // the user trusts it as it is
}

// New makes the command.
func New(e *cmdkit.Env) *cobra.Command { return newCommand(e, run) }

func newCommand(e *cmdkit.Env, run func(context.Context, *options) error) *cobra.Command {
	o := &options{env: e, maxBody: defaultMax}
	c := &cobra.Command{
		Use:   "listen",
		Short: "Receive deliveries: verify, record, print and forward them",
		Long: `Receive webhook deliveries on this machine. Each one is verified, recorded in the journal, printed, and forwarded byte
for byte; its sender gets your program's own answer. What is refused is answered 401 and explained here.

Without --forward deliveries are answered 200. With --sandbox a platform runs in the same process and really delivers:
no account, no network. It signs with the key of the secret flags, or with a new one that it shows. The first ^C
finishes what is under way, the second ends at once.`,
		Example: `  whctl listen --sandbox --trigger all
  whctl listen --forward localhost:3000 --secret-file key
  whctl listen --forward localhost:3000/hooks --scheme stripe --secret-env STRIPE_SECRET
  whctl listen --addr 127.0.0.1:0 -o json --exit-after 1 --ready-file ready`,
		Args: noTarget,
		RunE: func(c *cobra.Command, _ []string) error {
			o.hasWindow = c.Flags().Changed("tolerance")
			o.hasLimit = c.Flags().Changed("timeout")
			if o.sandbox {
				o.stayLocal()
			}
			if err := o.fromSettings(c.Flags()); err != nil {
				return err
			}
			if _, err := strconv.Atoi(o.addr); err == nil { // a bare port, as a target may be one
				o.addr = net.JoinHostPort("127.0.0.1", o.addr)
			}
			return run(c.Context(), o)
		},
	}
	o.bind(c)
	return c
}

// noTarget takes no arguments; who gives one means a target, as other listeners take it.
func noTarget(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fault.Hint(fault.New(fault.Usage, "whctl listen takes no arguments, but got %q", args[0]), "did you mean --forward %s?", fault.Word(args[0]))
}

func (o *options) bind(c *cobra.Command) {
	fs := c.Flags()
	fs.SortFlags = false
	fs.StringArrayVar(&o.forward, "forward", nil, "hand deliveries on to this `target`: [NAME=]URL, HOST:PORT or port (repeatable; the first one's answer goes back)")
	fs.StringVar(&o.addr, "addr", defaultAddr, "`address` to listen on: HOST:PORT or port; port 0 takes a free one")
	fs.DurationVar(&o.tolerance, "tolerance", 0, "how far a delivery's time may be off (default: the scheme's own)")
	fs.BoolVar(&o.noVerify, "no-verify", false, "do not look at signatures; everything is handed on, marked unverified")
	fs.StringVar(&o.onInvalid, "on-invalid", rejectInvalid, "`action` on a delivery whose signature does not hold: reject or forward")
	fs.StringArrayVar(&o.events, "events", nil, "show and forward only event types that match this `pattern`, such as 'card.*'; several are comma separated (repeatable)")
	fs.DurationVar(&o.timeout, "timeout", 0, "how long to wait for a target; 0 waits for ever (default: the scheme's answer time less a second)")
	fs.StringArrayVarP(&o.headers, "header", "H", nil, "`header` line to set on forwarded requests, as 'Name: value'; 'Name:' leaves one out, 'Name;' sends it empty (repeatable)")
	fs.BoolVar(&o.insecure, "insecure", false, "accept any TLS certificate of a target")
	fs.Var(&o.maxBody, "max-body", "largest body to take")
	fs.StringVar(&o.body, "body", "pretty", "`form` to show bodies in: pretty, raw or none")
	fs.StringVar(&o.publicURL, "public-url", "", "origin of this listener as the provider knows it, for schemes that sign the `URL`")
	fs.BoolVar(&o.sandbox, "sandbox", false, "run a platform in the same process, registered to deliver here")
	fs.StringVar(&o.trigger, "trigger", "", "with --sandbox: raise a sample event of this `type`, or all")
	fs.Var((*tokenFile)(&o.sandboxToken), "sandbox-token", "with --sandbox: its API's token is in this `file`, which is made if it is not there (default: a new one, found by --profile sandbox)")
	fs.StringVar(&o.readyFile, "ready-file", "", "write the address to this `file` once the socket is open")
	fs.IntVar(&o.exitAfter, "exit-after", 0, "end after just this many deliveries that were not refused")
	fs.BoolVar(&o.countRefused, "count-refused", false, "with --exit-after: count refused deliveries too")
	fs.DurationVar(&o.duration, "for", 0, "end after this long")
	o.flags.Bind(fs, o.env)
}

// stayLocal makes --sandbox deaf to the API URL and profile of flags, environment and files: it never touches a real account.
func (o *options) stayLocal() {
	o.env.Globals.Profile = sandboxProfile
	o.env.Globals.APIURL = api.SandboxURL
}

// flagSet is what fromSettings asks of the command line.
type flagSet interface{ Changed(name string) bool }

// fromSettings fills in from the config file's listen block what the command line leaves open.
func (o *options) fromSettings(given flagSet) error {
	s, err := o.env.Settings()
	if err != nil {
		return err
	}
	l := s.Listen
	use := func(flag string, there bool, set func()) {
		if there && !given.Changed(flag) {
			set()
		}
	}
	o.foreign.trusted = s.ProjectTrusted
	use("forward", len(l.Forward) > 0, func() { o.forward, o.foreign.targets = l.Forward, s.FromProject("listen.forward") })
	use("addr", l.Addr != "", func() { o.addr, o.foreign.addr = l.Addr, s.FromProject("listen.addr") })
	use("tolerance", l.Tolerance != nil, func() { o.tolerance, o.hasWindow = *l.Tolerance, true })
	use("timeout", l.Timeout != nil, func() { o.timeout, o.hasLimit = *l.Timeout, true })
	use("no-verify", l.NoVerify, func() { o.noVerify = true })
	use("on-invalid", l.OnInvalid != "", func() { o.onInvalid = l.OnInvalid })
	use("events", len(l.Events) > 0, func() { o.events = l.Events })
	use("header", len(l.Headers) > 0, func() { o.headers, o.foreign.headers = l.Headers, s.FromProject("listen.headers") })
	use("insecure", l.Insecure, func() { o.insecure = true })
	use("max-body", l.MaxBody > 0, func() { o.maxBody = cmdkit.SizeValue(l.MaxBody) })
	use("body", l.Body != "", func() { o.body = l.Body })
	use("public-url", l.PublicURL != "", func() { o.publicURL = l.PublicURL })
	return nil
}

func (o *options) check() error {
	switch {
	case o.onInvalid != rejectInvalid && o.onInvalid != passInvalid:
		return fault.Hint(fault.New(fault.Usage, "unknown --on-invalid %q", o.onInvalid), "there are reject and forward")
	case o.body != "pretty" && o.body != "raw" && o.body != "none":
		return fault.Hint(fault.New(fault.Usage, "unknown --body %q", o.body), "there are pretty, raw and none")
	case o.maxBody <= 0:
		return fault.New(fault.Usage, "--max-body must be more than nothing")
	case o.maxBody > cmdkit.MaxInput:
		return fault.New(fault.Usage, "--max-body can be at most %d MiB", cmdkit.MaxInput>>20)
	case o.timeout < 0:
		return fault.New(fault.Usage, "--timeout must not be negative")
	case o.duration < 0:
		return fault.New(fault.Usage, "--for must not be negative")
	case o.hasWindow && o.tolerance < 0:
		return fault.New(fault.Usage, "--tolerance must not be negative")
	case o.exitAfter < 0:
		return fault.New(fault.Usage, "--exit-after must not be negative")
	case o.countRefused && o.exitAfter == 0:
		return fault.Hint(fault.New(fault.Usage, "--count-refused needs --exit-after"), "add --exit-after 1")
	}
	if err := o.checkSandbox(); err != nil {
		return err
	}
	if o.publicURL != "" {
		if err := cmdkit.CheckURL("--public-url", o.publicURL); err != nil {
			return err
		}
	}
	var err error
	o.events, err = cmdkit.SplitPatterns("--events", o.events)
	return err
}

// waitFor is how long a target may take: just less than the sender waits, so that the sender still sees the 504.
func (o *options) waitFor(answerTime time.Duration) time.Duration {
	if o.hasLimit {
		return o.timeout
	}
	if answerTime == 0 {
		answerTime = usualTimeout
	}
	return max(answerTime-time.Second, answerTime/2)
}
