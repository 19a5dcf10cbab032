package command

// Programs that run beside whctl, with all that they start.

import (
	"errors"
	"io"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// Beside is a program that runs beside whctl in a process group of its own, with empty standard input. It never gets a secret of whctl's.
type Beside struct {
	Words    []string  // name and arguments
	Add      []string  // variables of its environment, each as NAME=VALUE, beside those of whctl
	Out, Err io.Writer // a file is handed on as it is
	Minder   []string  // words that start a process which calls Mind with its standard input; none: nobody ends the group if whctl is killed
}

// Running is a program that was started.
type Running struct {
	group  group
	minder minder
	ended  chan struct{} // closed once the program itself has ended
	err    error
	alone  bool // it left nothing behind in its group, whose number may be given anew
	once   sync.Once
}

// Start starts the program. Whoever starts it calls End. The error is that of package exec.
func (b Beside) Start() (*Running, error) {
	c := exec.Command(b.Words[0], b.Words[1:]...) //nolint:gosec,noctx // the user's own command, never from a project file; End ends it
	c.Stdout, c.Stderr, c.WaitDelay = b.Out, b.Err, grace
	c.Env = append(withoutOwn(c.Environ()), b.Add...)
	c.SysProcAttr = ownGroup()
	r := &Running{ended: make(chan struct{}), minder: newMinder(b.Minder)}
	started := make(chan error, 1)
	go func() {
		// Linux ends the program with the thread that started it (PR_SET_PDEATHSIG in prctl(2)), so the thread stays.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := c.Start()
		if err == nil {
			r.group = groupOf(c.Process)
			r.minder.mind(c.Process.Pid)
		}
		started <- err
		if err == nil {
			if r.err = c.Wait(); errors.Is(r.err, exec.ErrWaitDelay) {
				r.err = nil // it ended with 0, and what it started still writes
			}
			r.alone = r.group.empty()
			close(r.ended)
		}
	}()
	err := <-started
	if err != nil {
		r.minder.over()
	}
	return r, err
}

// Ended is closed once the program itself has ended. What it started may go on.
func (r *Running) Ended() <-chan struct{} { return r.ended }

// Failure is nil if the program ended with 0, else the error of package exec. It may be asked for once Ended is closed.
func (r *Running) Failure() error { return r.err }

// ExitCode is the code that a program ended with, by the error of its end: -1 if a signal ended it.
func ExitCode(err error) int {
	if exit, is := errors.AsType[*exec.ExitError](err); is {
		return exit.ExitCode()
	}
	return 0
}

const (
	look   = 5 * time.Millisecond // how often End looks whether all of the group has ended
	buried = time.Second          // how long it looks after killing the group
)

// End ends the program and all of its process group: it asks them to, and kills those that are still there after the patience, or once
// atOnce is closed. It returns when none of them runs. Later calls wait for the first.
func (r *Running) End(patience time.Duration, atOnce <-chan struct{}) {
	r.once.Do(func() {
		defer r.minder.over()
		select {
		case <-r.ended:
			if r.alone {
				return
			}
		default:
		}
		r.group.ask()
		if !r.gone(time.NewTimer(patience), atOnce) {
			r.group.kill()
			r.gone(time.NewTimer(buried), nil)
		}
		<-r.ended
	})
}

// gone waits until none of the group runs. It gives up when the timer ends or atOnce is closed.
func (r *Running) gone(timer *time.Timer, atOnce <-chan struct{}) bool {
	defer timer.Stop()
	tick := time.NewTicker(look)
	defer tick.Stop()
	ended := r.ended
	for {
		if ended == nil && r.group.empty() {
			return true
		}
		select {
		case <-ended:
			ended = nil
		case <-tick.C:
		case <-timer.C:
			return false
		case <-atOnce:
			return false
		}
	}
}
