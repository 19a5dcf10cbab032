// Package listen holds whctl listen.
package listen

import (
	"cmp"
	"context"
	"math"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/duration"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/listen"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/scrub"
	"github.com/whctl/whctl/internal/target"
)

const (
	usualTimeout = 30 * time.Second // when the scheme's answer time is not known
	usualRetries = 72 * time.Hour   // for which a job is tried
)

type options struct {
	env *cmdkit.Env

	flags       cmdkit.SignFlags
	set         config.ListenSettings
	sandbox     bool
	trigger     string
	samples     string
	own         event.Own
	chaos       string
	fetch       bool // certificates
	seed        uint64
	hasSeed     bool
	given       func(flag string) bool // on the command line
	respondText string                 // --respond
	respond     listen.Respond

	sandboxToken string // file with the token of the sandbox's API; a new one is made when there is none

	readyFile    string
	verifyToken  string // that the handshakes of the provider carry
	keyPath      string // file for the key that a handshake brings
	exitAfter    int
	countRefused bool // refused deliveries count for exitAfter
	duration     time.Duration

	settled   *config.Settings // where each setting comes from
	foreign   foreign
	selection *render.Selection // of --filter; nil without

	retryOn     []int
	maxJobs     int
	maxJobBytes int64
	notifyWords []string      // of --notify
	access      target.Access // to NATS servers
	kafkaAccess target.Access
	sources     []target.Source // of --from

	replay, why cmdkit.AtKey // what keys do; nil: there are none
}

// foreign tells what of a run comes from a project file and not from the user.
type foreign struct {
	forward, targets, routes, headers, addr bool
	trusted                                 bool // the user trusts the file
}

// New makes the command. While it runs, keys have replay and why done for the last delivery.
func New(e *cmdkit.Env, replay, why cmdkit.AtKey) *cobra.Command {
	return newCommand(&options{env: e, replay: replay, why: why}, runListen)
}

func newCommand(o *options, run func(context.Context, *options) error) *cobra.Command {
	c := &cobra.Command{
		Use:   "listen",
		Short: "Receive deliveries: verify, record, print and forward them",
		Long: `Receive webhook deliveries on this machine. Each one is verified, recorded in the journal, printed, and forwarded byte
for byte; its sender gets your program's answer. A refused one is answered 401 and explained here.

Without --forward deliveries are answered 200. With --sandbox a platform runs in the same process and really delivers:
no account, no network. It signs with the key of the secret flags, or with a new one that it shows. The first ^C
finishes what is under way, the second ends at once.

On a terminal, keys work meanwhile: r sends the last delivery again to its targets, w explains the last one that failed
or was refused, c clears the screen, q ends as ^C does, ? lists them. --no-input turns them off.`,
		Example: `  whctl listen --sandbox --trigger all
  whctl listen --forward localhost:3000 --secret-file key
  whctl listen --forward localhost:3000/hooks --scheme stripe --secret-env STRIPE_SECRET
  whctl listen --forward localhost:3000 --route 'card.*=cards=localhost:3001' --secret-file key
  whctl listen --from 'nats://localhost:4222/webhooks.>' --forward localhost:3000 --secret-file key
  whctl listen --addr 127.0.0.1:0 -o json --exit-after 1 --ready-file ready`,
		Args: noTarget,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.settle(c); err != nil {
				return err
			}
			return run(c.Context(), o)
		},
	}
	c.Flags().SortFlags = false
	o.bind(c)
	return c
}

