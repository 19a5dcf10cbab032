package main

// The case of two listeners on one journal. The one that sends is killed, the other goes on, and the first comes back.

import (
	"context"
	"time"
)

func pair(ctx context.Context, w *world) error {
	p, first, second, err := w.two(ctx)
	if err != nil {
		return err
	}
	const rounds, events = 8, 30
	for i := range rounds {
		for _, name := range []string{"first", "second", "first", "second"} {
			if err := p.raise(ctx, "test."+name, events); err != nil {
				return err
			}
		}
		switch i {
		case 2:
			first.kill()
		case 5:
			if err := first.start(ctx); err != nil {
				return err
			}
		}
		pause(ctx, w.between(100*time.Millisecond, time.Second))
	}
	return w.finish(ctx, p, 1, second, first)
}

// two starts two listeners. Each is given events of its own type, and knows the keys of both.
func (w *world) two(ctx context.Context) (p *platform, first, second *listener, err error) {
	if p, err = w.platform(ctx); err != nil {
		return nil, nil, nil, err
	}
	var addrs, keys []string
	for _, name := range []string{"first", "second"} {
		addr, err := freeAddr(ctx)
		if err != nil {
			return nil, nil, nil, err
		}
		key, err := p.register(ctx, name, "http://"+addr+"/", "test."+name)
		if err != nil {
			return nil, nil, nil, err
		}
		addrs, keys = append(addrs, addr), append(keys, key)
	}
	first, second = w.listen("first", addrs[0], keys...), w.listen("second", addrs[1], keys...)
	if err = first.start(ctx); err == nil {
		err = second.start(ctx)
	}
	return p, first, second, err
}
