package main

// The listener under test, and what a case begins and ends with.

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
)

// listener is a listener that can be started again.
type listener struct {
	w    *world
	name string
	addr string // where it listens
	args []string
	*process
}

// listen prepares a listener that hands on to all targets.
func (w *world) listen(name, addr string, keyFiles ...string) *listener {
	args := []string{"listen", "--addr", addr, "--ack", "now", "--timeout", "1s", "-o", "json"}
	for _, f := range keyFiles {
		args = append(args, "--secret-file", f)
	}
	for _, t := range w.targets {
		args = append(args, "--forward", t.name+"=http://"+t.addr)
	}
	return &listener{w: w, name: name, args: args}
}

func (l *listener) start(ctx context.Context) (err error) {
	l.process, l.addr, err = l.w.start(ctx, l.name, l.args...)
	return err
}

// told counts the lines of the stream by their type, and those of states by their state.
func (l *listener) told() (map[string]int, error) {
	text, err := os.ReadFile(l.w.file(l.name + ".out"))
	n := map[string]int{}
	for line := range bytes.Lines(text) {
		var e struct{ Type, State string }
		if json.Unmarshal(line, &e) == nil { // the last one may not be whole
			n[e.Type+e.State]++
		}
	}
	return n, err
}

// platform starts two targets and a sandbox.
func (w *world) platform(ctx context.Context) (*platform, error) {
	for _, name := range []string{"one", "two"} {
		t, err := w.target(ctx, name)
		if err == nil {
			err = t.open(ctx)
		}
		if err != nil {
			return nil, err
		}
	}
	return w.begin(ctx)
}

// usual is what most cases begin with: targets, sandbox, and a listener that is given all events.
func (w *world) usual(ctx context.Context) (*platform, *listener, error) {
	p, err := w.platform(ctx)
	if err != nil {
		return nil, nil, err
	}
	addr, err := freeAddr(ctx)
	if err != nil {
		return nil, nil, err
	}
	key, err := p.register(ctx, "first", "http://"+addr+"/", "*")
	if err != nil {
		return nil, nil, err
	}
	l := w.listen("first", addr, key)
	return p, l, l.start(ctx)
}

// freeAddr is an address on loopback that nothing listens on.
func freeAddr(ctx context.Context) (string, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}

// finish waits until everything has arrived, ends the listeners, and compares. Dead letters are sent again.
func (w *world) finish(ctx context.Context, p *platform, kills int, listeners ...*listener) error {
	if err := p.acknowledged(ctx); err != nil {
		return err
	}
	if err := w.drained(ctx); err != nil {
		return err
	}
	if err := w.revive(ctx, kills); err != nil {
		return err
	}
	for _, l := range listeners {
		if err := l.stop(); err != nil {
			return fmt.Errorf("the end of listener %s: %w", l.name, err)
		}
	}
	b, err := w.read(ctx)
	if err != nil {
		return err
	}
	return w.check(p, b, kills)
}

// revive has the dead letters sent again, beside the listeners. Each answer 302 makes one, save where a kill came before its record.
func (w *world) revive(ctx context.Context, kills int) error {
	b, err := w.read(ctx)
	if err != nil {
		return err
	}
	dead := 0
	for _, t := range w.targets {
		n, refused := b.dead(t.name), t.count(moved)
		if n > refused || n < refused-kills {
			return fmt.Errorf("%s has %d dead letters, and gave %d answers 302", t.name, n, refused)
		}
		dead += n
	}
	if dead > 0 {
		said, err := w.whctl(ctx, "queue", "retry", "--dead")
		if err != nil {
			return err
		}
		w.say("whctl queue retry --dead: %s", said)
	}
	return w.drained(ctx)
}
