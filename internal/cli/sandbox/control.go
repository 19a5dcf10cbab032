package sandbox

// How commands talk to a running sandbox.

import (
	"context"

	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/render"
)

// control asks a running sandbox, and prints the answer as data or as the text that show writes.
func control[T any](ctx context.Context, e *cmdkit.Env, ask func(client.Sandbox) (T, error), show func(T) error) error {
	out, err := render.NewOutput(e.Format())
	if err != nil {
		return err
	}
	s, err := e.Settings()
	if err != nil {
		return err
	}
	// A token must not go to a platform with calls that only a sandbox knows.
	if !cmdkit.Here(s.APIURL) {
		return fault.Hint(fault.New(fault.Usage, "%s is no sandbox: those run on this machine only", s.APIURL), "leave out --api-url and unset WHCTL_API_URL")
	}
	c, err := e.Client(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	answer, err := ask(c.Sandbox())
	if fault.KindOf(err) == fault.Unreachable && fault.HintOf(err) == (fault.Step{}) {
		return fault.Hint(err, "start one with whctl sandbox")
	}
	if err != nil {
		return err
	}
	return out.Value(e.IO, answer, func() error { return show(answer) })
}
