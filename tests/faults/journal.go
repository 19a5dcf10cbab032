package main

// What the journal says of the same run.

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
)

// books are the deliveries of a journal with the attempts at one target, oldest first.
type books struct {
	deliveries []record.Delivery
	event      map[string]string           // by delivery
	attempts   map[string][]record.Attempt // by target
	jobs       map[string][]record.Job
}

func (w *world) openJournal(ctx context.Context) (*journal.Journal, error) {
	return journal.Open(ctx, filepath.Join(w.data, "journal.db"), journal.Options{ReadOnly: true})
}

// read reads the journal.
func (w *world) read(ctx context.Context) (*books, error) {
	j, err := w.openJournal(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = j.Close() }()
	b := &books{event: map[string]string{}, attempts: map[string][]record.Attempt{}, jobs: map[string][]record.Job{}}
	if b.deliveries, err = j.List(ctx, journal.Filter{}); err != nil {
		return nil, err
	}
	slices.Reverse(b.deliveries)
	for _, d := range b.deliveries {
		b.event[d.ID] = d.EventID
		tried, err := j.Attempts(ctx, d.ID)
		if err != nil {
			return nil, err
		}
		for _, a := range tried {
			b.attempts[a.Target] = append(b.attempts[a.Target], a)
		}
	}
	for _, list := range b.attempts {
		slices.SortFunc(list, func(a, b record.Attempt) int { return strings.Compare(a.ID, b.ID) })
	}
	jobs, err := j.Jobs(ctx, journal.JobFilter{})
	for _, job := range jobs {
		b.jobs[job.Target] = append(b.jobs[job.Target], job)
	}
	return b, err
}

// dead is how many dead letters a target has. All of them were refused.
func (b *books) dead(name string) (n int) {
	for _, job := range b.jobs[name] {
		if job.State == record.JobDead && job.Reason == record.ReasonRefused {
			n++
		}
	}
	return n
}

// drained waits until no job is open.
func (w *world) drained(ctx context.Context) error {
	j, err := w.openJournal(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }()
	return wait(ctx, 3*time.Minute, "no job is open", func() (bool, error) {
		lanes, err := j.Lanes(ctx, "")
		open := 0
		for _, l := range lanes {
			open += l.Open
		}
		return open == 0, err
	})
}
