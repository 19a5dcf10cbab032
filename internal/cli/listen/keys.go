package listen

// Keys that are pressed while whctl listen runs on a terminal.

import (
	"bytes"
	"context"
	"os"
	"strings"
	"sync"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/secret"
	"github.com/whctl/whctl/internal/systemd"
	"github.com/whctl/whctl/internal/term"
)

const (
	keysHint = "keys: r replay, w why, c clear, q quit, ? help"
	keysHelp = `r  send the last delivery again to its targets
w  explain the last delivery that failed or was refused
c  clear the screen
q  end, as ^C does
?  list these keys
`
	allKeys = "rwcq?h\r\n"

	mostPressed = 8 // keys of a kind that may wait until what one of them does is done
)

// takesKeys says whether keys may do something in this run: text for people at a terminal, and nobody has said that there are none.
func (o *options) takesKeys() bool {
	s, err := o.env.Settings()
	return err == nil && o.replay != nil && !s.NoInput && !systemd.New(o.env.Getenv, os.Getpid()).Listens() && o.env.IO.MayHearKeys()
}

// keysWords are what is said of keys at the start: nothing in the background, where there are none.
func (o *options) keysWords() string {
	if !o.takesKeys() || !o.env.IO.HearsKeys() {
		return ""
	}
	return keysHint
}

// keyboard does what keys ask for. Nothing that a key does holds up the next key or a delivery.
type keyboard struct {
	*session
	screen render.Screen
	tasks  chan func(context.Context) // of r and w, which take their time
	prints chan func()
}

// hearKeys does what keys ask for until ctx ends. The function that it returns waits for that and for what is under way, which the
// second ^C ends.
func (s *session) hearKeys(ctx context.Context) (end func()) {
	screen, is := s.printer.(render.Screen)
	if !is || !s.takesKeys() {
		return func() {}
	}
	k := &keyboard{session: s, screen: screen, tasks: make(chan func(context.Context), mostPressed), prints: make(chan func(), mostPressed)}
	hearing, stop := context.WithCancel(ctx)
	working, cancel := context.WithCancel(context.WithoutCancel(ctx)) // the first ^C lets what is under way finish
	var heard, done sync.WaitGroup
	heard.Go(func() {
		defer s.env.IO.Guard()
		s.env.IO.HearKeys(hearing, k.press)
	})
	done.Go(func() {
		defer s.env.IO.Guard()
		for task := range k.tasks {
			if hearing.Err() == nil {
				task(working)
			}
		}
	})
	done.Go(func() {
		defer s.env.IO.Guard()
		for show := range k.prints {
			show()
		}
	})
	return func() {
		stop()
		heard.Wait()
		close(k.tasks)
		close(k.prints)
		over := make(chan struct{})
		go func() {
			done.Wait()
			close(over)
		}()
		select {
		case <-over:
		case <-s.env.Force: // what is shown may hang
		}
		cancel()
	}
}

// press does what keys ask for. What comes together with other characters is a key that sends several, or was pasted, and does nothing.
func (k *keyboard) press(typed []byte) {
	if bytes.ContainsFunc(typed, func(c rune) bool { return !strings.ContainsRune(allKeys, c) }) {
		return
	}
	for _, key := range typed {
		switch key {
		case 'r':
			offer(k.tasks, k.again)
		case 'w':
			offer(k.tasks, k.explain)
		case 'c':
			offer(k.prints, k.clear)
		case '?', 'h':
			offer(k.prints, func() { k.show(keysHelp) })
		case '\r', '\n':
			offer(k.prints, func() { k.show("\n") })
		case 'q':
			k.quit()
		}
	}
}

// offer has f done, unless too much waits already.
func offer[F any](to chan F, f F) {
	select {
	case to <- f:
	default:
	}
}

// quit interrupts this process as ^C does.
func (k *keyboard) quit() {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Signal(os.Interrupt)
	}
	if err != nil {
		k.stop(context.Canceled)
	}
}

