package main

// The case of a listener that is killed again and again, between a sandbox and two targets that misbehave.

import (
	"context"
	"time"
)

func killed(ctx context.Context, w *world) error {
	p, l, err := w.usual(ctx)
	if err != nil {
		return err
	}
	for _, t := range w.targets {
		w.misbehave(t, w.events)
	}
	for i := range w.kills {
		n := w.events / w.kills
		if i == 0 {
			n += w.events % w.kills
		}
		if err := p.raise(ctx, "test.event", n); err != nil {
			return err
		}
		pause(ctx, w.between(10*time.Millisecond, time.Second))
		l.kill()
		pause(ctx, w.between(0, 500*time.Millisecond))
		if err := l.start(ctx); err != nil {
			return err
		}
		pause(ctx, w.between(time.Second, 3*time.Second))
	}
	return w.finish(ctx, p, w.kills, l)
}
