package cli

// Completion: what a shell offers for the word under the cursor.

import (
	"context"
	"math"
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

// complete tells cobra the words of arguments, and those of flags that several commands share or that need the journal or the API.
// Words of other flags stand beside the flags.
func complete(e *cmdkit.Env, c *cobra.Command) {
	for _, sub := range c.Commands() {
		complete(e, sub)
	}
	path := strings.TrimPrefix(c.CommandPath(), "whctl ")
	for name, values := range flagWords(e, path) {
		if c.Flags().Lookup(name) != nil || c.PersistentFlags().Lookup(name) != nil {
			_ = c.RegisterFlagCompletionFunc(name, values) // fails only when done twice
		}
	}
	if p, there := argumentWords(e)[path]; there {
		c.ValidArgsFunction = cmdkit.Arguments(p.most, p.words)
		if path == "send" || path == "config set" { // an argument may be a file as well
			c.ValidArgsFunction = func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
				out, _ := cmdkit.Arguments(p.most, p.words)(c, args, typed)
				return out, cobra.ShellCompDirectiveDefault
			}
		}
	}
}

// flagWords are the words of a command's flags, by the names of these.
func flagWords(e *cmdkit.Env, path string) map[string]cobra.CompletionFunc {
	webhook := savedKeys(e)
	if strings.HasPrefix(path, "events ") {
		webhook = platformWebhooks(e)
	}
	all := map[string]cobra.CompletionFunc{
		"output":       cmdkit.Value(cmdkit.Fixed("text", "json", "yaml")),
		"color":        cmdkit.Value(cmdkit.Fixed("auto", "always", "never")),
		"errors":       cmdkit.Value(cmdkit.Fixed("text", "json")),
		"profile":      cmdkit.Value(listed(e, profiles)),
		"scheme":       cmdkit.Value(listed(e, func(e *cmdkit.Env) []string { return append(schemeNames(e), cmdkit.AutoScheme) })),
		"trigger":      cmdkit.Value(listed(e, types)),
		"type":         cmdkit.List(recordedTypes(e)),
		"events":       cmdkit.List(listed(e, sampleTypes)),
		"add-event":    cmdkit.List(listed(e, sampleTypes)),
		"remove-event": cmdkit.List(listed(e, sampleTypes)),
		"webhook":      cmdkit.Value(webhook),
		"webhook-id":   cmdkit.Value(platformWebhooks(e)),
		"delivery":     cmdkit.Value(refs(e)),
		"event":        cmdkit.Value(recordedEvents(e)),
		"target":       cmdkit.Value(targets(e)),
	}
	if path == "events reconcile" {
		all["webhook"] = func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if c.Flag("platform").Value.String() == cmdkit.PlatformGitHub {
				return cmdkit.Value(gitHubWebhooks(e))(c, args, typed)
			}
			return cmdkit.Value(webhook)(c, args, typed)
		}
	}
	if path == "events list" || path == "check" { // no journal has these events
		all["type"] = cmdkit.List(listed(e, sampleTypes))
	}
	return all
}

// place is where arguments stand: how many, and the words that they may be.
type place struct {
	most  int
	words cmdkit.Words
}

func argumentWords(e *cmdkit.Env) map[string]place {
	all := map[string]place{
		"send":            {1, listed(e, sampleNames)},
		"sandbox trigger": {1, listed(e, types)},
		"sandbox play":    {1, listed(e, scenarios)},
		"schemes show":    {1, listed(e, schemeNames)},
		"schemes vectors": {1, listed(e, schemeNames)},
		"profile use":     {1, listed(e, profiles)},
		"profile delete":  {1, listed(e, profiles)},
		"config get":      {1, listed(e, settings)},
		"config set":      {1, listed(e, settings)},
		"config unset":    {1, listed(e, settings)},
		"help":            {1, listed(e, helpWords)},
		"why":             {1, refs(e)},
		"journal show":    {1, refs(e)},
		"journal diff":    {2, refs(e)},
		"journal export":  {math.MaxInt, refs(e)},
		"replay":          {math.MaxInt, refs(e)},
		"queue pause":     {1, targets(e)},
		"queue resume":    {1, targets(e)},
		"keys show":       {1, savedKeys(e)},
		"keys remove":     {1, savedKeys(e)},
		"events get":      {1, platformEvents(e)},
		"events logs":     {1, platformEvents(e)},
		"events retry":    {math.MaxInt, platformEvents(e)},
	}
	for _, verb := range []string{"get", "update", "enable", "disable", "delete", "rotate", "logs"} {
		all["webhooks "+verb] = place{1, platformWebhooks(e)}
	}
	return all
}

// listed are words that settings and the program itself know.
func listed(e *cmdkit.Env, list func(*cmdkit.Env) []string) cmdkit.Words {
	return func(context.Context, string) []cmdkit.Word { return cmdkit.Plain(list(e)) }
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

func sampleTypes(e *cmdkit.Env) []string { return event.SampleTypes(schemeName(e)) }

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
