package sandbox

// whctl sandbox reset: an empty sandbox, on time.

import (
	"context"
	"fmt"

	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
)

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
