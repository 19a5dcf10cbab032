package listen

// What is done for whoever is not there to look: ending when a target stays down, running the command of --notify, and telling the
// service manager.

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/admin"
	"github.com/whctl/whctl/internal/command"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/listen"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/systemd"
	"github.com/whctl/whctl/internal/target"
)

const (
	operatorSize = 256 // events that may wait for these readers
	notifyLimit  = 10 * time.Second
	notifyOutput = 64 << 10 // bytes that the command may print, which nobody sees
)

// downError ends a run because of --max-down.
type downError struct{ target string }

func (e *downError) Error() string { return "target " + e.target + " stays down" }

// attachOperator attaches the readers of --max-down and --notify, and makes the one that looks at the clocks. end ends the command of
// --notify at once.
func (s *session) attachOperator(ctx context.Context) (end func()) {
	s.skew = admin.NewSkew(s.hub.Emit)
	if s.set.MaxDown != nil {
		s.hub.Attach(admin.NewDeadline(admin.DeadlineOptions{
			Max: *s.set.MaxDown,
			After: func(d time.Duration, f func()) func() {
				t := time.AfterFunc(d, f)
				return func() { t.Stop() }
			},
			Over: func(target string) { s.stop(&downError{target}) },
		}), operatorSize)
	}
	ctx, end = context.WithCancel(context.WithoutCancel(ctx)) // the end of ctx is told as well
	if len(s.notifyWords) > 0 {
		s.hub.Attach(admin.NewNotifier(ctx, admin.NotifierOptions{
			Run: s.runNotify, Encode: render.Event, Fail: func(err error) { s.hub.Emit(s.env.Now(), admin.Failure(err)) },
		}), operatorSize)
	}
	return end
}

// checkNotify reads the words of --notify. A program that is not there is found out now.
func (o *options) checkNotify() error {
	if o.set.Notify == "" {
		return nil
	}
	words, err := command.Split(o.set.Notify)
	if err == nil {
		err = command.Find(words[0])
	}
	if err != nil {
		return fault.Hint(fault.Wrap(fault.Usage, err, "--notify"), `name a program and its arguments: --notify 'sh -c "cat >> changes"'`)
	}
	o.notifyWords = words
	return nil
}

// runNotify runs the command of --notify.
func (s *session) runNotify(ctx context.Context, event []byte) error {
	p := command.Program{Words: s.notifyWords, Limit: notifyLimit, Input: bytes.NewReader(event), Most: notifyOutput, Keep: s.harmless}
	_, said, err := p.Run(ctx)
	if err == nil {
		return nil
	}
	if said != "" {
		said = ", saying: " + said
	}
	return errors.New(s.env.Screen(fmt.Sprintf("%s: %s%s", s.notifyWords[0], err, said)))
}

// harmless says whether a command of the user gets a variable: none that holds a key.
func (s *session) harmless(pair string) bool {
	name, _, _ := strings.Cut(pair, "=")
	return !s.env.Secret(pair) && !slices.Contains(s.keys.Variables(), name)
}

// alive asks what must run: the journal's writer, and the socket until ctx ends.
func (s *session) alive(ctx context.Context, l *listen.Listener) func(context.Context) error {
	return func(within context.Context) error {
		if err := s.journal.Alive(within); err != nil || ctx.Err() != nil || !s.door.isOpen() {
			return err
		}
		return l.Answers(within, s.door.ln)
	}
}

// supervise tells the service manager that the socket is open, and from then on that this process is alive, until the function that
// it returns is called. It tells of the end when ctx ends.
func (s *session) supervise(ctx context.Context, targets []target.Target, l *listen.Listener) (end func()) {
	m := systemd.New(s.env.Getenv, os.Getpid())
	if !m.Listens() {
		return func() {}
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	var warned sync.Once
	tell := func(lines ...string) {
		if err := m.Tell(running, lines...); err != nil {
			warned.Do(func() { s.env.Warn("cannot tell the service manager at NOTIFY_SOCKET: %s", err) })
		}
	}
	usual := "taking deliveries on " + cmp.Or(s.ready.URL, s.place())
	r := admin.NewSupervised(admin.SupervisedOptions{
		Targets: named(targets), Usual: usual, Alive: s.alive(ctx, l), Every: m.Patience() / 2, After: time.After,
		Status: func(text string) { tell(systemd.Status(text)) },
		Live:   func() { tell(systemd.Watchdog) },
	})
	tell(systemd.Ready, systemd.Status(usual))
	s.hub.Attach(r, operatorSize)
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.Run(running)
	}()
	told := make(chan struct{})
	ending := func() {
		defer close(told)
		tell(systemd.Stopping, systemd.Status("ending"))
	}
	goesOn := context.AfterFunc(ctx, ending)
	return func() {
		if goesOn() { // it ends for another reason
			ending()
		}
		<-told
		stop()
		<-done
	}
}
