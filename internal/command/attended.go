package command

// Programs that a person works with, such as an editor.

import (
	"context"
	"io"
	"os/exec"
)

// Attended is a program that works on the terminal of whctl, for as long as the person at it wants. It never gets a secret of whctl's.
type Attended struct {
	Words    []string // name and arguments
	In       io.Reader
	Out, Err io.Writer
}

// Run runs the program to its end. The end of ctx does not stop it: what was typed in it would be lost. The error is that of package exec.
func (a Attended) Run(ctx context.Context) error {
	c := exec.CommandContext(context.WithoutCancel(ctx), a.Words[0], a.Words[1:]...) //nolint:gosec // the user's own program, never from a project file
	c.Stdin, c.Stdout, c.Stderr = a.In, a.Out, a.Err
	c.Env = withoutOwn(c.Environ())
	return c.Run()
}
