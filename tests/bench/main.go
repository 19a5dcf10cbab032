// Command bench measures whctl beside its peers, as a user meets them: whole programs on loopback, under the same load, in
// turn. "make bench" runs it. It is no test: it takes minutes, and its figures are those of the machine.
//
// It needs Linux, which says in /proc what a process has used.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are what the command line says.
type options struct {
	whctl  string
	cache  string
	rounds int
	length time.Duration
	only   string
}

func run(ctx context.Context, args []string, out, talk io.Writer) error {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(talk)
	flags.StringVar(&o.whctl, "whctl", "", "binary to measure (default: the one of this checkout, built now)")
	flags.StringVar(&o.cache, "cache", ".bin/bench", "folder where the built peers are kept")
	flags.IntVar(&o.rounds, "rounds", 8, "rounds of each case")
	flags.DurationVar(&o.length, "for", 2*time.Second, "length of a round for each program")
	flags.StringVar(&o.only, "case", "", "cases to run, comma separated (default: all)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "whctl-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	s := &stage{work: work, talk: talk}
	if s.bin, err = gather(ctx, o, talk); err != nil {
		return err
	}
	if err := s.describe(ctx, out); err != nil {
		return err
	}
	up, err := s.upstream(ctx)
	if err != nil {
		return err
	}
	defer up.stop()
	for _, c := range measurements() {
		if o.only != "" && !strings.Contains(","+o.only+",", ","+c.name+",") {
			continue
		}
		if err := c.run(ctx, s, o, out); err != nil {
			return fmt.Errorf("case %s: %w", c.name, err)
		}
	}
	return nil
}
