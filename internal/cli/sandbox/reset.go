package sandbox

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
)

func newReset(e *cmdkit.Env, run func(context.Context, *cmdkit.Env) error) *cobra.Command {
	return &cobra.Command{
		Use:     "reset",
		Short:   "Empty the running sandbox and set its clock right",
		Example: "  whctl sandbox reset",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return run(c.Context(), e) },
	}
}

type resetDone struct {
	Reset bool `json:"reset"`
}

func runReset(ctx context.Context, e *cmdkit.Env) error {
	return control(ctx, e, func(s client.Sandbox) (resetDone, error) {
		return resetDone{true}, s.Reset(ctx)
	}, func(resetDone) error {
		_, err := fmt.Fprintln(e.IO.Out, "the sandbox is empty")
		return err
	})
}
