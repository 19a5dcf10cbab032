// Package send holds whctl send.
package send

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/duration"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/sign"
)

// maxAnswer is how much of the receiver's answer is kept for display, in bytes.
const maxAnswer = 1 << 20

type options struct {
	env     *cmdkit.Env
	deliver func(deliver.Options) *deliver.Client

	flags     cmdkit.SignFlags
	what      string
	samples   string
	own       event.Own
	to        string
	url       string
	sets      []string
	headers   []string
	timestamp cmdkit.TimeValue
	age       time.Duration
	id        string
	method    string
	tamper    craft.Tamper
	timeout   time.Duration
	insecure  bool
	expect    expectation
	wait      time.Duration
	load      loadFlags

	handshake   bool
	verifyToken string
}

// New makes the command.
func New(e *cmdkit.Env) *cobra.Command { return newCommand(e, run) }

func newCommand(e *cmdkit.Env, run func(context.Context, *options) error) *cobra.Command {
	o := &options{env: e, deliver: deliver.New}
	c := &cobra.Command{
		Use:   "send TYPE|FILE|- --to URL",
		Short: "Send a signed delivery: a sample event, or your own body",
		Long: `Send one signed delivery. An argument that holds a /, ends in .json or is - is a file with the body, sent byte for
byte; anything else is an event type, for which a sample with fresh ids and times is made (whctl schemes show lists a
scheme's samples, of which some hold a /, such as Shopify's orders/create). Ends with 0 when the receiver answers 2xx,
with 5 when it answers something else and with 6 when it does not answer.

--expect says what answer is right instead: that ends with 0, any other with 3. refused stands for 400, 401, 403 and 498,
the answers of a receiver that rejects a signature. --tamper changes one character that counts for the scheme,
and sends nothing when there is none.

--count or --duration make a load of it: many deliveries, each with its own event id, time and signature, and a summary of the
answers and latencies. With --rate they go out at the times of a schedule, and latencies count from there, however busy the
receiver is. Without it each of --concurrency connections sends as fast as it is answered. --fail-if EXPR ends with 3 when it
holds: p50, p90, p99, p99.9, max, errors, refused, sent or rate, then >, >=, < or <=, then 250ms, 10 or 1%.
^C ends a load with the summary so far.

--handshake asks what the scheme's provider asks before it sends anything: whether the URL is yours. It ends with 0 when the
answer is right, with 3 when it is another one, and with 5 when it is not 2xx.`,
		Example: `  whctl send kyc.status.changed --to localhost:3000/hooks --secret-file key
  whctl send card.activated --to localhost:3000/hooks --set event_object.status=frozen --secret-file key
  whctl send card.activated --to localhost:3000/hooks --secret-file key --wait 10s --expect 2xx
  whctl send card.activated --to localhost:3000/hooks --secret-file key --tamper signature --expect refused
  whctl send card.activated --to localhost:3000/hooks --secret-file key --rate 200/s --duration 30s --fail-if 'p99>250ms'
  whctl send card.activated --to localhost:3000/hooks --secret-file key --count 1000 --concurrency 20 --same-id
  whctl send --handshake --to localhost:3000/hooks --scheme meta --verify-token my-token`,
		Args: o.takeEvent,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.what = args[0]
			}
			o.load.given = c.Flags().Changed
			return run(c.Context(), o)
		},
	}
	fs := c.Flags()
	fs.SortFlags = false
	fs.StringVar(&o.to, "to", "", "receiver: `URL`, HOST:PORT or port (required)")
	fs.StringVar(&o.url, "url", "", "sign this `URL`, as the provider knows it, for schemes that sign it (default: the URL of --to)")
	fs.StringArrayVar(&o.sets, "set", nil, "edit the body: `PATH=VALUE`; a value that is JSON keeps its type, \\. is a dot in a name (repeatable)")
	fs.StringArrayVarP(&o.headers, "header", "H", nil, "`header` line to send too, as 'Name: value' or, from a file, @FILE; 'Name:' leaves one out, 'Name;' sends it empty (repeatable)")
	fs.Var(&o.timestamp, "timestamp", "sign this `time` instead of now")
	fs.Var(duration.Flag(&o.age, 0), "age", "sign a time this long ago; negative: in the future")
	fs.StringVar(&o.id, "id", "", "event `id` (default: a fresh one)")
	fs.StringVar(&o.method, "method", http.MethodPost, "HTTP `method`")
	fs.StringVar((*string)(&o.tamper), "tamper", "", "spoil one `part` after signing: body, signature or key")
	fs.Var(&o.expect, "expect", "the right answer: a status, 2xx, 4xx or refused; any other ends with 3")
	cmdkit.OneOf(c, "tamper", "body", "signature", "key")
	cmdkit.OneOf(c, "expect", "2xx", "4xx", "refused")
	fs.Var(duration.Flag(&o.wait, 0), "wait", "wait up to this long for the receiver's port to open")
	fs.Var(duration.Flag(&o.timeout, 30*time.Second), "timeout", "how long to wait for the answer")
	fs.BoolVar(&o.insecure, "insecure", false, "accept any TLS certificate")
	cmdkit.SamplesFlag(fs, &o.samples)
	o.load.bind(fs)
	fs.BoolVar(&o.handshake, "handshake", false, "ask whether the URL is yours, as the scheme's provider does, and judge the answer")
	fs.StringVar(&o.verifyToken, "verify-token", "", "with --handshake: the `text` that you chose at the provider")
	o.flags.Bind(fs, e)
	cmdkit.GroupFlags(fs, "what is sent", "set", "header", "timestamp", "age", "id", "method", "tamper", "samples", "url")
	cmdkit.GroupFlags(fs, "how it is sent, and the right answer", "expect", "wait", "timeout", "insecure")
	cmdkit.GroupFlags(fs, "a load", "count", "duration", "rate", "concurrency", "same-id", "fail-if", "yes")
	cmdkit.GroupFlags(fs, "the handshake", "handshake", "verify-token")
	o.flags.Group(fs, "keys and signing")
	return c
}

