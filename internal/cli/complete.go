package cli

// Completion: what a shell offers for the word under the cursor.

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/cli/topics"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// completing says whether a shell asks what could come next.
func completing(args []string) bool { return len(args) > 0 && strings.HasPrefix(args[0], "__complete") }

// words gives what may stand in a place. It asks no API and opens no key store: a shell waits for the answer.
type words func(e *cmdkit.Env) []string

// complete tells cobra the words that depend on settings, and those of flags that all commands share. The words of other
// flags stand beside the flags.
func complete(e *cmdkit.Env, c *cobra.Command) {
	for _, sub := range c.Commands() {
		complete(e, sub)
	}
	path := strings.TrimPrefix(c.CommandPath(), "whctl ")
	for name, values := range flagWords() {
		if c.Flags().Lookup(name) != nil || c.PersistentFlags().Lookup(name) != nil {
			_ = c.RegisterFlagCompletionFunc(name, offer(e, values, cobra.ShellCompDirectiveNoFileComp)) // fails only when done twice
		}
	}
	if values, there := argWordsOf()[path]; there {
		then := cobra.ShellCompDirectiveNoFileComp
		if path == "send" { // an argument may be a file as well
			then = cobra.ShellCompDirectiveDefault
		}
		first := offer(e, values, then)
		c.ValidArgsFunction = func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveDefault
			}
			return first(c, args, typed)
		}
	}
}

func offer(e *cmdkit.Env, values words, then cobra.ShellCompDirective) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		var out []string
		for _, w := range values(e) {
			if strings.HasPrefix(w, typed) {
				out = append(out, w)
			}
		}
		return out, then
	}
}

func fixed(list ...string) words { return func(*cmdkit.Env) []string { return list } }

func flagWords() map[string]words {
	return map[string]words{
		"output":  fixed("text", "json", "yaml"),
		"color":   fixed("auto", "always", "never"),
		"profile": profiles,
		"scheme":  func(e *cmdkit.Env) []string { return append(schemeNames(e), cmdkit.AutoScheme) },
		"trigger": types,
	}
}

func argWordsOf() map[string]words {
	return map[string]words{
		"send":            func(e *cmdkit.Env) []string { return sampleNames(e) },
		"sandbox trigger": types,
		"sandbox play":    scenarios,
		"schemes show":    schemeNames,
		"profile use":     profiles,
		"profile delete":  profiles,
		"config get":      settings,
		"config set":      settings,
		"config unset":    settings,
		"help":            helpWords,
	}
}

func schemeName(e *cmdkit.Env) string {
	if s, err := e.Settings(); err == nil {
		return s.Scheme
	}
	return ""
}

func schemeNames(e *cmdkit.Env) []string {
	names := append(scheme.BuiltinNames(), scheme.UnsignedNames()...)
	if s, err := e.Settings(); err == nil {
		for name := range s.Schemes {
			names = append(names, name)
		}
	}
	return names
}

func types(e *cmdkit.Env) []string { return append(sampleNames(e), api.TypeAll) }

func sampleNames(e *cmdkit.Env) []string {
	return append(event.SampleNames(schemeName(e)), e.OwnNames()...)
}

func scenarios(e *cmdkit.Env) []string {
	var names []string
	for _, c := range event.Scenarios(schemeName(e)) {
		names = append(names, c.Name)
	}
	return names
}

func profiles(e *cmdkit.Env) []string {
	var names []string
	if s, err := e.Settings(); err == nil {
		for _, p := range s.Profiles() {
			names = append(names, p.Name)
		}
	}
	return names
}

func settings(e *cmdkit.Env) []string {
	var names []string
	if s, err := e.Settings(); err == nil {
		for _, v := range s.List() {
			names = append(names, v.Key)
		}
	}
	return names
}

func helpWords(*cmdkit.Env) []string {
	var names []string
	for _, n := range nouns() {
		names = append(names, n.name)
	}
	for _, t := range topics.New() {
		names = append(names, t.Name())
	}
	return names
}
