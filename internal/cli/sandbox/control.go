package sandbox

import (
	"context"

	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
)

// control is the client of a running sandbox. These verbs mean the profile sandbox whatever the environment says, and
// only --api-url or WHCTL_API_URL move them.
func control(ctx context.Context, e *cmdkit.Env) (*client.Client, error) {
	if e.Globals.Profile == "" {
		e.Globals.Profile = "sandbox"
	}
	return e.Client(ctx)
}

func hintNoSandbox(err error) error {
	if fault.KindOf(err) == fault.Unreachable {
		return fault.Hint(err, "start one with whctl sandbox")
	}
	return err
}
