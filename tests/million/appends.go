package main

// Whether appends to a journal of very many deliveries take longer than those to an empty one.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/whctl/whctl/internal/journal"
)

const (
	rounds     = 11
	perRound   = 20_000
	senders    = 64
	mostSlower = 1.1
)

// cost is what an append took.
type cost struct{ passed, worked time.Duration }

// measureAppends appends to both in turn, each time in a process of its own. It compares the rounds of each pair, and takes the middle
// pair: on a busy machine two rounds in a row are slowed alike. Processor time is what others slow least.
func measureAppends(ctx context.Context, full string) (err error) {
	dir, err := os.MkdirTemp(filepath.Dir(full), "appends-")
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, os.RemoveAll(dir)) }()
	large := filepath.Join(dir, "large", "journal.db")
	if err := copyFile(full, large); err != nil {
		return err
	}
	var passed, worked [3][]float64 // in µs into the empty one, in µs into the large one, and how they compare
	for round := range rounds {
		var costs [2]cost
		for i, path := range []string{filepath.Join(dir, fmt.Sprint("empty", round), "journal.db"), large} {
			if costs[i], err = inProcess(ctx, path); err != nil {
				return err
			}
		}
		if round > 0 { // the first one fills caches
			passed, worked = paired(passed, costs[0].passed, costs[1].passed), paired(worked, costs[0].worked, costs[1].worked)
		}
	}
	slower := say("in all", passed)
	if slower = max(slower, say("of the processor", worked)); slower > mostSlower {
		return fmt.Errorf("appends are too slow: %.2f times those to an empty journal, at most %.1f", slower, mostSlower)
	}
	return nil
}

// paired adds a pair.
func paired(to [3][]float64, empty, large time.Duration) [3][]float64 {
	for i, v := range []float64{micros(empty), micros(large), large.Seconds() / empty.Seconds()} {
		to[i] = append(to[i], v)
	}
	return to
}

func micros(all time.Duration) float64 { return all.Seconds() * 1e6 / perRound }

// say prints the middle of each and gives how the pairs compare.
func say(what string, of [3][]float64) float64 {
	for _, list := range of {
		slices.Sort(list)
	}
	middle := len(of[0]) / 2
	_, _ = fmt.Fprintf(os.Stdout, "a delivery and its attempts, µs %s: %.0f into an empty journal, %.0f into the large one, %.2f times (at most %.1f; pairs from %.2f to %.2f)\n",
		what, of[0][middle], of[1][middle], of[2][middle], mostSlower, of[2][0], of[2][len(of[2])-1])
	return of[2][middle]
}

// inProcess has a process of its own do a round.
func inProcess(ctx context.Context, path string) (cost, error) {
	me, err := os.Executable()
	if err != nil {
		return cost{}, err
	}
	c := exec.CommandContext(ctx, me, "-round", path)
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		return cost{}, fmt.Errorf("a round: %w", err)
	}
	passed, err := time.ParseDuration(string(out))
	return cost{passed, c.ProcessState.UserTime() + c.ProcessState.SystemTime()}, err
}

// appendRound appends deliveries, each with the attempts that settle its jobs, and prints how long that took.
func appendRound(ctx context.Context, path string) (err error) {
	j, err := journal.Open(ctx, path, journal.Options{MaxBytes: -1, MaxAge: -1})
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, j.Close()) }()
	p := plan{n: perRound, seed: rand.Uint64(), from: time.Now()} //nolint:gosec // nothing is secret here
	var next atomic.Int64
	var group sync.WaitGroup
	errs := make([]error, senders)
	began := time.Now()
	for i := range errs {
		group.Go(func() {
			for errs[i] == nil {
				n := int(next.Add(1)) - 1
				if n >= perRound {
					return
				}
				errs[i] = p.record(ctx, j, n)
			}
		})
	}
	group.Wait()
	_, _ = fmt.Fprint(os.Stdout, time.Since(began))
	return errors.Join(errs...)
}

func copyFile(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return cmp.Or(err, out.Sync(), out.Close())
}
