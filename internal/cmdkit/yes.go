package cmdkit

// -y and --yes: nothing is asked.

import "github.com/spf13/pflag"

// YesFlag adds the flag that skips a command's question.
func YesFlag(fs *pflag.FlagSet, yes *bool, usage string) {
	fs.BoolVarP(yes, "yes", "y", false, usage)
}

// NeverAsks adds the same flag to a command that removes something and asks nothing, so that a script may give it to each of them.
func NeverAsks(fs *pflag.FlagSet) {
	fs.BoolP("yes", "y", false, "accepted everywhere; this command never asks")
}
