//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package term

// The mode of a terminal in which keys come one by one.
//
// golang.org/x/term has raw mode alone, in which ^C is a key like any other. Libraries that have this mode read on in the background,
// where the system stops whoever reads from the terminal or changes its mode (SIGTTIN, SIGTTOU).

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const canHearKeys = true

// lookAgain is how often a process in the background looks whether it is in the foreground. The shell's fg tells a process that runs
// nothing.
const lookAgain = time.Second

// mostSelected is the number of descriptors that select(2) knows. poll(2) knows more, but no terminals on macOS.
const mostSelected = 1024

// keyboard is a terminal whose mode is changed, or may be.
type keyboard struct {
	mu     sync.Mutex
	fd     int
	before *unix.Termios // the terminal's own mode; nil: it has that
	over   bool          // it is not changed any more
	leaves chan os.Signal
}

// leaving are the signals that stop or end this process and that nothing else here catches. While the mode is changed they are caught,
// so that the terminal has its own mode back before they have their effect.
func leaving() (list []os.Signal) {
	for _, sig := range []os.Signal{unix.SIGTSTP, unix.SIGQUIT, unix.SIGABRT} {
		if !signal.Ignored(sig) {
			list = append(list, sig)
		}
	}
	return list
}

// inFront says whether this process is in the foreground of a terminal.
func inFront(fd int) bool {
	group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// take changes the mode of the terminal, or changes it again, if this process is in the foreground.
func (k *keyboard) take() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.over || !inFront(k.fd) {
		return
	}
	if k.before == nil {
		own, err := unix.IoctlGetTermios(k.fd, getTermios)
		if err != nil {
			return
		}
		k.before = own
		if list := leaving(); len(list) > 0 {
			signal.Notify(k.leaves, list...)
		}
	}
	keys := *k.before
	keys.Lflag &^= unix.ICANON | unix.ECHO
	keys.Cc[unix.VMIN], keys.Cc[unix.VTIME] = 1, 0
	_ = unix.IoctlSetTermios(k.fd, setTermios, &keys)
}

// giveBack gives the terminal its own mode back, unless the terminal is another process's by now: then the shell has done so.
func (k *keyboard) giveBack(forGood bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.over = k.over || forGood
	if k.before == nil {
		return
	}
	if inFront(k.fd) {
		_ = unix.IoctlSetTermios(k.fd, setTermios, k.before)
	}
	k.before = nil
	signal.Stop(k.leaves)
}

// taken says whether the mode of the terminal is changed.
func (k *keyboard) taken() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.before != nil
}

// hear reads keys until ctx ends.
func (k *keyboard) hear(ctx context.Context, fd int, heard func([]byte)) {
	news, tell, err := os.Pipe()
	if err != nil {
		return
	}
	defer func() { _ = news.Close() }()
	if news.Fd() >= mostSelected || fd >= mostSelected {
		_ = tell.Close()
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	k.fd, k.leaves = fd, make(chan os.Signal, 1)
	var telling sync.WaitGroup
	defer telling.Wait()
	defer cancel()
	telling.Go(func() { k.tell(ctx, tell) })
	defer k.giveBack(false)
	k.take()
	typed := make([]byte, 256)
	for {
		told, ready, err := k.wait(int(news.Fd())) // #nosec G115 -- a file descriptor fits
		switch {
		case err != nil:
			return
		case told:
			if !k.heed(news) {
				return
			}
		case ready && !k.read(typed, heard):
			return
		case !ready && !k.taken():
			k.take()
		}
	}
}

// read gives on what is typed. It gives false when the terminal is gone.
func (k *keyboard) read(typed []byte, heard func([]byte)) bool {
	if !inFront(k.fd) {
		k.giveBack(false)
		return true
	}
	n, err := unix.Read(k.fd, typed)
	if errors.Is(err, unix.EINTR) {
		return true
	}
	if n <= 0 || err != nil {
		return false
	}
	heard(typed[:n])
	return true
}

// tell writes the number of each signal that matters, until ctx ends.
func (k *keyboard) tell(ctx context.Context, to *os.File) {
	defer func() { _ = to.Close() }()
	goesOn := make(chan os.Signal, 1)
	signal.Notify(goesOn, unix.SIGCONT)
	defer signal.Stop(goesOn)
	for {
		var sig os.Signal
		select {
		case <-ctx.Done():
			return
		case sig = <-goesOn:
		case sig = <-k.leaves:
		}
		if s, is := sig.(unix.Signal); is {
			_, _ = to.Write([]byte{byte(s)}) // #nosec G115 -- there are fewer
		}
	}
}

// wait waits for news or a key, or for neither when it is time to look again. In the background keys are somebody else's, so that it
// waits for none.
func (k *keyboard) wait(news int) (told, ready bool, err error) {
	var set unix.FdSet
	set.Set(news)
	most := news
	var limit *unix.Timeval
	if k.taken() {
		set.Set(k.fd)
		most = max(most, k.fd)
	} else {
		t := unix.NsecToTimeval(int64(lookAgain))
		limit = &t
	}
	n, err := unix.Select(most+1, &set, nil, nil, limit)
	switch {
	case errors.Is(err, unix.EINTR):
		return false, false, nil
	case err != nil || n == 0:
		return false, false, err
	default:
		return set.IsSet(news), set.IsSet(k.fd), nil
	}
}

// heed does what a signal asks for. It gives false at the end.
func (k *keyboard) heed(news *os.File) bool {
	one := make([]byte, 1)
	if n, _ := news.Read(one); n == 0 {
		return false
	}
	sig := unix.Signal(one[0])
	switch {
	case sig == unix.SIGTSTP:
		k.giveBack(false)
		// A signal that was caught once never has its default effect again in Go, and this one has the same: it stops the process, and is
		// ignored where no shell could go on with it.
		_ = unix.Kill(unix.Getpid(), unix.SIGTTOU)
	case sig != unix.SIGCONT:
		k.giveBack(false)
		_ = unix.Kill(unix.Getpid(), sig)
	case inFront(k.fd):
		k.take()
	default:
		k.giveBack(false)
	}
	return true
}
