package main

// What the programs of a case share: a folder, a scheme with a short window, and how they are started and stopped.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// window is how old a signature may be for the targets and for whctl. It is short, so that jobs outlive it here.
const window = 10 * time.Second

const schemes = `schemes:
  short:
    content: "{timestamp}.{body}"
    signature: {header: X-Signature}
    timestamp: {header: X-Timestamp, tolerance: %d}
    event: {type: event_type, id: event_id}
    answer_timeout: 30
    retry: [1, 2, 4, 8, 16]
`

// world is where a case runs.
type world struct {
	options
	dir     string
	data    string // the folder of the journal
	out     io.Writer
	rand    *rand.Rand
	started []*process
	targets []*target
}

func newWorld(o options, dir string, out io.Writer) *world {
	return &world{options: o, dir: dir, data: filepath.Join(dir, "data"), out: out, rand: rand.New(rand.NewPCG(o.seed, 0))} //nolint:gosec // a seed is asked for
}

func (w *world) say(format string, args ...any) {
	_, _ = fmt.Fprintf(w.out, "  "+format+"\n", args...)
}

// between picks a time.
func (w *world) between(from, to time.Duration) time.Duration {
	return from + time.Duration(w.rand.Int64N(int64(to-from)))
}

// end stops what still runs.
func (w *world) end() {
	for _, p := range w.started {
		p.kill()
	}
	for _, t := range w.targets {
		t.close()
	}
}

func (w *world) env() []string {
	return []string{
		"HOME=" + w.dir, "XDG_CONFIG_HOME=" + w.dir, "WHCTL_DATA_DIR=" + w.data, "WHCTL_KEYRING=file", "WHCTL_CONFIG=" + w.file("config.yaml"),
		"PATH=" + os.Getenv("PATH"), "WHCTL_SCHEME=short",
	}
}

func (w *world) file(name string) string { return filepath.Join(w.dir, name) }

// whctl runs a command to its end, and returns what it printed.
func (w *world) whctl(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, w.options.whctl, args...)
	cmd.Env = w.env()
	var said bytes.Buffer
	cmd.Stderr = &said
	printed, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("whctl %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(said.Bytes()))
	}
	return strings.TrimSpace(string(printed)), err
}

// process is a program under way.
type process struct {
	cmd  *exec.Cmd
	name string
	log  string // what it says
	over chan struct{}
	err  error
}

// configure makes the scheme known.
func (w *world) configure() error {
	return os.WriteFile(w.file("config.yaml"), fmt.Appendf(nil, schemes, window/time.Second), 0o600)
}

// start runs whctl with its output in files. It waits until the program has written its address, and returns that.
func (w *world) start(ctx context.Context, name string, args ...string) (*process, string, error) {
	out, err := os.OpenFile(w.file(name+".out"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, "", err
	}
	p := &process{name: name, log: w.file(name + ".err"), over: make(chan struct{})}
	said, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, "", err
	}
	ready := w.file(name + ".ready")
	_ = os.Remove(ready)
	p.cmd = exec.Command(w.options.whctl, append(args, "--ready-file", ready)...) //nolint:noctx // it ends when the case says so
	// Through pipes: a limit for the files of the program must not be one for what it says.
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = w.env(), piped{out}, piped{said}
	if err := p.cmd.Start(); err != nil {
		return nil, "", err
	}
	w.started = append(w.started, p)
	go func() {
		p.err = errors.Join(p.cmd.Wait(), out.Close(), said.Close())
		close(p.over)
	}()
	addr := ""
	err = wait(ctx, 20*time.Second, name+" is ready", func() (bool, error) {
		select {
		case <-p.over:
			text, _ := os.ReadFile(p.log)
			return false, fmt.Errorf("%s ended: %w: %s", name, errors.Join(p.err), text)
		default:
		}
		text, err := os.ReadFile(ready)
		addr = strings.TrimSpace(string(text))
		return err == nil && addr != "", nil
	})
	return p, addr, err
}

// piped hides from os/exec that it writes to a file.
type piped struct{ io.Writer }

// kill ends the program at once, as a crash does.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.over
}

// stop asks the program to end, and says how it did.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.over:
		return p.err
	case <-time.After(20 * time.Second):
		p.kill()
		return fmt.Errorf("%s did not end when it was asked to", p.name)
	}
}

const (
	lookFirst = time.Millisecond // until a condition is looked at again, doubled each time
	lookEvery = 10 * time.Millisecond
)

// wait looks until a condition holds.
func wait(ctx context.Context, limit time.Duration, what string, holds func() (bool, error)) error {
	over := time.After(limit)
	for pause := lookFirst; ; pause = min(2*pause, 500*time.Millisecond) {
		ok, err := holds()
		if ok || err != nil {
			return err
		}
		select {
		case <-time.After(pause):
		case <-over:
			return fmt.Errorf("it did not come to this in %s: %s", limit, what)
		case <-ctx.Done():
			return fmt.Errorf("waiting for this: %s: %w", what, ctx.Err())
		}
	}
}

// pause lets time pass, as faults need it.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
