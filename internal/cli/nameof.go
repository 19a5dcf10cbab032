package cli

// The command that a text begins with, and the flags that it needs to be about the same things as this run.

import (
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
)

// namer names commands. The tree of this run may have one noun only, so it makes one of its own when the first text comes.
func namer(e *cmdkit.Env) func(text string) cmdkit.Named {
	whole := sync.OnceValue(func() *cobra.Command {
		return newRoot(&cmdkit.Env{IO: e.IO, Getenv: e.Getenv, Now: e.Now, Rand: e.Rand}, nil)
	})
	return func(text string) cmdkit.Named { return commandOf(whole(), text) }
}

func commandOf(root *cobra.Command, text string) cmdkit.Named {
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
	if at == root || !at.Runnable() {
		return cmdkit.Named{}
	}
	return cmdkit.Named{Name: text[:end], Flags: aboutFlags(text[:end])}
}

// aboutFlags are the flags by which a command says whose platform and which settings it is about.
func aboutFlags(name string) []string {
	switch noun, verb, _ := strings.Cut(name, " "); {
	case noun == "completion", noun == "help", noun == "version", name == "config trust": // project files are not read beside --config
		return nil
	case noun == "config" || noun == "profile" || noun == "schemes", noun == "sandbox" && verb == "":
		return []string{"config"}
	case noun == "sandbox": // its verbs find their sandbox by its address
		return []string{"api-url", "config"}
	default:
		return []string{"profile", "api-url", "config"}
	}
}
