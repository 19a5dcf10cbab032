// Command whctl works with webhooks: it receives, verifies, explains, signs, sends and manages them.
package main

import (
	"context"
	"crypto/rand"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/whctl/whctl/internal/cli"
)

// version is set by release builds with -ldflags "-X main.version=…".
var version = "dev"

func main() { os.Exit(run()) }

func run() int {
	// A closed pipe is an error of the write, not the end of the process.
	signal.Ignore(syscall.SIGPIPE)
	// net/http writes what peers do wrong to the standard logger, with pieces of what they sent. What matters of it comes
	// back as errors.
	log.SetOutput(io.Discard)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	force := make(chan struct{})
	dir, _ := os.Getwd()
	return cli.Run(ctx, cli.Options{
		Args: os.Args[1:], Version: version, Getenv: os.Getenv,
		Now: time.Now, Rand: rand.Reader, Dir: dir, UID: os.Getuid(), Force: force,
		CatchInterrupts: func(came, last func()) { catch(came, cancel, last, force) }, Exit: os.Exit,
	})
}

// catch makes the first interrupt call stop and the second close force; whatever hangs then, the third ends. came is called before. A terminal
// that closes is a first interrupt, unless it was to be ignored (nohup). It is no second one: the shell and the kernel
// may both tell of it, and nobody asked for haste. last is called before the third ends the process.
func catch(came, stop, last func(), force chan<- struct{}) {
	// From here on, not ignored but caught: children, which inherit what is ignored, shall have a closed pipe end them.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	interrupts := make(chan os.Signal, 2)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	hangups := make(chan os.Signal, 1)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(hangups, syscall.SIGHUP)
	}
	go func() {
		select {
		case <-interrupts:
		case <-hangups:
		}
		soon(came)
		stop()
		<-interrupts
		soon(came)
		close(force)
		<-interrupts
		last()
		os.Exit(130)
	}()
}

// soon calls f, and waits for it only for a moment: a terminal that is held takes no output.
func soon(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(100 * time.Millisecond):
	}
}
