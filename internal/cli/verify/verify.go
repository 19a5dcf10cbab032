// Package verify holds whctl verify.
package verify

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/craft"
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
	file        string
	headers     []string
	headersFile string
	request     string
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
		Use:   "verify [FILE|-]",
		Short: "Say whether a request's signature holds, and why not",
		Long: `Verify a request as its receiver would: the bytes of the body, the headers, one or more keys. Print one line and, when
the signature does not hold, what is probably wrong. The exit code is 0 when it holds and 3 when it does not.`,
		Example: `  whctl verify body.json -H 'X-Timestamp: 1750000000' -H 'X-Signature: 14b786…' --secret-file key --at 1750000000
  whctl verify --request saved.http --scheme github --secret-env WEBHOOK_SECRET
  whctl verify body.json --headers-file headers.txt --secret-file key --ignore-time`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.file = args[0]
			}
			o.hasWindow = c.Flags().Changed("tolerance")
			return run(c.Context(), o)
		},
	}
	fs := c.Flags()
	fs.SortFlags = false
	fs.StringArrayVarP(&o.headers, "header", "H", nil, "`header` line of the request, 'Name: value' (repeatable)")
	fs.StringVar(&o.headersFile, "headers-file", "", "`file` of header lines; - is standard input")
	fs.StringVar(&o.request, "request", "", "`file` with a whole raw HTTP request; - is standard input")
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
	how := judge.Options{Patience: judge.Long(), IgnoreTime: o.ignoreTime}
	if o.hasWindow {
		how.Tolerance = &o.tolerance
	}
	if how.Certificate, err = keys.Certificates(o.fetch); err != nil {
		return err
	}
	j := keys.Judge(how)
	if j.Empty() && j.Rules().Scheme().Algorithm != scheme.None {
		return cmdkit.NoKey("verify with")
	}
	m, now, err := o.source(j)
	if err != nil {
		return err
	}
	jm := j.Judge(ctx, m, now)
	if jm.Rules != nil && jm.Rules.Needs().URL && m.URL == "" {
		return fault.Hint(fault.New(fault.Usage, "scheme %s signs the URL", jm.Verdict.Scheme), "add --url URL, as the provider knows it")
	}
	var d explain.Diagnosis
	if jm.Verdict.OK || !o.noExplain {
		d = judge.Explain(ctx, jm, o.from())
	}
	if err := cmdkit.Shown(o.print(jm, d)); err != nil {
		return err
	}
	return o.outcome(m, jm, len(d.Findings) > 0)
}

// from is where the body comes from: a recorded delivery has the bytes that came off the connection.
func (o *options) from() explain.Source {
	if o.loaded != nil {
		return explain.OffSocket()
	}
	return explain.Saved(o.recipes.choice(o.env, nil))
}

// outcome is the command's error: nil when the signature holds, else a fault with what to do. explained says that findings tell it.
func (o *options) outcome(m *sign.Message, jm judge.Judgement, explained bool) error {
	if jm.Verdict.OK {
		return nil
	}
	if jm.Rules == nil && !explained {
		return fault.Hint(fault.New(fault.Unverified, "no scheme of the catalogue fits the request's headers"),
			"check that no header is missing; without --scheme auto the search looks for what the headers hold, and --scheme NAME names the scheme")
	}
	err := fault.Exit(fault.Unverified)
	if len(m.Header) == 0 && jm.Verdict.Reason == sign.MissingSignature {
		return fault.Hint(err, "no header was given: add -H 'Name: value', --headers-file FILE, or a saved request with --request FILE")
	}
	if name := cmdkit.Suggest(o.env, m.Header, jm.Verdict.Scheme); name != "" {
		err = fault.Hint(err, "the headers look like %s: add --scheme %s", fault.Word(name), fault.Word(name))
	}
	return err
}

