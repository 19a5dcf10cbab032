package queue

// whctl queue list --follow: the jobs that are there, then each that is new or has another state.

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

const (
	followEvery = 500 * time.Millisecond // how often the journal is looked at, at most
	followShare = 10                     // a look takes this part of the time at most
)

// follower shows jobs.
type follower struct {
	*listOptions
	out render.Output
}

// follow shows jobs until it is interrupted. When the journal's file is replaced, it goes on with the new one.
func (o *listOptions) follow(ctx context.Context, out render.Output, f journal.JobFilter) error {
	if err := out.CheckStream(); err != nil {
		return err
	}
	w := &follower{o, out}
	for {
		if err := w.file(ctx, f); !errors.Is(err, journal.ErrReplaced) {
			return err
		}
		if err := cmdkit.Wait(ctx, followEvery); err != nil {
			return err
		}
	}
}

// file shows the newest jobs of a file, and then what changes in it.
func (w *follower) file(ctx context.Context, f journal.JobFilter) error {
	j, err := open(ctx, w.env)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }()
	if w.target != "" {
		if f.Target, err = laneName(ctx, j, f.Profile, w.target); err != nil {
			return err
		}
	}
	watch := j.WatchJobs(f)
	defer func() { _ = watch.Close() }()
	for most := w.limit; ; most = 0 {
		started := time.Now()
		if err := watch.Look(ctx, most, w.show); err != nil {
			return err
		}
		if err := cmdkit.Wait(ctx, max(followEvery, time.Since(started)*(followShare-1))); err != nil {
			return err
		}
	}
}

// laneName gives the target that a text stands for. A journal of an earlier whctl has no lanes.
func laneName(ctx context.Context, j *journal.Journal, profile, text string) (string, error) {
	has, err := j.HasQueue(ctx)
	if err != nil || !has {
		return cmdkit.LaneName(text, nil), err
	}
	lanes, err := j.Lanes(ctx, profile)
	return cmdkit.LaneName(text, lanes), err
}

func (w *follower) show(l *journal.ListedJob) error {
	now := w.env.Now()
	return w.out.Value(w.env.IO, render.JobJSON(l.Job, now), func() error {
		text := fmt.Sprintf("%s  %-11s  %s  %s  %s  %s", now.Local().Format("15:04:05.000"), l.State, l.ID(), l.EventType, render.ShortTarget(l.Target), fault.Plural(l.Tries, "try"))
		if l.State == record.JobWaiting {
			text += ", due " + due(now, l)
		}
		text = term.Clean(text)
		if width := w.env.IO.Width(); width > 0 {
			text = term.Cut(text, width)
		}
		return render.Text(w.env.IO, paint(w.env.IO.Style(), l.State)(text)+"\n")
	})
}
