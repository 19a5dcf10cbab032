package cli

// The name of the command that a text begins with.

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// nameOf is the name of the command that a text begins with, such as "webhooks list", if it goes by a profile; else "".
func nameOf(root *cobra.Command, text string) string {
	at, end := root, 0
	for rest := text; ; {
		word, after, _ := strings.Cut(rest, " ")
		word = strings.TrimRight(word, ",.;:)")
		i := slices.IndexFunc(at.Commands(), func(c *cobra.Command) bool { return c.Name() == word || c.HasAlias(word) })
		if i < 0 {
			break
		}
		at, rest, end = at.Commands()[i], after, len(text)-len(rest)+len(word)
	}
	if at == root || !at.Runnable() || slices.Contains(everywhereAlike(), strings.Split(text[:end], " ")[0]) {
		return ""
	}
	return text[:end]
}

// everywhereAlike are the commands to which the profile makes no difference, or which have one of their own.
func everywhereAlike() []string {
	return []string{"completion", "config", "help", "profile", "sandbox", "schemes", "version"}
}
