package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// buffer collects a child's output while it runs.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// object is one line of a JSON stream.
type object map[string]any

func (o object) str(key string) string { s, _ := o[key].(string); return s }

func (o object) num(key string) int { n, _ := o[key].(float64); return int(n) }

func (o object) sub(key string) object { m, _ := o[key].(map[string]any); return m }

// process is a running child whose standard output is a JSON stream.
type process struct {
	t     testing.TB
	cmd   *exec.Cmd
	out   *buffer
	errs  *buffer
	lines chan object
	done  chan struct{} // closed once the child has ended and all it wrote was read
	ready object
	addr  string

	dropped int // lines that the stream says it left out
}

// start starts a command with -o json and a ready file, and waits until its socket is open.
func (w *world) start(args ...string) *process {
	w.t.Helper()
	readyFile := filepath.Join(w.t.TempDir(), "ready")
	p := w.spawn(append(args, "-o", "json", "--ready-file", readyFile)...)
	p.ready = p.await("ready")
	p.addr = p.ready.str("addr")
	content := waitFile(w.t, readyFile)
	if p.addr == "" || content != p.addr+"\n" {
		w.t.Fatalf("ready line says %q, ready file %q", p.addr, content)
	}
	return p
}

// listen starts a listener on a free port that verifies with the test key unless args say otherwise.
func (w *world) listen(args ...string) *process {
	w.t.Helper()
	given := func(a string) bool {
		return strings.HasPrefix(a, "--secret") || a == "--sandbox" || a == "--no-verify" || a == "--webhook"
	}
	if !slices.ContainsFunc(args, given) {
		args = append(args, "--secret-file", w.path("key"))
	}
	return w.start(append([]string{"listen", "--addr", "127.0.0.1:0"}, args...)...)
}

// spawn starts a command that prints a JSON stream. The child is ended with the test at the latest.
func (w *world) spawn(args ...string) *process {
	w.t.Helper()
	p := &process{
		t: w.t, cmd: w.command(w.t.Context(), args...), out: &buffer{}, errs: &buffer{},
		lines: make(chan object, 100_000), done: make(chan struct{}),
	}
	p.cmd.Stderr = p.errs
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	go p.read(stdout)
	w.t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.done
		if strings.Contains(p.errs.String(), "DATA RACE") {
			w.t.Errorf("whctl %q: %s", args, p.errs)
		}
		if w.t.Failed() {
			w.t.Logf("whctl %q\nstdout: %.4000s\nstderr: %.4000s", args, p.out, p.errs)
		}
	})
	return p
}

func (p *process) read(stdout io.Reader) {
	defer close(p.done)
	defer close(p.lines)
	r := bufio.NewReader(stdout)
	for {
		line, err := r.ReadBytes('\n')
		_, _ = p.out.Write(line)
		if len(line) > 0 {
			var o object
			if jerr := json.Unmarshal(line, &o); jerr != nil {
				o = object{"type": "not JSON", "line": string(line)}
			}
			p.lines <- o
		}
		if err != nil {
			break
		}
	}
	_ = p.cmd.Wait()
}

// await gives the next line of a type, passing over others. A line that is no JSON fails the test.
func (p *process) await(typ string) object {
	p.t.Helper()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for {
		select {
		case o, ok := <-p.lines:
			switch {
			case !ok:
				p.t.Fatalf("the output ended before a %s line\nstdout: %.4000s\nstderr: %s", typ, p.out, p.errs)
			case o.str("type") == "not JSON":
				p.t.Fatalf("not JSON: %q", o.str("line"))
			case o.str("type") == typ:
				return o
			}
			p.note(o)
		case <-timeout.C:
			p.t.Fatalf("no %s line\nstdout: %.4000s\nstderr: %s", typ, p.out, p.errs)
		}
	}
}

// rest reads the stream to its end and gives the lines of a type.
func (p *process) rest(typ string) []object {
	p.t.Helper()
	var found []object
	for o := range p.lines {
		if o.str("type") == "not JSON" {
			p.t.Fatalf("not JSON: %q", o.str("line"))
		}
		if o.str("type") == typ {
			found = append(found, o)
		}
		p.note(o)
	}
	return found
}

// drain reads the stream to its end and forgets it.
func (p *process) drain() {
	for o := range p.lines {
		if o.str("type") == "not JSON" {
			p.t.Errorf("not JSON: %q", o.str("line"))
		}
	}
}

// note remembers what the stream says about lines it left out.
func (p *process) note(o object) {
	if o.str("type") == "state" && o.str("state") == "dropped" {
		p.dropped += o.num("count")
	}
}

// missed is how many lines the stream said it left out, of those read so far.
func (p *process) missed() int { return p.dropped }

func (p *process) interrupt() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		p.t.Fatal(err)
	}
}

// wait waits for the child's end and returns its exit code.
func (p *process) wait() int {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(patience):
		p.t.Fatalf("whctl %q did not end\nstdout: %.4000s\nstderr: %s", p.cmd.Args, p.out, p.errs)
	}
	return p.cmd.ProcessState.ExitCode()
}

// stop ends the child as a person would, and expects 0.
func (p *process) stop() {
	p.t.Helper()
	p.interrupt()
	if code := p.wait(); code != 0 {
		p.t.Fatalf("exit code %d after ^C, want 0\nstderr: %s", code, p.errs)
	}
}

// awaitLine waits for a whole line of the child's standard output that is no JSON.
func (p *process) awaitLine() string {
	p.t.Helper()
	select {
	case o, ok := <-p.lines:
		if ok {
			return strings.TrimSpace(o.str("line"))
		}
	case <-time.After(patience):
	}
	p.t.Fatalf("no line\nstdout: %s\nstderr: %s", p.out, p.errs)
	return ""
}

// awaitObject waits for the next line of a stream that holds objects of the API.
func (p *process) awaitObject() object {
	p.t.Helper()
	select {
	case o, ok := <-p.lines:
		if ok && o.str("type") != "not JSON" {
			return o
		}
	case <-time.After(patience):
	}
	p.t.Fatalf("no object\nstdout: %s\nstderr: %s", p.out, p.errs)
	return nil
}

// says waits until the child has said a text on standard error.
func (p *process) says(text string) {
	p.t.Helper()
	if !eventually(func() bool { return strings.Contains(p.errs.String(), text) }) {
		p.t.Fatalf("stderr never says %q: %s", text, p.errs)
	}
}

// waitFile waits until a file is there and returns its content. The harness may poll; the product may not.
func waitFile(t testing.TB, name string) string {
	t.Helper()
	content := ""
	if !eventually(func() bool {
		b, err := os.ReadFile(name)
		content = string(b)
		return err == nil
	}) {
		t.Fatalf("%s did not come", name)
	}
	return content
}

// eventually asks until the answer is yes or patience has run out.
func eventually(ask func() bool) bool {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	over := time.NewTimer(patience)
	defer over.Stop()
	for {
		if ask() {
			return true
		}
		select {
		case <-tick.C:
		case <-over.C:
			return false
		}
	}
}
