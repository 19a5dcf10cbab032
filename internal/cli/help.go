package cli

// The help of a command, and whctl help.

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/whctl/whctl/internal/cli/topics"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

// helpJSON is a help text for scripts; docs/json.md lists it.
type helpJSON struct {
	Command  string   `json:"command,omitempty"`
	Topic    string   `json:"topic,omitempty"`
	Text     string   `json:"text"`
	Commands []string `json:"commands"` // those that stand under it
}

// widest is how wide the help gets at most.
const widest = 120

// help writes a command's help to standard output. It is for people also where settings ask for JSON: only a flag beside it makes it JSON.
func help(e *cmdkit.Env, c *cobra.Command) error {
	if err := e.IO.SetColor(e.Globals.Color); err != nil {
		return fault.Wrap(fault.Usage, err, "--color")
	}
	out, err := render.NewOutput(e.FormatAsked())
	if err != nil {
		return err
	}
	v := helpJSON{Commands: []string{}}
	if out.Machine() {
		v.Text = helpText(c, term.Style{}, widest)
	}
	if v.Command = c.CommandPath(); c.RunE == nil {
		v.Command, v.Topic = "", c.Name()
	}
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			v.Commands = append(v.Commands, sub.Name())
		}
	}
	return out.Value(e.IO, v, func() error {
		width := e.IO.Width()
		if width == 0 || width > widest {
			width = widest
		}
		_, err := io.WriteString(e.IO.Out, helpText(c, e.IO.Style(), width))
		return err
	})
}

// helpText is the help of a command: what it is, how it is called, examples, subcommands, flags.
func helpText(c *cobra.Command, style term.Style, width int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", wrap(cmp.Or(c.Long, c.Short), width))
	if c.Runnable() || c.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\n%s\n", style.Bold("usage"))
		if c.Runnable() && c.Annotations[onlyGroup] == "" {
			fmt.Fprintf(&b, "  %s\n", c.UseLine())
		}
		if c.HasAvailableSubCommands() {
			fmt.Fprintf(&b, "  %s COMMAND [flags]\n", c.CommandPath())
		}
	}
	if len(c.Aliases) > 0 {
		fmt.Fprintf(&b, "\n%s\n  %s\n", style.Bold("also"), strings.Join(c.Aliases, ", "))
	}
	if c.Example != "" {
		fmt.Fprintf(&b, "\n%s\n%s\n", style.Bold("examples"), c.Example)
	}
	helpCommands(&b, c, style, width)
	if c.HasAvailableLocalFlags() {
		fmt.Fprintf(&b, "\n%s\n%s", style.Bold("flags"), helpFlags(c.LocalFlags(), width))
	}
	if c.HasAvailableInheritedFlags() {
		var names []string
		c.InheritedFlags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		fmt.Fprintf(&b, "\n%s\n", wrap("Every command also takes "+strings.Join(names, " ")+". See whctl --help.", width))
	}
	return b.String()
}

// newHelp makes whctl help, for commands and topics. A topic wins over a command of the same name, whose help --help shows.
func newHelp(e *cmdkit.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND|TOPIC]",
		Short: "Explain a command, or a topic: exit-codes, environment, schemes, json",
		Example: `  whctl help exit-codes
  whctl help webhooks create`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				for _, t := range topics.New() {
					if t.Name() == args[0] {
						return help(e, t)
					}
				}
			}
			found, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return unknownCommand(c.Root(), []string{strings.Join(args, " ")})
			}
			return help(e, found)
		},
	}
}

func helpCommands(b *strings.Builder, c *cobra.Command, style term.Style, width int) {
	if !c.HasAvailableSubCommands() {
		return
	}
	if len(c.Groups()) == 0 {
		fmt.Fprintf(b, "\n%s\n", style.Bold("commands"))
		listCommands(b, c, "", width)
		return
	}
	for _, g := range c.Groups() {
		fmt.Fprintf(b, "\n%s\n", style.Bold(g.Title))
		listCommands(b, c, g.ID, width)
	}
}

func listCommands(b *strings.Builder, c *cobra.Command, group string, width int) {
	pad := 0
	for _, sub := range c.Commands() {
		pad = max(pad, len(sub.Name()))
	}
	for _, sub := range c.Commands() {
		if sub.GroupID == group && (sub.IsAvailableCommand() || sub.Name() == "help") {
			left := fmt.Sprintf("  %-*s  ", pad, sub.Name())
			for _, part := range term.Wrap(sub.Short, max(width-len(left), 12)) {
				fmt.Fprintf(b, "%s%s\n", left, part)
				left = strings.Repeat(" ", len(left))
			}
		}
	}
}

// wrap breaks paragraphs at blanks. One that begins with a blank is a table or code, whose lines stay lines.
func wrap(text string, width int) string {
	var out []string
	for para := range strings.SplitSeq(text, "\n\n") {
		if strings.HasPrefix(para, " ") {
			lines := strings.Split(para, "\n")
			for i := range lines {
				lines[i] = row(lines[i], width)
			}
			out = append(out, strings.Join(lines, "\n"))
			continue
		}
		line, lines := "", []string(nil)
		for word := range strings.FieldsSeq(para) {
			if line != "" && len(line)+1+len(word) > width {
				lines, line = append(lines, line), ""
			}
			if line != "" {
				line += " "
			}
			line += word
		}
		out = append(out, strings.Join(append(lines, line), "\n"))
	}
	return strings.Join(out, "\n\n")
}

// row breaks a line of a table within its last column. Code stays on its line: one without columns, or with a word that the column has no
// room for.
func row(line string, width int) string {
	at := strings.LastIndex(line, "  ") + len("  ")
	longest := 0
	for word := range strings.FieldsSeq(line[at:]) {
		longest = max(longest, term.Width(word))
	}
	if term.Width(line) <= width || strings.TrimSpace(line[:at]) == "" || at+longest > width {
		return line
	}
	return line[:at] + strings.Join(term.Wrap(line[at:], width-at), "\n"+strings.Repeat(" ", at))
}
