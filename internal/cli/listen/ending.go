package listen

// How a run ends, and what is said then.

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/listen"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

// Why a run ends without an interrupt.
var (
	errTimeUp = errors.New("the time of --for is up")
	errEnough = errors.New("as many deliveries as were asked for have come")
	errOutput = errors.New("the output failed")
)

// lastWords is how long a run waits for the readers of its stream after a second interrupt.
const lastWords = time.Second

// serve runs until an interrupt, the time of --for or the number of --exit-after ends it.
func (s *session) serve(ctx context.Context, l *listen.Listener) error {
	began, onTerminal := s.env.Now(), s.env.IO.OutTTY()
	if s.duration > 0 {
		defer time.AfterFunc(s.duration, func() { s.stop(errTimeUp) }).Stop()
	}
	over := make(chan struct{})
	defer close(over)
	go s.watch(l, over)

	err := s.whenOpen(ctx)
	if cause := context.Cause(ctx); errors.Is(cause, errOutput) || errors.Is(cause, errTimeUp) { // told below
		err = nil
	}
	if err != nil {
		s.stop(err)
	}
	if serveErr := l.Serve(ctx, s.ways(l)...); err == nil {
		err = serveErr
	}
	if s.endKeys != nil {
		s.endKeys()
	}
	if !s.allRead(s.hub.Close()) {
		return fault.New(fault.Stopped, "stopped at once: not all of the output was read")
	}
	printErr := <-s.printed.Ended()
	n := l.Summary()
	s.env.Say("%s%s", summary(n, s.env.Now().Sub(began)), s.owed(n))
	switch {
	case err != nil:
		return err
	case printErr != nil && !term.IsClosedPipe(printErr) && (!onTerminal || !errors.Is(printErr, syscall.EIO)): // EIO: the terminal was closed
		return cmdkit.WriteFailed(printErr)
	default:
		return s.outcome(context.Cause(ctx), l)
	}
}

// watch ends the listener at the second interrupt and after the last delivery.
func (s *session) watch(l *listen.Listener, over <-chan struct{}) {
	enough := l.Done()
	for {
		select {
		case <-enough:
			s.stop(errEnough)
			enough = nil
		case <-s.env.Force:
			l.Force()
			return
		case <-over:
			return
		}
	}
}

// allRead waits until every reader of the stream has ended, and says whether they did. After a second interrupt it waits for
// lastWords: whoever reads the output may have stopped.
func (s *session) allRead(ended <-chan struct{}) bool {
	var patience <-chan time.Time
	for force := s.env.Force; ; {
		select {
		case <-ended:
			return true
		case <-force:
			force, patience = nil, time.After(lastWords)
		case <-patience:
			return false
		}
	}
}

// outcome is the error of a run.
func (s *session) outcome(cause error, l *listen.Listener) error {
	if down, is := errors.AsType[*downError](cause); is {
		return fault.Hint(fault.New(fault.Unreachable, "target %s has been down for %s", down.target, render.Dur(*s.set.MaxDown)),
			"start it, and listen again; whctl journal list shows what came meanwhile")
	}
	return s.purpose.outcome(s, cause, l)
}

// summary tells in one line what a run did.
func summary(n listen.Summary, took time.Duration) string {
	var kinds []string
	for _, k := range []struct {
		n    int
		word string
	}{{n.Valid, "valid"}, {n.Other, "not verified"}, {n.Refused, "refused"}} {
		if k.n > 0 {
			kinds = append(kinds, fmt.Sprintf("%d %s", k.n, k.word))
		}
	}
	text := "ended after " + render.Dur(took) + ": " + fault.Plural(n.Deliveries, "delivery")
	if len(kinds) > 0 {
		text += " (" + strings.Join(kinds, ", ") + ")"
	}
	if n.Filtered > 0 {
		text += fmt.Sprintf(", %d filtered", n.Filtered)
	}
	if n.Attempts > 0 {
		text += fmt.Sprintf("; handed on %s, %d answered 2xx", fault.Plural(n.Attempts, "time"), n.Accepted)
	}
	return text
}

// owed tells in the same line which jobs a run leaves. Those of --sandbox are in its profile, and no later run sends them.
func (s *session) owed(n listen.Summary) (text string) {
	list, next := fault.Command("whctl queue list"), " open and sent by the next run: "
	if s.options.sandbox {
		list, next = list.Flag("--profile", s.profile), " open: "
	}
	if n.Open > 0 {
		text += "; " + count(n.Open, "job is", "jobs are") + next + list.String()
	}
	if n.Dead > 0 {
		text += "; " + count(n.Dead, "job is", "jobs are") + " dead: " + list.Flag("--state", string(record.JobDead)).String()
	}
	return text
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Print prints an event.
func (s *session) Print(e hub.Stamped) error {
	defer s.env.IO.Guard()
	s.printing.Lock()
	defer s.printing.Unlock()
	err := s.printer.Print(e)
	s.seen.note(e.Event)
	if _, ok := e.Event.(record.Ready); ok {
		close(s.shown)
	}
	s.skew.Read(e)
	return err
}

// Flush prints what the printer holds.
func (s *session) Flush() error {
	s.printing.Lock()
	defer s.printing.Unlock()
	return s.printer.Flush()
}
