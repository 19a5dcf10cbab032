package cli

// The root command: its nouns, the flags of every command, and the errors of a command line.

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/whctl/whctl/internal/cli/account"
	"github.com/whctl/whctl/internal/cli/api"
	"github.com/whctl/whctl/internal/cli/check"
	"github.com/whctl/whctl/internal/cli/completion"
	"github.com/whctl/whctl/internal/cli/config"
	"github.com/whctl/whctl/internal/cli/events"
	"github.com/whctl/whctl/internal/cli/journal"
	"github.com/whctl/whctl/internal/cli/keys"
	"github.com/whctl/whctl/internal/cli/listen"
	"github.com/whctl/whctl/internal/cli/profile"
	"github.com/whctl/whctl/internal/cli/queue"
	"github.com/whctl/whctl/internal/cli/replay"
	"github.com/whctl/whctl/internal/cli/sandbox"
	"github.com/whctl/whctl/internal/cli/schemes"
	"github.com/whctl/whctl/internal/cli/send"
	"github.com/whctl/whctl/internal/cli/sign"
	"github.com/whctl/whctl/internal/cli/status"
	"github.com/whctl/whctl/internal/cli/verify"
	"github.com/whctl/whctl/internal/cli/version"
	"github.com/whctl/whctl/internal/cli/webhooks"
	"github.com/whctl/whctl/internal/cmdkit"
	conf "github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/duration"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/near"
)

// The groups of commands in the help text.
const (
	groupReceive = "receive"
	groupManage  = "manage"
	groupOther   = "other"
)

// onlyGroup marks a command that does nothing but hold others.
const onlyGroup = "only-group"

func newRoot(e *cmdkit.Env, args []string) *cobra.Command {
	var showVersion bool
	root := &cobra.Command{
		Use:   "whctl",
		Short: "Work with webhooks: receive, sign, send, verify, manage",
		Long: `whctl receives webhooks on your machine, says whether their signature holds and why not, forwards them to your
program, signs and sends test deliveries, and manages a platform's webhooks. A sandbox is built in: no account needed.`,
		Example: `  whctl listen --sandbox --trigger all         see it work, offline
  whctl listen --forward localhost:3000        receive, verify, forward to your program
  whctl send card.activated --to localhost:3000/hooks --secret-file key
  whctl sign body.json --secret-file key | curl -H @- --data-binary @body.json localhost:3000/hooks`,
		Annotations:   map[string]string{onlyGroup: "true"},
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(c *cobra.Command, _ []string) error {
			if showVersion {
				return version.Print(e)
			}
			return c.Help()
		},
	}
	root.SetErr(e.IO.Err)
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(flagFault)
	root.Flags().BoolVar(&showVersion, "version", false, "print the version and exit")
	global := root.PersistentFlags()
	global.SortFlags = false
	e.BindSettings(global, conf.Everywhere)
	global.Var(errorsValue{&e.Globals.Errors}, "errors", "`form` of errors on standard error: text or json")
	root.AddGroup(
		&cobra.Group{ID: groupReceive, Title: "receive, sign, send"},
		&cobra.Group{ID: groupManage, Title: "manage a platform"},
		&cobra.Group{ID: groupOther, Title: "other"},
	)
	root.SetHelpCommand(&cobra.Command{Hidden: true, Use: "no-help"}) // cobra's own is not used
	for _, n := range wanted(args) {
		c := n.new(e)
		c.GroupID = n.group
		root.AddCommand(c)
		if n.name == "help" {
			root.SetHelpCommand(c)
		}
	}
	settle(root)
	if completing(args) {
		root.SetOut(e.IO.Out)
		complete(e, root)
	}
	return root
}

// noun is a command of the first level.
type noun struct {
	name  string
	group string
	new   func(*cmdkit.Env) *cobra.Command
	quick bool // an interrupt leaves nothing to finish or undo
}