// bind adds the flags of a listener to a command.
func (o *options) bind(c *cobra.Command) {
	fs, e := c.Flags(), o.env
	e.BindSettings(fs, config.Listening)
	cmdkit.OneOf(c, "body", "pretty", "raw", "none")
	cmdkit.OneOf(c, "on-invalid", "reject", "forward")
	cmdkit.OneOf(c, "handshake", "answer", "forward", "off")
	cmdkit.OneOf(c, "ack", "forward", "now", "sink")
	cmdkit.OneOf(c, "dedupe", "window", "subject")
	cmdkit.OneOf(c, "scrub", scrub.Rules()...)
	fs.StringVar(&o.verifyToken, "verify-token", "", "answer a handshake that carries a verify token only when it is this `text`, which you chose at the provider")
	fs.StringVar(&o.keyPath, "key-file", "", "write the key that a handshake brings (Asana, Notion) to this new `file` (0600)")
	fs.BoolVar(&o.sandbox, "sandbox", false, "run a platform in the same process, registered to deliver here")
	cmdkit.SamplesFlag(fs, &o.samples)
	fs.StringVar(&o.trigger, "trigger", "", "with --sandbox: raise a sample event of this `type`, or all")
	fs.StringVar(&o.chaos, "chaos", "", "with --sandbox: faults to inject, as a `list`, see whctl sandbox --help")
	fs.Uint64Var(&o.seed, "seed", 0, "with --sandbox: seed of the chaos: same seed and events, same deliveries in the same order")
	fs.Var((*tokenFile)(&o.sandboxToken), "sandbox-token", "with --sandbox: `file` with the token of its API, made if missing (default: a new token, which --profile sandbox finds)")
	fs.StringVar(&o.respondText, "respond", "", "without a target: answer `STATUS[:BODY]` instead of 200, as a bad receiver does")
	fs.Var(duration.Flag(&o.respond.Delay, 0), "delay", "without a target: answer this much later")
	fs.StringVar(&o.readyFile, "ready-file", "", "write the address to this `file` once the socket is open")
	fs.IntVar(&o.exitAfter, "exit-after", 0, "end after exactly this many deliveries that were not refused")
	fs.BoolVar(&o.countRefused, "count-refused", false, "with --exit-after: count refused deliveries too")
	fs.Var(duration.Flag(&o.duration, 0), "for", "end after this long")
	cmdkit.BindFetch(fs, &o.fetch)
	o.flags.Bind(fs, e)
	group(fs)
}

// group puts the flags of a listener under headings.
func group(fs *pflag.FlagSet) {
	cmdkit.GroupFlags(fs, "where deliveries go", "forward", "route", "events", "filter", "ack", "timeout", "header", "insecure", "respond", "delay")
	cmdkit.GroupFlags(fs, "brokers", "from", "dedupe", "nats-creds", "nats-ca", "nats-cert", "kafka-creds", "kafka-sasl", "kafka-ca", "kafka-cert")
	cmdkit.GroupFlags(fs, "what is received", "addr", "public-url", "max-body", "body", "scrub", "handshake", "verify-token", "key-file")
	cmdkit.GroupFlags(fs, "keys and verifying", "scheme", "secret-file", "secret-env", "secret-command", "webhook", "secret", "param", "tolerance", "no-verify", "on-invalid", "fetch-certificate")
	cmdkit.GroupFlags(fs, "the queue", "retries", "retry-on", "lane-width", "max-queue")
	cmdkit.GroupFlags(fs, "sandbox", "sandbox", "trigger", "samples", "chaos", "seed", "sandbox-token")
	cmdkit.GroupFlags(fs, "scripts and services", "ready-file", "exit-after", "count-refused", "for", "admin", "max-down", "notify")
}

// noTarget takes no arguments. Other listeners take a target as one, so the hint names --forward.
func noTarget(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fault.Hint(fault.New(fault.Usage, "whctl listen takes no arguments, but got %q", args[0]), "did you mean --forward %s?", fault.Word(args[0]))
}

// settle takes over the flags and the settings of the listener.
func (o *options) settle(c *cobra.Command) error {
	// A script that works out a number and comes to 0 would listen for ever.
	if fs := c.Flags(); fs.Changed("exit-after") && o.exitAfter == 0 || fs.Changed("for") && o.duration == 0 {
		return fault.Hint(fault.New(fault.Usage, "--exit-after and --for must be above 0"), "leave them out to listen until ^C")
	}
	o.hasSeed = c.Flags().Changed("seed")
	o.given = c.Flags().Changed
	if o.sandbox {
		// Whatever flags, environment and files say: --sandbox never touches a real account.
		o.env.Globals.Profile, o.env.Globals.APIURL = config.ProfileSandbox, api.SandboxURL
	}
	s, err := o.env.Settings()
	if err != nil {
		return err
	}
	o.set, o.settled = s.ListenOrDefault(), s
	o.foreign = foreign{
		forward: s.FromProject("listen.forward"), targets: s.FromProject("listen.targets"), routes: s.FromProject("listen.routes"),
		headers: s.FromProject("listen.headers"), addr: s.FromProject("listen.addr"), trusted: s.ProjectTrusted,
	}
	return nil
}

