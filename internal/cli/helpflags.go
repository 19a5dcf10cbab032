package cli

// The flags of a command in its help.

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/near"
	"github.com/whctl/whctl/internal/term"
)

// flagLine is one flag in a help text: how it is written, and what it does.
type flagLine struct{ left, text, group string }

// inGroups orders lines by their groups, those of none first, and puts a heading before each group.
func inGroups(lines []flagLine) []flagLine {
	groups := []string{""}
	for _, l := range lines {
		if !slices.Contains(groups, l.group) {
			groups = append(groups, l.group)
		}
	}
	var out []flagLine
	for _, g := range groups {
		if g != "" {
			out = append(out, flagLine{left: "  " + g})
		}
		for _, l := range lines {
			if l.group == g {
				out = append(out, l)
			}
		}
	}
	return out
}

// helpFlags lists a command's own flags, --help last. Descriptions are broken to the width; where there is little room
// beside the flags they stand below them.
func helpFlags(fs *pflag.FlagSet, width int) string {
	var lines, last []flagLine
	pad := 0
	fs.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		l := flagLine{flagLeft(f), flagText(f), cmdkit.FlagGroup(f)}
		pad = max(pad, term.Width(l.left))
		if f.Name == "help" {
			last = append(last, l)
			return
		}
		lines = append(lines, l)
	})
	const gap, least, indent = 3, 30, "          "
	var b strings.Builder
	if slices.ContainsFunc(lines, func(l flagLine) bool { return l.group != "" }) {
		for i := range last {
			last[i].group = "other"
		}
	}
	for _, l := range inGroups(append(lines, last...)) {
		if l.text == "" { // a heading
			fmt.Fprintf(&b, "%s\n", l.left)
			continue
		}
		room := width - pad - gap
		if room < least {
			fmt.Fprintf(&b, "%s\n", l.left)
			for _, part := range term.Wrap(l.text, max(width-len(indent), 1)) {
				fmt.Fprintf(&b, "%s%s\n", indent, part)
			}
			continue
		}
		left := term.Pad(l.left, pad)
		for _, part := range term.Wrap(l.text, room) {
			fmt.Fprintf(&b, "%s%*s%s\n", left, gap, "", part)
			left = strings.Repeat(" ", pad)
		}
	}
	return b.String()
}

func flagLeft(f *pflag.Flag) string {
	left := "      --" + f.Name
	if f.Shorthand != "" {
		left = "  -" + f.Shorthand + ", --" + f.Name
	}
	if name := placeholder(f); name != "" {
		left += " " + name
	}
	return left
}

// placeholder is the word for a flag's value: the one that its text marks, else its type. It is in capitals, as under usage.
func placeholder(f *pflag.Flag) string {
	name, _ := pflag.UnquoteUsage(f)
	switch name {
	case "duration":
		return "DUR"
	case "expression":
		return "EXPR"
	case "int", "uint", "many":
		return "N"
	default:
		return strings.ToUpper(name)
	}
}

func flagText(f *pflag.Flag) string {
	_, text := pflag.UnquoteUsage(f)
	switch f.DefValue {
	case "", "false", "0", "0s", "[]":
		return text
	}
	value := f.DefValue
	if f.Value.Type() == "duration" {
		if minutes, whole := strings.CutSuffix(value, "m0s"); whole {
			value = minutes + "m"
		}
	} else if strings.Contains(value, " ") {
		value = strconv.Quote(value)
	}
	return text + " (default " + value + ")"
}

// nearestFlag returns the flag of the command that one of another tool stands for, or else that is close to a mistyped one, or "". A
// letter is close to nothing.
func nearestFlag(c *cobra.Command, typed string, long bool) string {
	if name := elseFlag(c, typed); name != "" {
		return name
	}
	if !long {
		return ""
	}
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	return near.Word(typed, names)
}