func nouns() []noun {
	return []noun{
		{"listen", groupReceive, func(e *cmdkit.Env) *cobra.Command { return listen.New(e, replay.AtKey, verify.AtKey) }, false},
		{"sign", groupReceive, sign.New, true},
		{"verify", groupReceive, verify.New, true},
		{"why", groupReceive, verify.NewWhy, false},
		{"send", groupReceive, send.New, false},
		{"check", groupReceive, check.New, false},
		{"schemes", groupReceive, schemes.New, true},
		{"journal", groupReceive, journal.New, false},
		{"expect", groupReceive, listen.NewExpect, false},
		{"replay", groupReceive, replay.New, false},
		{"queue", groupReceive, queue.New, false},
		{"sandbox", groupReceive, sandbox.New, false},
		{"status", groupReceive, status.New, false},
		{"webhooks", groupManage, webhooks.New, false},
		{"events", groupManage, func(e *cmdkit.Env) *cobra.Command { return events.New(e, replay.Again) }, false},
		{"keys", groupManage, keys.New, false},
		{"api", groupManage, api.New, false},
		{"login", groupManage, account.NewLogin, false},
		{"logout", groupManage, account.NewLogout, false},
		{"whoami", groupManage, account.NewWhoami, false},
		{"config", groupOther, config.New, false},
		{"profile", groupOther, profile.New, false},
		{"completion", groupOther, completion.New, true},
		{"version", groupOther, version.New, true},
		{listen.MinderName, groupOther, listen.NewMinder, true},
		{"help", groupOther, newHelp, true},
	}
}

// quick says whether an interrupt may simply end the process. Catching interrupts starts a thread and takes a quarter of a
// millisecond, a good part of what signing takes. A jq filter may run for ever, and a command that prints a key must not outlive
// whctl, so these are caught.
func quick(args []string) bool {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") && len(args) == 1 {
		return true
	}
	for _, arg := range args {
		if strings.HasPrefix(arg, "--jq") || strings.HasPrefix(arg, "--secret-command") {
			return false
		}
	}
	i := slices.IndexFunc(nouns(), func(n noun) bool { return n.name == args[0] })
	return i >= 0 && nouns()[i].quick
}

// wanted are the nouns to build: only the one that the first word names, if it names one. Building all of them costs a third of a
// millisecond, which whctl sign in a CI loop need not pay. Help and completion need them all.
func wanted(args []string) []noun {
	all := nouns()
	if len(args) == 0 || args[0] == "help" || args[0] == "completion" {
		return all
	}
	for i, n := range all {
		if n.name == args[0] {
			return all[i : i+1]
		}
	}
	return all
}

// settle walks the assembled tree once and corrects cobra: unknown words under a group would print help and end with 0, and errors
// about arguments would have no kind.
func settle(c *cobra.Command) {
	for _, sub := range c.Commands() {
		settle(sub)
	}
	inner := c.Args
	switch {
	case c.HasSubCommands():
		c.Args = func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(c, args)
			}
			return nil
		}
		if c.Run == nil && c.RunE == nil {
			c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
			c.Annotations = map[string]string{onlyGroup: "true"}
		}
	case inner != nil:
		c.Args = func(c *cobra.Command, args []string) error {
			err := inner(c, args)
			if err == nil || fault.KindOf(err) != fault.Internal {
				return err
			}
			return fault.Hint(fault.New(fault.Usage, "%s", argWords(c, args)), "usage: %s", fault.Literal(c.UseLine()))
		}
	}
	if checked := c.Args; checked != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := noEmptyFlag(c); err != nil {
				return err
			}
			return checked(c, args)
		}
	}
}

// noEmptyFlag refuses a flag that was given an empty text. Most often that is a shell variable that is not set, and
// leaving the flag out would do something else: retry to every webhook, not to one.
func noEmptyFlag(c *cobra.Command) error {
	var err error
	c.Flags().Visit(func(f *pflag.Flag) {
		empty := f.Value.Type() == "string" && f.Value.String() == ""
		if list, is := f.Value.(pflag.SliceValue); is {
			empty = slices.Contains(list.GetSlice(), "")
		}
		if empty && err == nil {
			err = fault.Hint(fault.New(fault.Usage, "--%s is empty", f.Name), "leave it out, or give it a value")
		}
	})
	return err
}