// holdsRequest says whether a body begins like an HTTP request.
func holdsRequest(body []byte) bool {
	line, _, found := bytes.Cut(body, []byte("\n"))
	words := strings.Fields(string(line[:min(len(line), 8<<10)]))
	return found && len(words) == 3 && strings.HasPrefix(words[2], "HTTP/1.") && strings.ToUpper(words[0]) == words[0]
}

// check refuses flags that exclude each other.
func (o *options) check() error {
	stdin := 0
	for _, f := range []string{o.file, o.headersFile, o.request} {
		if f == cmdkit.Stdin {
			stdin++
		}
	}
	switch {
	case stdin > 1:
		return fault.New(fault.Usage, "standard input can be read only once")
	case o.delivery != "" && (o.request != "" || o.file != "" || o.headersFile != ""):
		return fault.New(fault.Usage, "--delivery holds headers and body already; leave out other sources")
	case o.request != "" && o.file != "":
		return fault.Hint(fault.New(fault.Usage, "--request holds the body already"), "leave out %s", fault.Word(o.file))
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

func (o *options) stdinTaken() bool {
	return o.file == cmdkit.Stdin || o.headersFile == cmdkit.Stdin || o.request == cmdkit.Stdin || o.file == "" && o.request == "" && o.delivery == ""
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

// source is the request to verify, and the time to verify it at.
func (o *options) source(j *judge.Judge) (*sign.Message, time.Time, error) {
	if o.loaded == nil {
		m, err := o.message()
		return m, o.at.Resolve(o.env.Now()), err
	}
	d := *o.loaded
	m, err := recorded(d, j)
	if err != nil {
		return nil, time.Time{}, fault.Hint(err, "its verdict was %s; %s shows what was found when it came",
			fault.Word(string(d.Verdict.Reason)), fault.Command("whctl why", d.ID))
	}
	if o.url != "" {
		m.URL = o.url
	}
	if o.method != "" {
		m.Method = o.method
	}
	header, err := cmdkit.ParseHeaders("--header", o.headers)
	maps.Copy(m.Header, header)
	at := d.ReceivedAt
	if o.at.Text != "" {
		at = o.at.Resolve(o.env.Now())
	}
	return m, at, err
}

// message makes the request to verify from the flags.
func (o *options) message() (*sign.Message, error) {
	header, err := cmdkit.ParseHeaders("--header", o.headers)
	if err != nil {
		return nil, err
	}
	if o.headersFile != "" {
		content, err := o.env.ReadInput(o.headersFile, "the headers file")
		if err != nil {
			return nil, err
		}
		more, err := cmdkit.HeaderFile(o.headersFile, content)
		if err != nil {
			return nil, err
		}
		header = cmdkit.Merge(header, more)
	}
	m := &sign.Message{Method: o.method, URL: o.url, Header: header}
	if o.request != "" {
		if err := o.fromRequest(m); err != nil {
			return nil, err
		}
	} else if m.Body, err = o.env.ReadInput(o.file, "the body to verify"); err != nil {
		return nil, err
	} else if len(m.Header) == 0 && holdsRequest(m.Body) {
		return nil, fault.Hint(fault.New(fault.Usage, "this is a whole HTTP request, not a body"), "verify it with --request %s", fault.Word(cmp.Or(o.file, cmdkit.Stdin)))
	}
	if m.Method == "" {
		m.Method = http.MethodPost
	}
	return m, nil
}

// fromRequest adds what a saved request says. Flags win.
func (o *options) fromRequest(m *sign.Message) error {
	raw, err := o.env.ReadInput(o.request, "the saved request")
	if err != nil {
		return err
	}
	q, err := craft.ParseRequest(raw)
	if err != nil {
		return err
	}
	m.Target = q.Target
	maps.Copy(q.Header, m.Header)
	m.Header, m.Body = q.Header, q.Body
	if m.Method == "" {
		m.Method = q.Method
	}
	if m.URL == "" && q.Host != "" && strings.HasPrefix(q.Target, "/") {
		m.URL = "https://" + q.Host + q.Target // providers deliver over https
	}
	return nil
}
