// Package check holds whctl check: a receiver is proved right or wrong.
package check

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/check"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/duration"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/render"
)

// The formats of --format.
const (
	asText     = "text"
	asJSON     = "json"
	asJUnit    = "junit"
	asSARIF    = "sarif"
	asMarkdown = "markdown"
)

const (
	onFail = "fail"
	onWarn = "warn"
)

type options struct {
	env *cmdkit.Env

	flags    cmdkit.SignFlags
	to       string
	url      string
	headers  []string
	only     []string
	skip     []string
	types    []string
	format   string        // "" until it is settled: as -o has it
	out      render.Output // how text or JSON is printed
	list     bool
	failOn   string
	probe    string
	baseline string
	update   bool
	seed     uint64
	seeded   bool
	timeout  time.Duration
	insecure bool
	yes      bool

	verifyToken string
}

// New makes the command.
func New(e *cmdkit.Env) *cobra.Command { return newCommand(e, run) }

func newCommand(e *cmdkit.Env, run func(context.Context, *options) error) *cobra.Command {
	o := &options{env: e}
	c := &cobra.Command{
		Use:   "check URL",
		Short: "Prove a receiver right or wrong",
		Long: `Send a receiver what a provider, a network or an attacker could send, and judge its answers: right events of every type,
forged and replayed ones, bodies that only a check of the raw bytes accepts, broken input, the same event twice. Each failure says
why it matters, how to mend it, and how to send that request again. Ends with 0 when all cases hold, with 3 when one fails, and
with 6 when the receiver does not answer. --list prints the cases.

--probe names a command that prints a number or a text that the events change, such as a count of orders. whctl then checks that
a repeated event has no second effect, and a refused one none. It runs without a shell. Without it these cases are skipped.

--baseline names a file with cases that are known to fail; they no longer count. --baseline-update writes it.`,
		Example: `  whctl check localhost:3000/hooks --secret-file key
  whctl check localhost:3000/hooks --scheme stripe --secret-env STRIPE_SECRET --format junit > check.xml
  whctl check localhost:3000/hooks --secret-file key --probe 'psql -Atc "select count(*) from orders"'
  whctl check localhost:3000/hooks --secret-file key --only signature,time-old
  whctl check --list`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.to = args[0]
			}
			o.seeded = c.Flags().Changed("seed")
			return run(c.Context(), o)
		},
	}
	fs := c.Flags()
	fs.SortFlags = false
	fs.StringSliceVar(&o.only, "only", nil, "run only these `cases` or groups (repeatable, or with commas)")
	fs.StringSliceVar(&o.skip, "skip", nil, "leave these `cases` or groups out; nothing is sent for them (repeatable, or with commas)")
	fs.StringSliceVar(&o.types, "type", nil, "event `types` to send (default: all samples of the scheme)")
	fs.StringVar(&o.format, "format", "", "`form` of the report: text, json, junit, sarif or markdown (default text)")
	fs.BoolVar(&o.list, "list", false, "print the cases, and send nothing")
	fs.StringVar(&o.failOn, "fail-on", onFail, "`what` ends with 3: fail or warn")
	fs.StringVar(&o.probe, "probe", "", "`command` that prints what events have changed; no shell")
	fs.StringVar(&o.baseline, "baseline", "", "`file` with the cases that are known to fail")
	fs.BoolVar(&o.update, "baseline-update", false, "write the cases that fail into the file of --baseline")
	fs.Uint64Var(&o.seed, "seed", 0, "make the same ids in each run")
	fs.StringVar(&o.url, "url", "", "sign this `URL`, as the provider knows it, for schemes that sign it (default: URL)")
	fs.StringArrayVarP(&o.headers, "header", "H", nil, "`header` line to send too, as 'Name: value' or, from a file, @FILE (repeatable)")
	fs.Var(duration.Flag(&o.timeout, 0), "timeout", "how long to wait for an answer (default: as long as the provider does, at most 30s)")
	fs.StringVar(&o.verifyToken, "verify-token", "", "`text` that the receiver expects in the handshake of its provider, for the case handshake")
	fs.BoolVar(&o.insecure, "insecure", false, "accept any TLS certificate")
	cmdkit.YesFlag(fs, &o.yes, "send to another machine without asking")
	for _, flag := range []string{"only", "skip"} {
		_ = c.RegisterFlagCompletionFunc(flag, cmdkit.List(caseWords(e))) // fails only when done twice
	}
	cmdkit.OneOf(c, "format", asText, asJSON, asJUnit, asSARIF, asMarkdown)
	cmdkit.OneOf(c, "fail-on", onFail, onWarn)
	o.flags.Bind(fs, e)
	cmdkit.GroupFlags(fs, "what is tried", "only", "skip", "type", "list", "probe", "seed", "verify-token")
	cmdkit.GroupFlags(fs, "the report", "format", "fail-on", "baseline", "baseline-update")
	cmdkit.GroupFlags(fs, "how it is sent", "url", "header", "timeout", "insecure", "yes")
	o.flags.Group(fs, "keys and signing")
	return c
}

