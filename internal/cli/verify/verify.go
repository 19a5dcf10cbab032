// Package verify holds whctl verify.
package verify

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/duration"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/sign/scheme"
)

type options struct {
	env *cmdkit.Env

	flags       cmdkit.SignFlags
	files       []string
	headers     []string
	headersFile string
	requests    []string
	curl        string
	delivery    string
	all         bool
	loaded      *record.Delivery // the one that delivery names
	url         string
	method      string
	tolerance   time.Duration
	hasWindow   bool
	at          cmdkit.TimeValue
	ignoreTime  bool
	noExplain   bool
	recipes     recipeFlags
	fetch       bool
}

// New makes the command.
func New(e *cmdkit.Env) *cobra.Command { return newCommand(e, run) }

func newCommand(e *cmdkit.Env, run func(context.Context, *options) error) *cobra.Command {
	o := &options{env: e}
	c := &cobra.Command{
		Use:   "verify [FILE|-]…",
		Short: "Say whether a request's signature holds, and why not",
		Long: `Verify a request as its receiver would: the bytes of the body, the headers, one or more keys. Print one line and, when
the signature does not hold, what is probably wrong. The exit code is 0 when it holds and 3 when it does not.

One FILE is the body, unless no header is given and it begins like a request. Several are whole requests, as with --request:
a raw HTTP request, a HAR, the event of a function (API Gateway, Lambda, a load balancer, Netlify, Vercel), or what a browser's
developer tools copy. Each gets a line of its own, and the worst exit code counts.`,
		Example: `  whctl verify body.json -H 'X-Timestamp: 1750000000' -H 'X-Signature: 14b786…' --secret-file key --at 1750000000
  whctl verify --request saved.http --scheme github --secret-env WEBHOOK_SECRET
  whctl verify body.json --headers-file headers.txt --secret-file key --ignore-time
  whctl verify --curl command.txt --scheme github --secret-file key
  whctl verify monday.http tuesday.http event.json --scheme github --secret-file key`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			o.files = args
			o.hasWindow = c.Flags().Changed("tolerance")
			return run(c.Context(), o)
		},
	}
	fs := c.Flags()
	fs.SortFlags = false
	fs.StringArrayVarP(&o.headers, "header", "H", nil, "`header` line of the request, 'Name: value' (repeatable)")
	fs.StringVar(&o.headersFile, "headers-file", "", "`file` of header lines, or of a JSON object of them; - is standard input")
	fs.StringArrayVar(&o.requests, "request", nil, "`file` with a whole request: raw HTTP, a HAR, a function's event; - is standard input (repeatable)")
	fs.StringVar(&o.curl, "curl", "", "`file` with a curl command, which is read and not run; - is standard input")
	fs.StringVar(&o.delivery, "delivery", "", "`ref` of a recorded delivery: id, prefix, last or last~2; verified at the time it came")
	fs.BoolVar(&o.all, "all", false, "with --delivery: look in every profile")
	fs.StringVar(&o.url, "url", "", "`URL` as the provider knows it, for schemes that sign it")
	fs.StringVar(&o.method, "method", "", "`method` of the request, for schemes that sign it (default POST)")
	fs.Var(duration.Flag(&o.tolerance, 0), "tolerance", "how far the message's time may be off (default: the scheme's)")
	fs.Var(&o.at, "at", "verify as if it were this `time`")
	fs.BoolVar(&o.ignoreTime, "ignore-time", false, "do not check the message's age")
	fs.BoolVar(&o.noExplain, "no-explain", false, "do not search for the cause of a mismatch")
	o.recipes.bind(c)
	cmdkit.BindFetch(fs, &o.fetch)
	o.flags.Bind(fs, e)
	return c
}

func run(ctx context.Context, o *options) error {
	if o.hasWindow && o.tolerance < 0 {
		return fault.New(fault.Usage, "--tolerance must not be negative")
	}
	if err := o.check(); err != nil {
		return err
	}
	if err := o.loadDelivery(ctx); err != nil {
		return err
	}
	keys, err := o.flags.Verifying(ctx, o.env, o.stdinTaken())
	if err != nil {
		return err
	}
	how := judge.Options{Patience: judge.Long(), IgnoreTime: o.ignoreTime, AsOf: o.at.Text != "", Rivals: cmdkit.Rivals(o.env)}
	if o.hasWindow {
		how.Tolerance = &o.tolerance
	}
	if how.Certificate, err = keys.Certificates(o.fetch); err != nil {
		return err
	}
	j := keys.Judge(how)
	if j.Empty() && j.Rules().Scheme().Algorithm != scheme.None {
		return keys.NoKey("verify with")
	}
	ins, list, err := o.inputs(j)
	if err != nil {
		return err
	}
	if list {
		return o.several(ctx, j, ins)
	}
	c := o.verify(ctx, j, ins[0])
	if c.err != nil {
		return c.err
	}
	if err := cmdkit.Shown(o.print(c)); err != nil {
		return err
	}
	return o.outcome(&c, len(c.found.Findings) > 0)
}