func argWords(c *cobra.Command, args []string) string {
	if len(args) == 0 {
		return "an argument is missing"
	}
	if c.Use == c.Name() {
		return fmt.Sprintf("%s takes no arguments, but got %s", c.CommandPath(), fault.Quoted(args[0]))
	}
	return fmt.Sprintf("wrong number of arguments for %s: %d", c.CommandPath(), len(args))
}

// unknownCommand refuses the first of the arguments, which is no command.
func unknownCommand(c *cobra.Command, args []string) error {
	word := args[0]
	err := fault.New(fault.Usage, "unknown command %q for %s", word, c.CommandPath())
	if line := elseCommand(c.CommandPath(), strings.ReplaceAll(word, "_", "-")); line != "" {
		before, after, found := aroundPlaceholder(line)
		if found && len(args) > 1 && !strings.HasPrefix(args[1], "-") {
			return fault.Hint(err, "did you mean %s%s%s?", fault.Literal(before), fault.Word(args[1]), fault.Literal(after))
		}
		return fault.Hint(err, "did you mean %s?", fault.Literal(line))
	}
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	if nearest := near.Word(word, names); nearest != "" {
		return fault.Hint(err, "did you mean %s %s?", fault.Literal(c.CommandPath()), fault.Literal(nearest))
	}
	return fault.Hint(err, "%s --help lists what there is", fault.Literal(c.CommandPath()))
}

func flagFault(c *cobra.Command, err error) error {
	if bad, is := errors.AsType[*pflag.InvalidValueError](err); is {
		err = valueFault(bad)
	}
	if step := fault.HintOf(err); step != (fault.Step{}) {
		return fault.WithStep(fault.New(fault.Usage, "%s", err), step)
	}
	if unknown, is := errors.AsType[*pflag.NotExistError](err); is {
		if c.HasSubCommands() && c.Flags().NArg() > 0 { // the flags of a command that is none
			return unknownCommand(c, c.Flags().Args())
		}
		if sub, _, err := c.Find([]string{unknown.GetSpecifiedName()}); err == nil && sub != c { // config --list
			return fault.Hint(fault.New(fault.Usage, "%s", unknown), "did you mean %s?", fault.Literal(sub.CommandPath()))
		}
		if name := nearestFlag(c, unknown.GetSpecifiedName(), unknown.GetSpecifiedShortnames() == ""); name != "" {
			return fault.Hint(fault.New(fault.Usage, "%s", err), "did you mean %s?", fault.Literal("--"+name))
		}
	}
	return fault.Hint(fault.New(fault.Usage, "%s", err), "%s --help lists the flags", fault.Literal(c.CommandPath()))
}

// withHelp adds the command's help as the next step of a usage error that has none.
func withHelp(c *cobra.Command, err error) error {
	if fault.KindOf(err) != fault.Usage || fault.HintOf(err) != (fault.Step{}) {
		return err
	}
	return fault.Hint(err, "%s --help shows how it is used", fault.Literal(c.CommandPath()))
}

// valueFault says what a flag takes, in place of pflag's text, which quotes Go's parsers.
func valueFault(bad *pflag.InvalidValueError) error {
	if inner, is := errors.AsType[*pflag.InvalidValueError](bad.Unwrap()); is { // -L stands for --limit
		bad = inner
	}
	name := bad.GetFlag().Name
	if d, err := duration.Parse(bad.GetValue()); err == nil && d < 0 {
		return fault.New(fault.Usage, "--%s must not be negative", name)
	}
	what := map[string]string{
		"int": "a whole number", "int64": "a whole number", "uint64": "a whole number from 0", "duration": "a duration such as 90s or 24h", "bool": "true or false",
	}[bad.GetFlag().Value.Type()]
	if what != "" {
		return fault.New(fault.Usage, "--%s takes %s, not %q", name, what, bad.GetValue())
	}
	return fault.Wrap(fault.Usage, bad.Unwrap(), "--%s", name)
}
