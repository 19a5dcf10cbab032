package main

// Whether appends to a journal of very many deliveries take longer than those to an empty one.

import (
	"bufio"
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
	groups     = 8     // each with an empty journal of its own
	turns      = 12    // of both journals in a group, the first of which fills caches
	perTurn    = 2_500 // deliveries
	senders    = 64
	mostSlower = 1.1
)

// cost is what turns took: in all, and of the processor with the opening of the journal.
type cost struct{ passed, worked time.Duration }

func (c *cost) add(more cost) { c.passed, c.worked = c.passed+more.passed, c.worked+more.worked }

// measureAppends appends to both by turns, each in a process of its own, and compares what all turns took. The turns are short, so that
// whatever else the machine does slows both alike.
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
	var empty, filled cost
	var ratios []float64
	for group := range groups {
		toEmpty, toFilled, err := measureGroup(ctx, rand.Uint64(), //nolint:gosec // nothing is secret here
			filepath.Join(dir, fmt.Sprint("empty", group), "journal.db"), large)
		if err != nil {
			return err
		}
		empty.add(toEmpty)
		filled.add(toFilled)
		ratios = append(ratios, toFilled.passed.Seconds()/toEmpty.passed.Seconds())
	}
	slices.Sort(ratios)
	slower := filled.passed.Seconds() / empty.passed.Seconds()
	_, _ = fmt.Fprintf(os.Stdout, "a delivery and its attempts: %.0f µs into an empty journal, %.0f into the large one, %.2f times (at most %.1f; groups from %.2f to %.2f)\n",
		micros(empty.passed, turns-1), micros(filled.passed, turns-1), slower, mostSlower, ratios[0], ratios[len(ratios)-1])
	_, _ = fmt.Fprintf(os.Stdout, "of the processor, with opening: %.0f µs and %.0f, %.2f times\n",
		micros(empty.worked, turns), micros(filled.worked, turns), filled.worked.Seconds()/empty.worked.Seconds())
	if slower > mostSlower {
		return fmt.Errorf("appends are too slow: %.2f times those to an empty journal, at most %.1f", slower, mostSlower)
	}
	return nil
}

// micros is how long one delivery took in so many turns of all groups.
func micros(all time.Duration, turns int) float64 {
	return all.Seconds() * 1e6 / float64(groups*turns*perTurn)
}

// measureGroup lets two processes append the same deliveries by turns.
func measureGroup(ctx context.Context, seed uint64, empty, filled string) (toEmpty, toFilled cost, err error) {
	var both [2]*appender
	for i, path := range []string{empty, filled} {
		if both[i], err = startAppender(ctx, seed, path); err != nil {
			return cost{}, cost{}, err
		}
	}
	for turn := range turns {
		for i := range both {
			// Who is first changes, as the second one writes while the first one's pages still go to the disk.
			if err := both[(i+turn)%2].turn(turn > 0); err != nil {
				return cost{}, cost{}, err
			}
		}
	}
	err = errors.Join(both[0].end(), both[1].end())
	return both[0].cost, both[1].cost, err
}

// appender is a process that appends to a journal when it is told to.
type appender struct {
	cost

	c    *exec.Cmd
	tell io.WriteCloser
	told *bufio.Reader
}

func startAppender(ctx context.Context, seed uint64, path string) (*appender, error) {
	me, err := os.Executable()
	if err != nil {
		return nil, err
	}
	a := &appender{c: exec.CommandContext(ctx, me, "-append", path, "-seed", fmt.Sprint(seed))}
	a.c.Stderr = os.Stderr
	if a.tell, err = a.c.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := a.c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	a.told = bufio.NewReader(out)
	return a, a.c.Start()
}

// turn has it append once, which may count.
func (a *appender) turn(counts bool) error {
	if _, err := io.WriteString(a.tell, "\n"); err != nil {
		return err
	}
	line, err := a.told.ReadString('\n')
	if err != nil {
		return fmt.Errorf("an appender ended: %w", err)
	}
	passed, err := time.ParseDuration(line[:len(line)-1])
	if counts {
		a.passed += passed
	}
	return err
}

// end lets it close its journal.
func (a *appender) end() error {
	_ = a.tell.Close()
	err := a.c.Wait()
	a.worked = a.c.ProcessState.UserTime() + a.c.ProcessState.SystemTime()
	return err
}

// appendTurns appends deliveries, each with the attempts that settle its jobs, for each line that it is told, and prints how long that took.
func appendTurns(ctx context.Context, path string, seed uint64, told io.Reader) (err error) {
	j, err := journal.Open(ctx, path, journal.Options{MaxBytes: -1, MaxAge: -1})
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, j.Close()) }()
	p := plan{n: turns * perTurn, seed: seed, from: time.Now()}
	lines := bufio.NewScanner(told)
	for from := 0; lines.Scan(); from += perTurn {
		began := time.Now()
		if err := p.appendMany(ctx, j, from, from+perTurn); err != nil {
			return err
		}
		_, _ = fmt.Fprintln(os.Stdout, time.Since(began))
	}
	return lines.Err()
}

// appendMany appends the deliveries from one to before another, many at once.
func (p plan) appendMany(ctx context.Context, j *journal.Journal, from, to int) error {
	var next atomic.Int64
	var group sync.WaitGroup
	errs := make([]error, senders)
	for i := range errs {
		group.Go(func() {
			for errs[i] == nil {
				n := from + int(next.Add(1)) - 1
				if n >= to {
					return
				}
				errs[i] = p.record(ctx, j, n)
			}
		})
	}
	group.Wait()
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
