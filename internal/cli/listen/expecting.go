package listen

// What whctl expect is for: deliveries that are to come, and a command that has them sent.

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/whctl/whctl/internal/command"
	"github.com/whctl/whctl/internal/expect"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/listen"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/render"
)

const (
	expectSize = 16 * streamSize // events that may wait to be compared
	lateLook   = 5 * time.Second // how long deliveries are compared after the end
	farewell   = 5 * time.Second // how long a command may take to end once it is asked to
)

// Why a run of expect ends.
var (
	errReached  = errors.New("what is expected has come")
	errDeadline = errors.New("the time of --within is up")
)

// commandError ends a run because its command failed.
type commandError struct {
	name string
	err  error
}

func (e *commandError) Error() string { return e.name + ": " + e.err.Error() }

// expecting is a run of whctl expect.
type expecting struct {
	o       *expectOptions
	want    expect.Expectation
	watch   *expect.Watch
	running *command.Running // nil without a command, and before it is started
	began   time.Time        // zero before
	reached time.Time        // zero: it was not
}

// printer prints the stream for people, beside the command's own output. Standard output is for the result.
func (p *expecting) command() string { return "expect" }

func (p *expecting) printer(o *options) (render.Printer, error) {
	inner, err := o.text(o.env.IO.Talk(), "")
	return talk{inner}, err
}

// talk prints what no run depends on: nobody may be there to read it.
type talk struct{ render.Printer }

func (t talk) Print(s hub.Stamped) error {
	_ = t.Printer.Print(s)
	return nil
}

func (t talk) Flush() error {
	_ = t.Printer.Flush()
	return nil
}

func (p *expecting) attach(ctx context.Context, s *session) {
	s.printed = s.hub.Attach(render.Reader(s, func() {}), streamSize)
	looking, end := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() { time.AfterFunc(lateLook, end) })
	p.watch = expect.NewWatch(looking, p.want, func() {
		p.reached = p.o.env.Now()
		s.stop(errReached)
	})
	s.hub.Attach(p.watch, expectSize)
}

// begin starts the command, and the clock with it.
func (p *expecting) begin(ctx context.Context, s *session) error {
	scheme := ""
	if !s.keys.Auto() {
		scheme = s.keys.Scheme()
	}
	s.env.WarnPatterns("--type", scheme, p.want.Types)
	if p.want.Verified && s.judge(ctx).Empty() {
		return fault.Hint(fault.New(fault.Usage, "--verified, and no key to verify with"), "add --secret-file FILE, or save a key with whctl keys add")
	}
	select {
	case <-s.shown:
	case <-ctx.Done():
		return nil
	}
	if len(p.o.command) > 0 {
		if err := p.start(ctx, s); err != nil {
			return err
		}
	}
	p.began = p.o.env.Now()
	deadline := time.AfterFunc(p.o.within, func() { s.stop(errDeadline) })
	context.AfterFunc(ctx, func() { deadline.Stop() })
	return nil
}

// start starts the command.
func (p *expecting) start(ctx context.Context, s *session) (err error) {
	name := p.o.command[0]
	p.running, err = command.Beside{
		Words: p.o.command, Add: s.told(), Out: s.env.IO.Err, Err: s.env.IO.Err, Minder: minderWords(),
	}.Start()
	if err != nil {
		p.running = nil
		return fault.Hint(fault.New(fault.Usage, "COMMAND: %s cannot be run: %s", name, fault.Root(err)), "run it by itself to see why; no shell runs it: -- sh -c '…'")
	}
	running := p.running
	go func() {
		<-running.Ended()
		if err := running.Failure(); err != nil {
			s.stop(&commandError{name, err})
		}
	}()
	context.AfterFunc(ctx, func() {
		if errors.Is(context.Cause(ctx), context.Canceled) { // an interrupt; else it may be what deliveries under way are handed on to
			p.end()
		}
	})
	return nil
}

// told is what the command is told in its environment: where to send deliveries, if that is here.
func (s *session) told() []string {
	if s.ready.URL == "" {
		return nil
	}
	return []string{"WHCTL_LISTEN_URL=" + s.ready.URL}
}

// end ends the command with all that it started.
func (p *expecting) end() {
	if p.running != nil {
		p.running.End(farewell, p.o.env.Force)
	}
}

// outcome tells what came of it.
func (p *expecting) outcome(s *session, cause error, _ *listen.Listener) error {
	p.end()
	r := report{expectOptions: p.o, want: p.want, Result: p.watch.Result(), took: p.o.env.Now().Sub(p.began), addr: netname.ReachedAt(s.ready.Addr)}
	if p.began.IsZero() {
		r.took = 0
	}
	if !p.reached.IsZero() {
		r.took = p.reached.Sub(p.began)
	}
	failed, is := errors.AsType[*commandError](cause)
	switch {
	case errors.Is(cause, errDeadline):
		r.took = p.o.within
	case is:
		r.failed = failed
	case errors.Is(cause, context.Canceled):
		r.stopped = true
	}
	if p.running != nil {
		r.exit = p.exit()
	}
	return r.tell()
}

// exit is the code that the command ended with by itself. It is nil if it did not.
func (p *expecting) exit() *int {
	code := command.ExitCode(p.running.Failure())
	if code < 0 {
		return nil
	}
	return &code
}

// failure says how the command failed.
func (e *commandError) failure() string {
	if code := command.ExitCode(e.err); code >= 0 {
		return fmt.Sprintf("%s failed with exit code %d", e.name, code)
	}
	return fmt.Sprintf("%s failed: %s", e.name, e.err)
}