func (o *options) check() error {
	switch {
	case o.set.MaxBody > cmdkit.MaxInput:
		return fault.New(fault.Usage, "--max-body can be at most %d MiB", cmdkit.MaxInput>>20)
	case o.duration < 0:
		return fault.New(fault.Usage, "--for must not be negative")
	case o.exitAfter < 0:
		return fault.New(fault.Usage, "--exit-after must not be negative")
	case o.countRefused && o.exitAfter == 0:
		return fault.Hint(fault.New(fault.Usage, "--count-refused needs --exit-after"), "add --exit-after 1")
	}
	if err := o.readSources(); err != nil {
		return err
	}
	if _, port, _ := net.SplitHostPort(o.set.Addr); o.set.Admin == o.set.Addr && port != "0" {
		return fault.Hint(fault.New(fault.Usage, "--admin and --addr are both %s", o.set.Addr), "use --admin 127.0.0.1:0 to take a free port")
	}
	if err := o.checkNotify(); err != nil {
		return err
	}
	if err := o.checkSandbox(); err != nil {
		return err
	}
	if o.set.PublicURL != "" {
		if err := cmdkit.CheckURL("--public-url", o.set.PublicURL); err != nil {
			return err
		}
	}
	var err error
	if o.set.Filter != "" {
		if o.selection, err = render.NewSelection("--filter", o.set.Filter); err != nil {
			return err
		}
	}
	if o.set.Events, err = cmdkit.SplitPatterns("--events", o.set.Events); err != nil {
		return err
	}
	if err := o.checkRespond(); err != nil {
		return err
	}
	return o.checkQueue()
}

// takeOut has the next step for a setting of a config file that goes against a flag: the file is not on the command line.
func takeOut(err error, key string) error {
	return fault.Hint(err, "take %s out of the config file, or name another one with --config", fault.Word(key))
}

// checkRespond reads --respond. It and --delay are of a listener that answers by itself.
func (o *options) checkRespond() error {
	if o.respond.Delay < 0 {
		return fault.New(fault.Usage, "--delay must not be negative")
	}
	if o.respondText == "" && o.respond.Delay == 0 {
		return nil
	}
	if len(o.set.Forward)+len(o.set.Routes) > 0 {
		err := fault.New(fault.Usage, "--respond and --delay are for a listener without targets: with one, the target answers")
		if key := o.settled.FromFile("listen.forward", "listen.routes"); key != "" {
			return takeOut(err, key)
		}
		return fault.Hint(err, "leave --forward and --route out")
	}
	status, body, _ := strings.Cut(o.respondText, ":")
	o.respond.Body = body
	if o.respondText == "" {
		return nil
	}
	n, err := strconv.Atoi(status)
	if err != nil || n < 200 || n > 599 {
		return fault.Hint(fault.New(fault.Usage, "--respond begins with a status from 200 to 599, not %q", status), "write it as --respond 503 or --respond '500:{\"error\":\"oops\"}'")
	}
	if body != "" && (n == 204 || n == 304) {
		return fault.New(fault.Usage, "--respond %d: an answer with this status has no body", n)
	}
	o.respond.Status = n
	return nil
}

// checkQueue reads the settings of the queue. It may hold half of what the journal may, whatever --max-queue says.
func (o *options) checkQueue() (err error) {
	if o.retryOn, err = config.ParseStatuses("--retry-on", o.set.RetryOn); err != nil {
		return err
	}
	if o.maxJobs, o.maxJobBytes, err = config.ParseRoom(o.set.MaxQueue); err != nil {
		return fault.Wrap(fault.Usage, err, "--max-queue")
	}
	o.maxJobs = cmp.Or(o.maxJobs, math.MaxInt)
	o.maxJobBytes = min(cmp.Or(o.maxJobBytes, math.MaxInt64), journal.DefaultMaxBytes/2)
	if o.set.Ack == "now" && len(o.set.Forward)+len(o.set.Routes) == 0 {
		return fault.Hint(fault.New(fault.Usage, "--ack now needs a target"), "add --forward localhost:3000")
	}
	return nil
}

// waitFor is how long a target may take: less than the sender waits, so that the sender sees the 504.
func (o *options) waitFor(answerTime time.Duration) time.Duration {
	if o.set.Timeout != nil {
		return *o.set.Timeout
	}
	answerTime = cmp.Or(answerTime, usualTimeout)
	return max(answerTime-time.Second, answerTime/2)
}