// from is where the body comes from: a recorded delivery has the bytes that came off the connection.
func (o *options) from() explain.Source {
	if o.loaded != nil {
		return explain.OffSocket()
	}
	return explain.Saved(o.recipes.choice(o.env, nil))
}

// then is what the time of a request is seen from; "": now.
func (o *options) then() string {
	switch {
	case o.at.Text != "":
		return "the time of --at"
	case o.loaded != nil:
		return whenItCame
	default:
		return ""
	}
}

// outcome is the command's error: nil when the signature holds, else a fault with what to do. explained says that findings tell it.
func (o *options) outcome(c *checked, explained bool) error {
	m, jm := c.message, c.jm
	if jm.Verdict.OK {
		return nil
	}
	if jm.Rules == nil && !explained {
		return fault.Hint(fault.New(fault.Unverified, "no scheme of the catalogue fits the request's headers"),
			"check that no header is missing; without --scheme auto the search looks for what the headers hold, and --scheme NAME names the scheme")
	}
	err := fault.Exit(fault.Unverified)
	if c.form == "" && len(m.Header) == 0 && jm.Verdict.Reason == sign.MissingSignature {
		return fault.Hint(err, "no header was given: add -H 'Name: value', --headers-file FILE, or a saved request with --request FILE")
	}
	if l := c.look; l != nil && l.Signed && !cmdkit.SchemeNamed(o.env) {
		err = fault.Hint(err, "the request looks like %s: add --scheme %s", fault.Word(l.Scheme), fault.Word(l.Scheme))
	}
	return err
}

// check refuses flags that exclude each other.
func (o *options) check() error {
	stdin := 0
	for _, f := range o.sources() {
		if f == cmdkit.Stdin {
			stdin++
		}
	}
	switch {
	case stdin > 1:
		return fault.New(fault.Usage, "standard input can be read only once")
	case o.delivery != "" && (len(o.requests) > 0 || len(o.files) > 0 || o.headersFile != "" || o.curl != ""):
		return fault.New(fault.Usage, "--delivery holds headers and body already; leave out other sources")
	case len(o.requests) > 0 && len(o.files) > 0:
		return fault.Hint(fault.New(fault.Usage, "--request holds the body already"), "leave out %s", fault.Word(o.files[0]))
	case o.curl != "" && (len(o.requests) > 0 || len(o.files) > 1):
		return fault.Hint(fault.New(fault.Usage, "--curl is one request"), "verify the others with another call")
	case o.all && o.delivery == "":
		return fault.Hint(fault.New(fault.Usage, "--all says where to look for a delivery, and --delivery is not given"), "add --delivery REF")
	case o.ignoreTime && o.hasWindow:
		return fault.New(fault.Usage, "--ignore-time and --tolerance exclude each other")
	}
	if o.url != "" {
		if err := cmdkit.CheckURL("--url", o.url); err != nil {
			return err
		}
	}
	if o.method != "" {
		if err := cmdkit.CheckMethod(o.method); err != nil {
			return err
		}
	}
	return o.recipes.check()
}

// sources are the files that a request is read from.
func (o *options) sources() []string {
	return slices.Concat(o.files, o.requests, []string{o.headersFile, o.curl})
}

func (o *options) stdinTaken() bool {
	nothing := len(o.files) == 0 && len(o.requests) == 0 && o.delivery == "" && o.curl == ""
	return nothing || slices.Contains(o.sources(), cmdkit.Stdin)
}

// loadDelivery reads the recorded delivery that --delivery names. Without --scheme its scheme counts.
func (o *options) loadDelivery(ctx context.Context) error {
	if o.delivery == "" {
		return nil
	}
	l, err := load(ctx, o.env, o.delivery, o.all)
	if err != nil {
		return err
	}
	o.loaded, o.flags.Usual = &l.delivery, usual(o.env, l.delivery)
	return nil
}
