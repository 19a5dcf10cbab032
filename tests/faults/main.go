// Command faults shows that the queue of whctl listen --ack now loses nothing: whole programs on loopback, a sandbox that raises
// events, one or two listeners, and two targets that verify what they get and misbehave as a seed has it. It prints figures, and
// ends with 0 only if everything held. The case backlog makes a journal with any number of open jobs and older deliveries.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "faults:", err)
		os.Exit(1)
	}
}

// options are what the command line says.
type options struct {
	whctl  string
	seed   uint64
	events int
	jobs   int
	older  int
	kills  int
	only   string
	keep   bool
}

// cases are what is shown, in order.
func cases() []struct {
	name string
	run  func(context.Context, *world) error
} {
	return []struct {
		name string
		run  func(context.Context, *world) error
	}{{"kills", killed}, {"full", full}, {"pair", pair}, {"backlog", backlog}}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("faults", flag.ContinueOnError)
	flags.StringVar(&o.whctl, "whctl", os.Getenv("WHCTL"), "binary to test")
	flags.Uint64Var(&o.seed, "seed", 11, "seed of all faults")
	flags.IntVar(&o.events, "events", 5000, "events of the case kills")
	flags.IntVar(&o.jobs, "jobs", 100_000, "open jobs of the case backlog")
	flags.IntVar(&o.older, "deliveries", 0, "deliveries of the case backlog that are older and not owed")
	flags.IntVar(&o.kills, "kills", 10, "how often the case kills does it")
	flags.StringVar(&o.only, "case", "", "the one case to run: kills, full, pair or backlog (default: all)")
	flags.BoolVar(&o.keep, "keep", false, "leave the folder with journal and logs, and say where it is")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if o.whctl == "" {
		return errors.New("name the binary: --whctl FILE")
	}
	var err error
	if o.whctl, err = filepath.Abs(o.whctl); err != nil {
		return err
	}
	for _, c := range cases() {
		if o.only != "" && o.only != c.name {
			continue
		}
		if err := one(ctx, o, c.name, c.run, out); err != nil {
			return fmt.Errorf("%s (seed %d): %w", c.name, o.seed, err)
		}
	}
	return nil
}

// longest bounds a case.
const longest = 4 * time.Minute

// one runs a case in a folder of its own.
func one(ctx context.Context, o options, name string, f func(context.Context, *world) error, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	dir, err := os.MkdirTemp("", "whctl-faults-")
	if err != nil {
		return err
	}
	began := time.Now()
	w := newWorld(o, dir, out)
	err = f(ctx, w)
	w.end()
	if o.keep {
		w.say("journal and logs: %s", dir)
	} else {
		defer func() { _ = os.RemoveAll(dir) }()
	}
	if err == nil {
		_, err = fmt.Fprintf(out, "ok   %s, seed %d, %.0f s\n", name, o.seed, time.Since(began).Seconds())
	}
	return err
}
