package listen

// whctl expect: the listener, until what is expected has come.

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/command"
	"github.com/whctl/whctl/internal/duration"
	"github.com/whctl/whctl/internal/expect"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
	"github.com/whctl/whctl/internal/render"
)

const (
	usualWithin = 30 * time.Second
	mostMatches = 32
)

type expectOptions struct {
	options

	types    []string
	matches  []string
	count    int
	within   time.Duration
	ordered  bool
	verified bool
	junit    string // file for the report; "": none
	command  []string

	out render.Output
}

// NewExpect makes whctl expect.
func NewExpect(e *cmdkit.Env) *cobra.Command { return newExpect(e, runExpect) }

func newExpect(e *cmdkit.Env, run func(context.Context, *expectOptions) error) *cobra.Command {
	o := &expectOptions{options: options{env: e}}
	c := &cobra.Command{
		Use:   "expect [flags] [-- COMMAND ARG…]",
		Short: "Wait for deliveries that a test expects, and say whether they came",
		Long: `Receive as whctl listen does, with all of its flags, and run COMMAND with the address in WHCTL_LISTEN_URL. It ends as soon as
what is expected has come (exit code 0), and ends COMMAND and all that it started. At the deadline it ends with 6 when
nothing of --type came, and with 3 when something came that did not match. If COMMAND fails first, it ends with 8.

Each --match must be met by --count deliveries. With --ordered, deliveries must meet them one after the other, --count
times over. --count 0 means that nothing may come until the deadline. Without --verified, refused deliveries count too.`,
		Example: `  whctl expect --type card.activated --secret-file key -- npm test
  whctl expect --type 'card.*' --count 2 --verified --within 1m --secret-file key --forward localhost:3000
  whctl expect --ordered --match '.eventType == "kyc.status.changed"' --match '.eventType == "card.activated"' --sandbox --trigger all
  whctl expect --match '.body | fromjson | .data.amount > 9' --junit report.xml --secret-file key -- ./checkout
  whctl expect --count 0 --within 5s --secret-file key -- ./dry-run`,
		Args: o.takeCommand,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.settle(c); err != nil {
				return err
			}
			if !c.Flags().Changed("body") {
				o.set.Body = "none" // what a test prints has the room
			}
			return run(c.Context(), o)
		},
	}
	fs := c.Flags()
	fs.SortFlags = false
	fs.StringArrayVar(&o.types, "type", nil, "event types that are expected: a `pattern` such as 'card.*'; several are comma separated")
	fs.StringArrayVar(&o.matches, "match", nil, "`jq` expression that must hold for a delivery, as in '.body | fromjson | .data.amount > 9' (repeatable)")
	fs.IntVar(&o.count, "count", 1, "how `many` at least, for each --match; 0: nothing may come")
	fs.Var(duration.Flag(&o.within, usualWithin), "within", "how `long` to wait, from the start of COMMAND (90s, 24h, 7d)")
	fs.BoolVar(&o.ordered, "ordered", false, "deliveries must meet the --match expressions in their order")
	fs.BoolVar(&o.verified, "verified", false, "only deliveries whose signature holds count")
	fs.StringVar(&o.junit, "junit", "", "write the outcome to this `file` too, as JUnit XML")
	o.bind(c)
	fs.Lookup("body").DefValue = "none"
	return c
}

// takeCommand takes what stands behind --.
func (o *expectOptions) takeCommand(c *cobra.Command, args []string) error {
	dash := c.ArgsLenAtDash()
	switch {
	case len(args) > 0 && dash != 0:
		return fault.Hint(fault.New(fault.Usage, "COMMAND stands behind --, but got %s before it", fault.Quoted(args[0])), "put -- before it: whctl expect -- COMMAND")
	case dash == 0 && (len(args) == 0 || args[0] == ""):
		return fault.Hint(fault.New(fault.Usage, "there is no COMMAND behind --"), "name one, or leave out --")
	}
	o.command = args
	return nil
}

func runExpect(ctx context.Context, o *expectOptions) error {
	want, err := o.expectation()
	if err != nil {
		return err
	}
	if o.out, err = render.NewOutput(o.env.Format()); err != nil {
		return err
	}
	if err := o.checkPlaces(); err != nil {
		return err
	}
	p := &expecting{o: o, want: want}
	defer p.end()
	return run(ctx, &o.options, p)
}

// expectation checks and compiles what is expected.
func (o *expectOptions) expectation() (want expect.Expectation, err error) {
	want = expect.Expectation{Count: o.count, Ordered: o.ordered, Verified: o.verified}
	switch {
	case o.count < 0:
		return want, fault.New(fault.Usage, "--count must not be negative")
	case o.within <= 0:
		return want, fault.Hint(fault.New(fault.Usage, "--within must be more than 0"), "leave it out to wait 30s")
	case o.ordered && len(o.matches) < 2:
		return want, fault.Hint(fault.New(fault.Usage, "--ordered needs two --match expressions at least"), "add a --match for each delivery, in their order")
	case o.ordered && o.count == 0:
		return want, fault.Hint(fault.New(fault.Usage, "--ordered does not go with --count 0: what does not come has no order"), "leave out --ordered")
	case o.verified && o.set.NoVerify:
		return want, fault.Hint(fault.New(fault.Usage, "--verified does not go with --no-verify"), "leave one of them out")
	case len(o.matches) > mostMatches:
		return want, fault.New(fault.Usage, "--match can be given %d times at most", mostMatches)
	}
	if want.Types, err = cmdkit.SplitPatterns("--type", o.types); err != nil {
		return want, err
	}
	for _, text := range o.matches {
		holds, err := render.Matching("--match", text)
		if err != nil {
			return want, err
		}
		want.Matches = append(want.Matches, expect.Match{Text: text, Holds: holds})
	}
	return want, nil
}

// checkPlaces finds out before the run whether there is a program, and a folder for the report.
func (o *expectOptions) checkPlaces() error {
	if len(o.command) > 0 {
		if err := command.Find(o.command[0]); err != nil {
			return fault.Hint(fault.Wrap(fault.Usage, err, "COMMAND"), "name a program and its arguments; no shell runs it: -- sh -c '…'")
		}
	}
	return o.checkReport()
}

// checkReport finds out whether the report of --junit can be written.
func (o *expectOptions) checkReport() error {
	if o.junit == "" {
		return nil
	}
	if _, err := files.Me().Plain(o.junit); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.Hint(fault.New(fault.Usage, "--junit: %s", cmdkit.PathWords(err)), "name a file that whctl may replace, or one that is not there yet: --junit FILE")
	}
	dir := filepath.Dir(o.junit)
	st, err := os.Stat(dir)
	if err == nil && !st.IsDir() {
		err = errNoFolder
	}
	if err != nil {
		return fault.Hint(fault.New(fault.Usage, "cannot write %s: %s", fault.Quote(o.junit), cmdkit.PathWords(err)), "make the folder: mkdir -p %s", fault.Word(dir))
	}
	return nil
}

var errNoFolder = errors.New("its folder is a file")
