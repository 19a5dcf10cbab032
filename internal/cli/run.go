// Package cli assembles the commands and holds the one switch from error to text and exit code.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/term"
)

// Options are what a run is made from: everything main knows about the process.
type Options struct {
	Args    []string // without the program's name
	IO      *term.IO // nil: the process's own streams
	Version string
	Getenv  func(string) string
	Now     func() time.Time
	Rand    io.Reader
	Dir     string          // working folder
	UID     int             // -1 where there are no user ids
	Force   <-chan struct{} // closed by a second interrupt
	// CatchInterrupts makes the first interrupt end ctx and the second close Force. Before, an interrupt ends the process, which is
	// enough for a command that takes no time. came is called at each of the two, before, and last before the process is ended without
	// waiting for Run. It is called at most once.
	CatchInterrupts func(came, last func())
	// Exit ends the process, while Run still waits for a command that hangs after the second interrupt.
	Exit func(code int)
}

// Run runs one command and returns the process's exit code. ctx ends at the first interrupt. The command has the caller's goroutine: main's
// has a large stack already, and that of another one would be grown anew at each start.
func Run(ctx context.Context, o Options) int {
	if o.IO == nil {
		o.IO = term.System(o.Getenv)
	}
	e := &cmdkit.Env{
		IO: o.IO, Version: o.Version, Getenv: o.Getenv, Now: o.Now, Rand: o.Rand, Dir: o.Dir, UID: o.UID, Force: o.Force,
		Stopped: ctx.Done(),
	}
	o.IO.Stopped = ctx.Done()
	defer o.IO.GiveBack()
	if o.CatchInterrupts != nil {
		e.CatchInterrupts = sync.OnceFunc(func() {
			o.CatchInterrupts(o.IO.Interrupted, o.IO.GiveBack)
			go endForced(e, o.Exit)
		})
		if !quick(o.Args) {
			e.CatchInterrupts()
		}
	}
	return execute(ctx, e, o.Args)
}

// endForced ends the process some time after the second interrupt. A command that hangs then usually waits for an output that nobody
// reads.
func endForced(e *cmdkit.Env, exit func(code int)) {
	<-e.Force
	<-time.After(forced)
	code := finish(e, fault.New(fault.Stopped, "stopped at once"))
	e.IO.GiveBack()
	exit(code)
}

// forced is how long a command has to end by itself after a second interrupt.
const forced = 2 * time.Second

// execute runs the command that args name, says what went wrong, and returns the exit code.
func execute(ctx context.Context, e *cmdkit.Env, args []string) (code int) {
	defer func() {
		if p := recover(); p != nil {
			e.IO.GiveBack()
			code = crashed(e, p)
		}
	}()
	e.Hide(misplaced(args)...)
	e.Hide(secretsOf(e.Getenv)...)
	e.Globals.Errors = errorsForm(args, e.Getenv)
	_ = e.IO.SetColor(unparsed(args, "--color", "")) // a wrong one is refused when it is parsed
	root := newRoot(e, args)
	e.NameOf = namer(e)
	root.SetArgs(args)
	var helpErr error // cobra's help functions return none
	root.SetHelpFunc(func(c *cobra.Command, _ []string) { helpErr = help(e, c) })
	c, err := root.ExecuteContextC(ctx)
	if err == nil {
		err = helpErr
	}
	return finish(e, withHelp(c, err))
}

// maxText bounds an error's text, in columns. Errors quote what they were given, which may be anything.
const maxText = 2000

// finish says what went wrong, if anything, and picks the exit code.
func finish(e *cmdkit.Env, err error) int {
	// A reader that has gone is no failure. A fault has a kind of its own, and its broken pipe may be the network's.
	if err == nil || term.IsClosedPipe(err) && fault.KindOf(err) == fault.Internal {
		return 0
	}
	if errors.Is(err, syscall.ENOSPC) && fault.KindOf(err) == fault.Internal {
		err = fault.New(fault.Storage, "cannot write the output: the disk is full")
	}
	kind := fault.KindOf(err)
	tell(e, kind, e.Screen(message(err, kind)), e.Screen(e.AsTyped(fault.HintOf(err).String())))
	return kind.ExitCode()
}

func message(err error, kind fault.Kind) string {
	var f *fault.Error
	if kind == fault.Stopped && !errors.As(err, &f) {
		return "stopped"
	}
	return err.Error()
}

// crashed reports a bug without throwing a stack trace at a person; --debug shows it.
func crashed(e *cmdkit.Env, p any) int {
	_, _ = fmt.Fprintf(e.IO.Err, "error: %s\n", term.Clean(e.Screen(fmt.Sprintf("whctl has a bug: %v", p))))
	if e.Globals.Debug {
		_, _ = fmt.Fprintf(e.IO.Err, "%s\n", term.CleanLines(e.Screen(string(debug.Stack()))))
	} else {
		_, _ = fmt.Fprintln(e.IO.Err, "hint: run it again with --debug and report what it shows at https://github.com/whctl/whctl/issues")
	}
	return fault.Internal.ExitCode()
}