func (k *keyboard) clear() {
	k.printing.Lock()
	defer k.printing.Unlock()
	_ = k.screen.Clear() // an output that fails ends the run with the next delivery
}

// show shows whole lines between two deliveries.
func (k *keyboard) show(text string) {
	k.printing.Lock()
	defer k.printing.Unlock()
	_ = k.screen.Aside(text)
}

// say shows what a key has to say.
func (k *keyboard) say(text string) {
	k.show(term.FoldWords(term.Clean(k.env.Screen(text)), k.env.IO.Width()) + "\n")
}

// seenBy looks at what has been shown.
func (k *keyboard) seenBy(look func(*seen) string) string {
	k.printing.Lock()
	defer k.printing.Unlock()
	return look(&k.seen)
}

// again sends the last delivery again.
func (k *keyboard) again(ctx context.Context) {
	if len(k.targets) == 0 {
		k.say("r: nothing to hand it to: this listener has no --forward")
		return
	}
	k.about(ctx, "r", k.seenBy((*seen).last), k.replay)
}

// explain says why the last delivery that was not taken was not.
func (k *keyboard) explain(ctx context.Context) {
	k.about(ctx, "w", k.seenBy((*seen).lastFailed), k.why)
}

// about does for one delivery what a command does.
func (k *keyboard) about(ctx context.Context, key, id string, do cmdkit.AtKey) {
	if id == "" {
		k.say(key + ": no delivery has come yet")
		return
	}
	signers, err := k.signers()
	text := ""
	if err == nil {
		text, err = do(ctx, k.env, cmdkit.Pressed{Delivery: id, Journal: k.journal, Targets: k.targets, Open: k.open, Keys: signers})
	}
	if err != nil {
		text += term.FoldWords(term.Clean(k.env.Screen(key+": "+err.Error())), k.env.IO.Width()) + "\n" + k.env.HintText(fault.HintOf(err))
	}
	k.show(text)
}

// signers are what deliveries of this run are signed again with. Nobody else has the key that a sandbox made.
func (s *session) signers() (*cmdkit.Resigning, error) {
	if s.sandbox != nil && s.sandbox.key != "" {
		return s.keys.Resigning(secret.Resolved{Text: s.sandbox.key, Label: "of the sandbox"})
	}
	return s.keys.Resigning()
}

// seen is what keys are about, of all that was shown.
type seen struct {
	newest string     // the id of the last delivery
	failed []failedAt // the last ones
}

// failedAt is a delivery that was not taken: by whctl, or by a target.
type failedAt struct{ id, target string }

// mostFailed is how many of them are remembered.
const mostFailed = 256

// note remembers what an event tells.
func (s *seen) note(e record.Event) {
	if came, is := e.(record.Received); is {
		s.newest = came.Delivery.ID
		if came.Delivery.Refused() {
			s.fail(failedAt{came.Delivery.ID, ""})
		}
	}
	if tried, is := e.(record.Attempted); is {
		at := failedAt{tried.Attempt.DeliveryID, tried.Attempt.Target}
		s.forget(at)
		if out := tried.Attempt.Outcome; out != record.OutcomeDelivered && out != record.OutcomeCancelled {
			s.fail(at)
		}
	}
}

func (s *seen) fail(at failedAt) {
	if len(s.failed) >= mostFailed {
		s.failed = append(s.failed[:0], s.failed[1:]...)
	}
	s.failed = append(s.failed, at)
}

// forget drops what has been taken since.
func (s *seen) forget(at failedAt) {
	for i, other := range s.failed {
		if other == at {
			s.failed = append(s.failed[:i], s.failed[i+1:]...)
			return
		}
	}
}

func (s *seen) last() string { return s.newest }

// lastFailed is the last delivery that failed or was refused, else the last one.
func (s *seen) lastFailed() string {
	if n := len(s.failed); n > 0 {
		return s.failed[n-1].id
	}
	return s.newest
}
