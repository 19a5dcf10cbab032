package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/term"
)

// help writes a command's help to standard output: what it is, how it is called, examples, subcommands, flags.
func help(e *cmdkit.Env, c *cobra.Command) {
	var b strings.Builder
	style, width := e.IO.Style(), e.IO.Width()
	if width == 0 || width > 120 {
		width = 120
	}
	text := c.Long
	if text == "" {
		text = c.Short
	}
	fmt.Fprintf(&b, "%s\n", wrap(text, width))
	if c.Runnable() || c.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\n%s\n", style.Bold("usage"))
		if c.Runnable() {
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
		fmt.Fprintf(&b, "\n%s\n%s", style.Bold("flags"), c.LocalFlags().FlagUsagesWrapped(width))
	}
	if c.HasAvailableInheritedFlags() {
		fmt.Fprintf(&b, "\n%s\n%s", style.Bold("flags of every command"), c.InheritedFlags().FlagUsagesWrapped(width))
	}
	_, _ = io.WriteString(e.IO.Out, b.String())
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
			fmt.Fprintf(b, "%s\n", term.Cut(fmt.Sprintf("  %-*s  %s", pad, sub.Name(), sub.Short), width))
		}
	}
}

// wrap breaks paragraphs at blanks; lines that begin with a blank are kept as they are.
func wrap(text string, width int) string {
	var out []string
	for para := range strings.SplitSeq(text, "\n\n") {
		if strings.HasPrefix(para, " ") {
			out = append(out, para)
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