// takeEvent takes one argument; with --handshake there is no event.
func (o *options) takeEvent(c *cobra.Command, args []string) error {
	if o.handshake {
		return cobra.MaximumNArgs(1)(c, args)
	}
	return cobra.ExactArgs(1)(c, args)
}

func run(ctx context.Context, o *options) error {
	if err := o.check(); err != nil {
		return err
	}
	if o.handshake {
		return o.shake(ctx)
	}
	keys, err := o.flags.Signing(ctx, o.env, o.what == cmdkit.Stdin)
	if err != nil {
		return err
	}
	if s := keys.Rules.Scheme(); o.url != "" && !keys.Rules.Needs().URL {
		return fault.Hint(fault.New(fault.Usage, "--url is the URL to sign, but scheme %s does not sign one", s.Name), "--to says where to send it")
	}
	build, err := o.event(keys.Rules)
	if err != nil {
		return err
	}
	request, err := o.template(keys)
	if err != nil {
		return err
	}
	options := deliver.Options{Insecure: o.insecure, MaxBody: maxAnswer, Trace: o.env.TraceLines(), SecretHeaders: keys.Rules.SecretHeaders(), SignatureHeaders: keys.Rules.SignatureHeaders()}
	if o.load.wanted() {
		return o.sendMany(ctx, request, build, options)
	}
	return o.sendOne(ctx, request, build, options)
}

// sendOne sends one delivery and prints the answer.
func (o *options) sendOne(ctx context.Context, request craft.Request, build func() (craft.Event, error), options deliver.Options) error {
	e, err := build()
	if err != nil {
		return err
	}
	client := o.deliver(options)
	defer client.Close()
	made, res, err := o.send(ctx, client, request, e)
	if err != nil {
		return err
	}
	if e.Note != "" {
		o.env.SayOnce("note: " + e.Note)
	}
	if made.PartOfBody {
		o.env.Say("note: scheme %s signs only a part of the body; the changed byte is in that part", request.Rules.Scheme().Name)
	}
	if res.Err != nil {
		return noAnswer(ctx, made.URL, res)
	}
	if err := cmdkit.Shown(o.print(e, made.Request, res)); err != nil {
		return err
	}
	return o.expect.outcome(res.Status)
}

// waitStep is the pause between two tries of --wait.
const waitStep = 50 * time.Millisecond

// send makes the request and sends it. With --wait it tries until the port is open. Each try is the request itself, signed
// afresh, so the receiver sees nothing else.
func (o *options) send(ctx context.Context, client *deliver.Client, request craft.Request, e craft.Event) (made craft.Made, res deliver.Result, err error) {
	res, err = o.untilOpen(ctx, func() (deliver.Result, error) {
		if made, err = o.signed(request, e); err != nil {
			return deliver.Result{}, err
		}
		return client.Do(ctx, made.Request), nil
	})
	return made, res, err
}

// untilOpen tries until the port is open, or as long as --wait says.
func (o *options) untilOpen(ctx context.Context, try func() (deliver.Result, error)) (deliver.Result, error) {
	end := o.env.Now().Add(o.wait)
	for {
		res, err := try()
		if err != nil {
			return res, err
		}
		closed := res.Cause == deliver.Refused || res.Cause == deliver.DNS // a container that has not started has no name yet
		if !closed || !o.env.Now().Add(waitStep).Before(end) {
			return res, nil
		}
		if err := cmdkit.Wait(ctx, waitStep); err != nil {
			return deliver.Result{}, err
		}
	}
}

