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
	// A closed pipe becomes an error of the write, not the end of the process. Ignoring the signal would do that
	// too, but children would inherit it.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	// net/http writes what peers do wrong to the standard logger, with pieces of what they sent. What matters of it comes
	// back as errors.
	log.SetOutput(io.Discard)
	interrupts := make(chan os.Signal, 2)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	force := make(chan struct{})
	go func() {
		<-interrupts
		cancel()
		<-interrupts
		close(force)
		<-interrupts
		os.Exit(130) // whatever hangs, a third ^C ends it
	}()
	dir, _ := os.Getwd()
	return cli.Run(ctx, cli.Options{
		Args: os.Args[1:], Version: version, Getenv: os.Getenv,
		Now: time.Now, Rand: rand.Reader, Dir: dir, UID: os.Getuid(), Force: force,
	})
}
