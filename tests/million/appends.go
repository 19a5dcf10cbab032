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
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/whctl/whctl/internal/journal"
)

const (
	rounds     = 7
	perRound   = 20_000
	senders    = 64
	mostSlower = 1.1
)

// measureAppends appends to both in turn, and compares the middle rounds.
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
	var rates [2][]float64
	for round := range rounds {
		for i, path := range []string{filepath.Join(dir, fmt.Sprint("empty", round), "journal.db"), large} {
			rate, err := appendRound(ctx, path)
			if err != nil {
				return err
			}
			rates[i] = append(rates[i], rate)
		}
	}
	var middle [2]float64
	for i := range rates {
		slices.Sort(rates[i])
		middle[i] = rates[i][rounds/2]
	}
	slower := middle[0] / middle[1]
	_, _ = fmt.Fprintf(os.Stdout, "appends a second, delivery and attempt: %.0f into an empty journal, %.0f into %s: %.2f times slower (at most %.1f)\n",
		middle[0], middle[1], full, slower, mostSlower)
	if slower > mostSlower {
		return errors.New("appends are too slow")
	}
	return nil
}

// appendRound gives the rate of deliveries, each with the attempt that settles its job.
func appendRound(ctx context.Context, path string) (rate float64, err error) {
	j, err := journal.Open(ctx, path, journal.Options{MaxBytes: -1, MaxAge: -1})
	if err != nil {
		return 0, err
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
	return perRound / time.Since(began).Seconds(), errors.Join(errs...)
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