func (o *options) check() error {
	switch {
	case o.verifyToken != "" && !o.handshake:
		return fault.Hint(fault.New(fault.Usage, "--verify-token is for --handshake"), "add --handshake")
	case o.what == "" && !o.handshake:
		return fault.Hint(fault.New(fault.Usage, "the event type or file is empty"), "whctl send card.activated --to URL")
	case o.to == "":
		return fault.Hint(fault.New(fault.Usage, "--to is missing"), "add --to URL, for example --to localhost:3000/hooks")
	case o.timestamp.Text != "" && o.age != 0:
		return fault.New(fault.Usage, "--timestamp and --age exclude each other")
	case o.timeout < 0:
		return fault.New(fault.Usage, "--timeout must not be negative")
	case o.wait < 0:
		return fault.New(fault.Usage, "--wait must not be negative")
	}
	if err := cmdkit.CheckReceiver("--to", netname.Complete(o.to)); err != nil {
		return err
	}
	if o.url != "" {
		if err := cmdkit.CheckURL("--url", o.url); err != nil {
			return err
		}
	}
	if err := cmdkit.CheckMethod(o.method); err != nil {
		return err
	}
	if err := o.load.check(o.timeout); err != nil {
		return err
	}
	if o.handshake {
		return o.checkShake()
	}
	switch o.tamper {
	case "", craft.TamperBody, craft.TamperSignature, craft.TamperKey:
		return nil
	default:
		return fault.Hint(fault.New(fault.Usage, "unknown --tamper %q", o.tamper), "there are body, signature and key")
	}
}

// noAnswer returns the error when there is no answer. A request that cannot be made is a usage fault.
func noAnswer(ctx context.Context, target string, res deliver.Result) error {
	kind := fault.Unreachable
	switch res.Cause {
	case deliver.Invalid:
		kind = fault.Usage
	case deliver.Canceled:
		kind = fault.Stopped
	default:
		if hint := deliver.Probe(context.WithoutCancel(ctx), target, res); hint != (fault.Step{}) {
			res.Hint = hint
		}
	}
	if res.Cause == deliver.Timeout && res.Hint == (fault.Step{}) {
		res.Hint = fault.NextStep("let the receiver answer first and work afterwards, or wait longer with --timeout")
	}
	return fault.WithStep(fault.New(kind, "no answer from %s: %s", target, res.Err), res.Hint)
}

// isFile reports whether an argument is a file: it holds a slash, ends in .json or is -. Variants of samples hold a slash too, and
// some types do, such as Shopify's orders/create.
func isFile(arg, scheme string) bool {
	switch {
	case arg == cmdkit.Stdin || strings.HasSuffix(arg, ".json"):
		return true
	case !strings.Contains(arg, "/") || event.IsSample(scheme, arg):
		return false
	default:
		_, err := os.Stat(arg)
		return err == nil || !event.InForm(scheme, arg)
	}
}

// event gives what makes the event to send: a sample, or the body of a file, which is read once.
func (o *options) event(rules *sign.Rules) (func() (craft.Event, error), error) {
	sets, err := craft.Edits(o.sets)
	if err != nil {
		return nil, fault.Hint(fault.Wrap(fault.Usage, err, "--set"), "write it as --set data.status=active")
	}
	if o.own, err = o.env.OwnSamples(o.samples); err != nil {
		return nil, err
	}
	if scheme := rules.Scheme().Name; o.own.Has(o.what) || !isFile(o.what, scheme) {
		if info, err := os.Stat(o.what); err == nil && info.Mode().IsRegular() && !event.IsSample(scheme, o.what) && !o.own.Has(o.what) {
			return nil, fault.Hint(fault.New(fault.Usage, "%s is a file and not an event type of scheme %s", o.what, scheme), "write %s to send the file", fault.Word("./"+o.what))
		}
		return func() (craft.Event, error) {
			e, err := craft.Sample(rules, o.what, event.BuildOptions{Now: o.env.Now(), Rand: o.env.Rand, ID: o.id, Sets: sets, Own: o.own})
			if err != nil {
				return craft.Event{}, notMade(err)
			}
			return e, nil
		}, nil
	}
	body, err := o.env.ReadInput(o.what, "the body to send")
	if err != nil {
		return nil, notRead(err, o.what, rules.Scheme().Name)
	}
	return func() (craft.Event, error) {
		e, err := craft.Given(rules, o.what, body, sets)
		e.ID = cmp.Or(o.id, e.ID)
		return e, fault.Wrap(fault.Usage, err, "--set")
	}, nil
}

// notRead adds a hint when the name of a missing file looks like an event type.
func notRead(err error, what, scheme string) error {
	var unknown *event.UnknownTypeError
	errors.As(event.CheckType(scheme, what), &unknown)
	switch {
	case unknown != nil && unknown.Nearest != "":
		return fault.Hint(err, "did you mean the sample event %s?", fault.Word(unknown.Nearest))
	case unknown != nil && len(unknown.Variants) > 0:
		return fault.Hint(err, "of the sample event %s there are %s", fault.Word(event.TypeOf(scheme, what)), fault.List(unknown.Variants))
	}
	if having := event.FindType(what); len(having) > 0 {
		return fault.Hint(err, "to send a sample event of this type add --scheme %s", fault.Word(having[0]))
	}
	return err
}

// notMade says why there is no event: its type is unknown, or an edit does not fit.
func notMade(err error) error {
	if _, unknown := errors.AsType[*event.UnknownTypeError](err); unknown {
		return cmdkit.UnknownType(err)
	}
	return fault.Wrap(fault.Usage, err, "--set")
}
