// Package main makes a journal of very many deliveries, as a listener would have recorded them over a month.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/whctl/whctl/internal/journal"
)

const (
	period  = 28 * 24 * time.Hour // over which they came
	writers = 512
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	out := flag.String("o", "", "the `file` to make; it must not be there")
	n := flag.Int("n", 1_000_000, "how `many` deliveries")
	open := flag.Int("open", 0, "how `many` of the newest are still owed to a target that does not answer")
	seed := flag.Uint64("seed", 1, "what the deliveries are drawn with")
	appends := flag.String("appends", "", "measure appends to this `journal`, of which copies are made, beside those to an empty one")
	into := flag.String("append", "", "append some deliveries to this `journal` for each line of standard input, and print how long that took")
	read := flag.String("lists", "", "measure lists with filters of this `journal`")
	whctl := flag.String("whctl", "whctl", "the `program` that lists them")
	flag.Parse()
	began := time.Now()
	err := errors.New("name the file: -o FILE")
	switch {
	case *appends != "":
		err = measureAppends(ctx, *appends)
	case *into != "":
		err = appendTurns(ctx, *into, *seed, os.Stdin)
	case *read != "":
		err = measureLists(ctx, *whctl, *read)
	case *out != "":
		if err = run(ctx, *out, plan{n: *n, open: *open, seed: *seed, from: began.Add(-period)}); err == nil {
			_, _ = fmt.Fprintf(os.Stdout, "%d deliveries in %.0f s\n", *n, time.Since(began).Seconds())
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		stop()
		os.Exit(1)
	}
}

// run makes the file.
func run(ctx context.Context, path string, p plan) error {
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("%s is there already", path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	var newest atomic.Int64 // the delivery that came last; the journal's clock goes by it
	j, err := journal.Open(ctx, path, journal.Options{
		Now: func() time.Time { return p.at(int(newest.Load())) }, MaxBytes: -1, MaxAge: -1,
	})
	if err != nil {
		return err
	}
	return cmp.Or(p.fill(ctx, j, &newest), j.Close())
}

// fill records all deliveries, many at once so that they share commits.
func (p plan) fill(ctx context.Context, j *journal.Journal, newest *atomic.Int64) error {
	var group sync.WaitGroup
	var failed atomic.Pointer[error]
	for range writers {
		group.Go(func() {
			for failed.Load() == nil {
				i := int(newest.Add(1)) - 1
				if i >= p.n {
					return
				}
				if i > 0 && i%100_000 == 0 {
					fmt.Fprintln(os.Stderr, i)
				}
				if err := p.record(ctx, j, i); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	group.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}