func run(ctx context.Context, o *options) error {
	if err := o.validate(); err != nil {
		return err
	}
	if err := o.settleForm(); err != nil {
		return err
	}
	if o.list {
		return o.listCases()
	}
	known, err := o.known()
	if err != nil {
		return err
	}
	keys, err := o.flags.SigningAll(ctx, o.env)
	if err != nil {
		return err
	}
	if err := o.settleTypes(keys.Rules.Scheme().Name); err != nil {
		return err
	}
	if err := o.named(); err != nil {
		return err
	}
	report, err := o.try(ctx, keys, known)
	if err != nil {
		return err
	}
	if o.update {
		if err := o.saveBaseline(report); err != nil {
			return err
		}
	}
	return o.outcome(ctx, report)
}

// listCases prints the cases of a run with the same flags. Under auto a case has the type that nobody has: no run is made with it.
func (o *options) listCases() error {
	s, err := o.env.Settings()
	switch {
	case err != nil:
		return err
	case s.Scheme == cmdkit.AutoScheme && o.types == nil:
		o.types = check.Types(nil)
	case s.Scheme != cmdkit.AutoScheme:
		rules, err := cmdkit.Rules(o.env)
		if err != nil {
			return err
		}
		if err := o.settleTypes(rules.Scheme().Name); err != nil {
			return err
		}
	}
	if err := o.named(); err != nil {
		return err
	}
	return o.printList()
}

// validate checks the flags.
func (o *options) validate() error {
	switch {
	case o.list && o.to == "":
		o.to = "http://127.0.0.1"
	case o.to == "":
		return fault.Hint(fault.New(fault.Usage, "the URL of the receiver is missing"), "whctl check localhost:3000/hooks --secret-file key")
	case o.failOn != onFail && o.failOn != onWarn:
		return fault.Hint(fault.New(fault.Usage, "unknown --fail-on %q", o.failOn), "there are fail and warn")
	case o.update && o.baseline == "":
		return fault.Hint(fault.New(fault.Usage, "--baseline-update has no file to write"), "name it with --baseline FILE")
	case o.timeout < 0:
		return fault.New(fault.Usage, "--timeout must not be negative")
	}
	if slices.Contains(o.types, "") {
		return fault.New(fault.Usage, "--type holds an empty event type")
	}
	o.to = netname.Complete(o.to)
	if err := cmdkit.CheckReceiver("URL", o.to); err != nil {
		return err
	}
	if o.url != "" {
		return cmdkit.CheckURL("--url", o.url)
	}
	return nil
}

// settleTypes takes all types of a scheme where none is given, and refuses one that no event can be made of: every case would be skipped.
func (o *options) settleTypes(scheme string) error {
	samples := event.SampleTypes(scheme)
	if o.types == nil {
		o.types = check.Types(samples)
	}
	for _, typ := range o.types {
		if err := cmdkit.CheckType(scheme, typ); err != nil {
			return fault.Wrap(fault.Usage, err, "--type")
		}
	}
	return nil
}

// named refuses cases that there are not.
func (o *options) named() error {
	ids := check.Groups()
	for _, c := range check.Cases(o.types) {
		ids = append(ids, c.ID)
	}
	for flag, given := range map[string][]string{"--only": o.only, "--skip": o.skip} {
		for _, id := range given {
			if !slices.Contains(ids, strings.TrimSpace(id)) {
				return unknownCase(flag, id, ids)
			}
		}
	}
	return nil
}

// outcome is how the command ends.
func (o *options) outcome(ctx context.Context, r check.Report) error {
	failed := r.Count(check.Failed)
	if o.failOn == onWarn {
		failed += r.Count(check.Warned)
	}
	switch {
	case r.Gone:
		return o.gone(ctx, r)
	case failed > 0, r.Obstacle != nil: // where nothing is proved, nothing holds
		return fault.Exit(fault.Unverified)
	default:
		return nil
	}
}

// gone is the error for a receiver that does not answer, with what is to be seen from here.
func (o *options) gone(ctx context.Context, r check.Report) error {
	err := fault.New(fault.Unreachable, "the receiver does not answer")
	if r.Obstacle != nil {
		if step := deliver.Probe(ctx, o.to, r.Obstacle.Answer); step != (fault.Step{}) {
			return fault.WithStep(err, step)
		}
		if step := r.Obstacle.Answer.Hint; step != (fault.Step{}) {
			return fault.WithStep(err, step)
		}
	}
	return fault.Hint(err, "start it, and look at its log; --timeout says how long to wait")
}
