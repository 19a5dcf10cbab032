// Package replay holds whctl replay: recorded deliveries are sent again.
package replay

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/duration"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
)

const (
	usualTimeout    = 30 * time.Second
	mostConcurrency = 256
)

type options struct {
	env *cmdkit.Env

	flags       cmdkit.SignFlags
	choice      choice
	to          string
	resign      bool
	asCaptured  bool
	at          cmdkit.TimeValue
	url         string
	sets        []string
	edit        bool
	headers     []string
	rate        cmdkit.Rate
	concurrency int
	timeout     time.Duration
	insecure    bool
	dryRun      bool
	diff        bool
	yes         bool
	atKey       bool // a key of a listener was pressed
}

// New makes the command.
func New(e *cmdkit.Env) *cobra.Command { return newCommand(e, run) }

func newCommand(e *cmdkit.Env, run func(context.Context, *options) error) *cobra.Command {
	o := &options{env: e}
	c := &cobra.Command{
		Use:   "replay REF… | FILTERS",
		Short: "Send recorded deliveries again, signed as of now",
		Long: `Send recorded deliveries again: the same request with the same bytes, and with a new time and signature, as a receiver
would refuse the old ones. They are signed with the key that verified them, found by its name, or with the one of the secret
flags. REF is an id, a unique prefix of one, the id of an event, last, or last~2. Filters choose many, which go out oldest first.

They go to the target that they went to before, to the URL of --to, or with --target through the lane of a running listener. Each
is recorded as a delivery of its own that names its original. Ends with 0 when all were accepted, with 5 when one was refused
and with 6 when one was not answered. ^C ends after what is being sent, and says how to go on with the rest.`,
		Example: `  whctl replay last
  whctl replay 1e6wyd7tcr --to localhost:3000/hooks --diff
  whctl replay last --set event_object.status=frozen --dry-run
  whctl replay --outcome failed --since 2h --rate 10/s
  whctl replay --type 'card.*' --since 1d --target shop`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			o.choice.refs = args
			return run(c.Context(), o)
		},
	}
	fs := c.Flags()
	fs.SortFlags = false
	o.choice.bind(c, e)
	fs.StringVar(&o.to, "to", "", "send to this `URL`, HOST:PORT or port (default: the target that it went to before)")
	fs.BoolVar(&o.resign, "resign", false, "sign with a new time (the default)")
	fs.BoolVar(&o.asCaptured, "as-captured", false, "keep the recorded time and signature")
	fs.Var(&o.at, "at", "sign as of this `time` instead of now")
	fs.StringVar(&o.url, "url", "", "sign this `URL`, for schemes that sign it (default: the one that the provider knew)")
	fs.StringArrayVar(&o.sets, "set", nil, "edit the body: `PATH=VALUE`; a value that is JSON keeps its type, \\. is a dot in a name (repeatable)")
	fs.BoolVar(&o.edit, "edit", false, "edit the body of one delivery with $VISUAL or $EDITOR")
	fs.StringArrayVarP(&o.headers, "header", "H", nil, "`header` line to send too, as 'Name: value' or, from a file, @FILE; 'Name:' leaves one out (repeatable)")
	fs.Var(&o.rate, "rate", "send at most this many: 10/s, 30/m")
	fs.IntVar(&o.concurrency, "concurrency", 1, "send this `many` at once; more than 1 gives up their order")
	fs.Var(duration.Flag(&o.timeout, usualTimeout), "timeout", "how long to wait for each answer")
	fs.BoolVar(&o.insecure, "insecure", false, "accept any TLS certificate")
	fs.BoolVar(&o.dryRun, "dry-run", false, "print what would be sent; nothing is sent or recorded")
	fs.BoolVar(&o.diff, "diff", false, "compare the new answer with the recorded one")
	cmdkit.YesFlag(fs, &o.yes, "do not ask before sending to another machine")
	o.flags.Bind(fs, e)
	return c
}

func (o *options) check() error {
	o.choice.direct = o.to != ""
	if err := o.choice.check(); err != nil {
		return err
	}
	ways := 0
	for _, given := range []bool{o.resign, o.asCaptured, o.at.Text != ""} {
		if given {
			ways++
		}
	}
	switch {
	case ways > 1:
		return fault.New(fault.Usage, "--resign, --as-captured and --at exclude each other")
	case o.asCaptured && o.url != "":
		return fault.New(fault.Usage, "--url is the URL to sign, and --as-captured signs nothing")
	case o.edit && len(o.choice.refs) != 1:
		return fault.Hint(fault.New(fault.Usage, "--edit takes one delivery"), "name one; --set edits many")
	case o.concurrency < 1 || o.concurrency > mostConcurrency:
		return fault.New(fault.Usage, "--concurrency must be from 1 to %d", mostConcurrency)
	case o.timeout < 0:
		return fault.New(fault.Usage, "--timeout must not be negative")
	case o.lane() && (o.diff || o.concurrency > 1 || o.insecure || len(o.headers) > 0):
		return fault.Hint(fault.New(fault.Usage, "with --target a listener sends the deliveries in its own way, and has the answers"),
			"leave out --diff, --concurrency, --insecure and --header, or send them directly with --to URL")
	}
	if o.to != "" {
		if err := cmdkit.CheckReceiver("--to", netname.Complete(o.to)); err != nil {
			return err
		}
	}
	if o.url != "" {
		return cmdkit.CheckURL("--url", o.url)
	}
	return nil
}

// lane says whether deliveries go through the lane of a listener.
func (o *options) lane() bool { return o.choice.filter.Target != "" && o.to == "" }
