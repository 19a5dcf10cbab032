package main

// The sandbox: it raises events, and tries again where it is not answered 2xx.

import (
	"context"
	"encoding/json"
	"os"
	"strconv"
	"time"
)

// platform is a sandbox that runs.
type platform struct {
	w   *world
	url string
	ids []string // of the events, in the order in which they were raised
}

// begin starts the sandbox.
func (w *world) begin(ctx context.Context) (*platform, error) {
	if err := w.configure(); err != nil {
		return nil, err
	}
	_, addr, err := w.start(ctx, "sandbox", "sandbox", "--addr", "127.0.0.1:0", "--scheme", "short", "--seed", strconv.FormatUint(w.seed, 10), "-o", "json")
	return &platform{w: w, url: "http://" + addr}, err
}

func (p *platform) whctl(ctx context.Context, args ...string) (string, error) {
	return p.w.whctl(ctx, append([]string{"--profile", "sandbox", "--api-url", p.url}, args...)...)
}

// register makes a webhook for some event types, puts its key into a file, and lets the targets verify with it.
func (p *platform) register(ctx context.Context, name, url, types string) (keyFile string, err error) {
	key, err := p.whctl(ctx, "webhooks", "create", "--name", name, "--url", url, "--events", types, "--active", "--key-only", "--no-save")
	if err != nil {
		return "", err
	}
	for _, t := range p.w.targets {
		t.keys = append(t.keys, []byte(key))
	}
	keyFile = p.w.file(name + ".key")
	return keyFile, os.WriteFile(keyFile, []byte(key), 0o600)
}

// raise raises events of a type.
func (p *platform) raise(ctx context.Context, typ string, n int) error {
	text, err := p.whctl(ctx, "sandbox", "trigger", typ, "--count", strconv.Itoa(n), "-o", "json")
	if err != nil {
		return err
	}
	var raised struct{ Events []struct{ EventID string } }
	if err := json.Unmarshal([]byte(text), &raised); err != nil {
		return err
	}
	for _, e := range raised.Events {
		p.ids = append(p.ids, e.EventID)
	}
	return nil
}

// acknowledged waits until every event was answered 2xx. Those that the sandbox gave up are tried again.
func (p *platform) acknowledged(ctx context.Context) error {
	return wait(ctx, 2*time.Minute, "the sandbox has an answer for every event", func() (bool, error) {
		text, err := p.whctl(ctx, "sandbox", "status", "-o", "json")
		if err != nil {
			return false, err
		}
		var status struct{ Events map[string]int }
		if err := json.Unmarshal([]byte(text), &status); err != nil {
			return false, err
		}
		if status.Events["failed"] > 0 && status.Events["pending"]+status.Events["processing"] == 0 {
			_, err = p.whctl(ctx, "events", "retry", "--all-failed", "--yes")
		}
		return status.Events["completed"] == len(p.ids), err
	})
}
