package queue

// whctl queue list --follow: the jobs that are there, then each that is new or has another state.

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

// followEvery is how often the journal is looked at.
const followEvery = 500 * time.Millisecond

// follower knows the jobs that were shown, by their ids.
type follower struct {
	*listOptions
	out   render.Output
	known map[string]journal.ListedJob
}

// follow shows jobs until it is interrupted. It begins with the newest.
func (o *listOptions) follow(ctx context.Context, out render.Output, f journal.JobFilter) error {
	if err := out.CheckStream(); err != nil {
		return err
	}
	w := &follower{o, out, map[string]journal.ListedJob{}}
	for first := true; ; first = false {
		if err := w.look(ctx, f, first); err != nil {
			return err
		}
		if err := cmdkit.Wait(ctx, followEvery); err != nil {
			return err
		}
	}
}

// look shows what has changed, oldest first. The journal is opened anew, as its file may be another one by now.
func (w *follower) look(ctx context.Context, f journal.JobFilter, first bool) error {
	j, err := open(ctx, w.env)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }()
	if has, err := j.HasQueue(ctx); err != nil || !has {
		return err
	}
	if w.target != "" {
		lanes, err := j.Lanes(ctx, f.Profile)
		if err != nil {
			return err
		}
		f.Target = cmdkit.LaneName(w.target, lanes)
	}
	f.Limit = 0
	gone, changed := maps.Clone(w.known), []journal.ListedJob(nil)
	err = j.EachJob(ctx, f, func(l *journal.ListedJob) error {
		was, known := w.known[l.ID()]
		delete(gone, l.ID())
		w.known[l.ID()] = *l
		if !known || was.State != l.State || was.Tries != l.Tries {
			changed = append(changed, *l)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if first && w.limit > 0 {
		changed = changed[:min(len(changed), w.limit)]
	}
	for _, l := range slices.Backward(changed) {
		if err := w.show(l); err != nil {
			return err
		}
	}
	return w.left(ctx, j, gone)
}

// left shows the jobs that are no longer in one of the states that are listed.
func (w *follower) left(ctx context.Context, j *journal.Journal, gone map[string]journal.ListedJob) error {
	for _, id := range slices.Sorted(maps.Keys(gone)) {
		l := gone[id]
		delete(w.known, id)
		now, err := j.Jobs(ctx, journal.JobFilter{Delivery: l.DeliveryID, Place: l.Place + 1})
		if err != nil {
			return err
		}
		if len(now) == 0 { // the journal dropped its delivery
			continue
		}
		l.Job = now[0]
		if err := w.show(l); err != nil {
			return err
		}
	}
	return nil
}

func (w *follower) show(l journal.ListedJob) error {
	now := w.env.Now()
	return w.out.Value(w.env.IO, render.JobJSON(l.Job, now), func() error {
		text := fmt.Sprintf("%s  %-11s  %s  %s  %s  %s", now.Local().Format("15:04:05.000"), l.State, l.ID(), l.EventType, render.ShortTarget(l.Target), cmdkit.Plural(l.Tries, "try"))
		if l.State == record.JobWaiting {
			text += ", due " + due(now, &l)
		}
		text = term.Clean(text)
		if width := w.env.IO.Width(); width > 0 {
			text = term.Cut(text, width)
		}
		return render.Text(w.env.IO, paint(w.env.IO.Style(), l.State)(text)+"\n")
	})
}
