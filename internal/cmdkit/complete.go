package cmdkit

// Words that a shell completes.

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// OneOf tells a shell the words that a flag takes.
func OneOf(c *cobra.Command, flag string, words ...string) {
	_ = c.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return !strings.HasPrefix(w, typed) }), cobra.ShellCompDirectiveNoFileComp
	}) // fails only when done twice
}
