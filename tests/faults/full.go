package main

// The case of a disk that is full for a while.

import (
	"context"
	"fmt"
	"time"
)

func full(ctx context.Context, w *world) error {
	d, err := w.disk()
	if err != nil {
		return err
	}
	defer d.close()
	p, l, err := w.usual(ctx)
	if err != nil {
		return err
	}
	const before, during, after = 400, 100, 200
	if err := p.raise(ctx, "test.event", before); err != nil {
		return err
	}
	err = wait(ctx, 30*time.Second, "a quarter of the events has arrived", func() (bool, error) { return w.targets[0].reached() >= before/4, nil })
	if err != nil {
		return err
	}
	if err := d.fill(l.cmd.Process.Pid); err != nil {
		return err
	}
	if err := p.raise(ctx, "test.event", during); err != nil {
		return err
	}
	if err := l.tells(ctx, "storage_lost"); err != nil {
		return err
	}
	pause(ctx, w.between(2*time.Second, 5*time.Second))
	if err := d.clear(l.cmd.Process.Pid); err != nil {
		return err
	}
	if err := p.raise(ctx, "test.event", after); err != nil {
		return err
	}
	if err := l.tells(ctx, "storage_recovered"); err != nil {
		return err
	}
	if err := w.finish(ctx, p, 0, l); err != nil {
		return err
	}
	n, err := l.told()
	if err != nil {
		return err
	}
	// A small delivery may still find room where a larger one found none, so that the state changes more than once. It never changes
	// with each delivery.
	lost, recovered := n["statestorage_lost"], n["statestorage_recovered"]
	w.say("told of it %d times, and of its end %d times", lost, recovered)
	if lost != recovered || lost > 3 || n["error"] > 0 {
		err = fmt.Errorf("the listener told of it %d times, of its end %d times, and %d errors", lost, recovered, n["error"])
	}
	return err
}

// tells waits for a state on the stream.
func (l *listener) tells(ctx context.Context, state string) error {
	return wait(ctx, 30*time.Second, l.name+" says "+state, func() (bool, error) {
		n, err := l.told()
		return n["state"+state] > 0, err
	})
}
