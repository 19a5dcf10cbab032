// Package completion holds whctl completion.
package completion

import (
	"bytes"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
)

// New makes the command.
func New(e *cmdkit.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print the completion script for a shell",
		Long: `Print the completion script for a shell. Ready-made ones are in completions/ of the source and in every release.

bash, with the package bash-completion: whctl completion bash > ~/.local/share/bash-completion/completions/whctl

zsh: whctl completion zsh > "${fpath[1]}/_whctl"

fish: whctl completion fish > ~/.config/fish/completions/whctl.fish`,
		Example:   "  source <(whctl completion bash)",
		Args:      cobra.ExactArgs(1),
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"},
		RunE: func(c *cobra.Command, args []string) error {
			return run(e, c.Root(), args[0])
		},
	}
}

func run(e *cmdkit.Env, root *cobra.Command, shell string) error {
	format, _, err := e.FormatAsked() // a setting does not count: shells read the script whatever it says
	if err != nil {
		return err
	}
	if format != "" && format != "text" {
		return fault.Hint(fault.New(fault.Usage, "a completion script is no %s", format), "leave out -o and --jq")
	}
	var b bytes.Buffer
	switch shell {
	case "bash":
		err = root.GenBashCompletionV2(&b, true)
	case "zsh":
		err = root.GenZshCompletion(&b)
	case "fish":
		err = root.GenFishCompletion(&b, true)
	case "powershell":
		err = root.GenPowerShellCompletionWithDesc(&b)
	default:
		return fault.Hint(fault.New(fault.Usage, "no completion for %q", shell), "there are bash, zsh, fish and powershell")
	}
	if err != nil {
		return err
	}
	_, err = e.IO.Out.Write(b.Bytes())
	return err
}
