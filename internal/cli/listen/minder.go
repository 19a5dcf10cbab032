package listen

// The process that ends the command of whctl expect if whctl is killed.

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/command"
	"github.com/whctl/whctl/internal/fault"
)

// MinderName is the command that whctl expect starts for that. It is not for people.
const MinderName = "mind-group"

// NewMinder makes that command.
func NewMinder(e *cmdkit.Env) *cobra.Command {
	return &cobra.Command{
		Use: MinderName, Short: "End what whctl expect started, once it is gone", Hidden: true, Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return fault.Wrap(fault.Usage, command.Mind(e.IO.In), "") },
	}
}

// minderWords start it. There are none where this program does not know where it is.
func minderWords() []string {
	self, err := os.Executable()
	if err != nil {
		return nil
	}
	return []string{self, MinderName}
}
