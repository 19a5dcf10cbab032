package sandbox

// whctl sandbox reset: a sandbox as it starts, on time.

import (
	"context"
	"fmt"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
)

type resetDone struct {
	Reset bool `json:"reset"`

	left api.SandboxStatus // what is in it all the same: the samples of --fixtures
}

func runReset(ctx context.Context, e *cmdkit.Env) error {
	return control(ctx, e, func(s client.Sandbox) (done resetDone, err error) {
		if err := s.Reset(ctx); err != nil {
			return done, err
		}
		done.Reset = true
		done.left, err = s.Status(ctx)
		return done, err
	}, func(done resetDone) error {
		_, err := fmt.Fprintln(e.IO.Out, done.text())
		return err
	})
}

func (d resetDone) text() string {
	events := 0
	for _, n := range d.left.Events {
		events += n
	}
	if len(d.left.Webhooks)+events == 0 {
		return "the sandbox is empty"
	}
	return fmt.Sprintf("the sandbox has its samples alone: %s, %s", fault.Plural(len(d.left.Webhooks), "webhook"), fault.Plural(events, "event"))
}
