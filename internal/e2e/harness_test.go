package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a test waits for what must come. It is far more than is needed on a machine that is not busy.
const patience = 90 * time.Second

// testKey is the key of most tests: baanx-like, and invented.
const testKey = "whk_exampleonly0000000000000000000000001"

// privateEnv is the whole environment of a child: nothing of the person or machine that runs the tests.
func privateEnv(dir string) []string {
	env := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(dir, "home"), "USERPROFILE=" + filepath.Join(dir, "home"),
		"XDG_CONFIG_HOME=" + filepath.Join(dir, "home", ".config"), "XDG_DATA_HOME=" + filepath.Join(dir, "home", ".data"),
		"XDG_STATE_HOME=" + filepath.Join(dir, "home", ".state"), "XDG_CACHE_HOME=" + filepath.Join(dir, "home", ".cache"),
		"TMPDIR=" + dir, "TMP=" + dir, "TEMP=" + dir, "WHCTL_DATA_DIR=" + filepath.Join(dir, "data"), "WHCTL_KEYRING=file",
		"TERM=xterm-256color", "TZ=UTC", "LC_ALL=C.UTF-8",
		"GORACE=atexit_sleep_ms=10 halt_on_error=1", // a child of a -race run would otherwise end a second late
	}
	for _, name := range []string{"GOCOVERDIR", "SYSTEMROOT"} {
		if v := os.Getenv(name); v != "" {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// world is a scratch folder with an environment in which the real binary runs.
type world struct {
	t   testing.TB
	bin string
	dir string
	env []string
}

func newWorld(t testing.TB) *world {
	t.Helper()
	bin, err := exec.LookPath("whctl") // put there by TestMain
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, bin: bin, dir: t.TempDir()}
	w.env = privateEnv(w.dir)
	if err := os.Mkdir(filepath.Join(w.dir, "home"), 0o700); err != nil {
		t.Fatal(err)
	}
	w.write("key", testKey+"\n")
	return w
}

// in is the same world for a subtest.
func (w *world) in(t testing.TB) *world {
	t.Helper()
	sub := *w
	sub.t = t
	return &sub
}

// setenv adds to the environment of the children to come; a later value wins.
func (w *world) setenv(pairs ...string) { w.env = append(w.env, pairs...) }

func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

// write makes a file in the scratch folder, readable by its owner only, and returns its path.
func (w *world) write(name, content string) string {
	w.t.Helper()
	if err := os.WriteFile(w.path(name), []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return w.path(name)
}

// settings makes the user's own config file, and returns its path.
func (w *world) settings(content string) string {
	w.t.Helper()
	name := filepath.Join("home", ".config", "whctl", "config.yaml")
	if err := os.MkdirAll(filepath.Dir(w.path(name)), 0o700); err != nil {
		w.t.Fatal(err)
	}
	return w.write(name, content)
}

// result is what came of a finished child.
type result struct {
	code     int
	out, err string
}

func (w *world) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, w.bin, args...)
	cmd.Dir, cmd.Env = w.dir, w.env
	cmd.WaitDelay = patience
	return cmd
}

// run runs a command to its end with empty standard input.
func (w *world) run(args ...string) result {
	w.t.Helper()
	return w.runIn("", args...)
}

// runIn is run with standard input.
func (w *world) runIn(stdin string, args ...string) result {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	cmd := w.command(ctx, args...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	err := cmd.Run()
	if ctx.Err() != nil {
		w.t.Fatalf("whctl %q did not end\nstdout: %s\nstderr: %s", args, &out, &errs)
	}
	if exit, is := errors.AsType[*exec.ExitError](err); err != nil && (!is || !exit.Exited()) {
		w.t.Fatalf("whctl %q: %v\nstderr: %s", args, err, &errs)
	}
	if bytes.Contains(errs.Bytes(), []byte("DATA RACE")) {
		w.t.Fatalf("whctl %q: %s", args, &errs)
	}
	return result{code: cmd.ProcessState.ExitCode(), out: out.String(), err: errs.String()}
}

// must is run for a command that has to end with code.
func (w *world) must(code int, args ...string) result {
	w.t.Helper()
	r := w.run(args...)
	if r.code != code {
		w.t.Fatalf("whctl %q: exit code %d, want %d\nstdout: %s\nstderr: %s", args, r.code, code, r.out, r.err)
	}
	return r
}

// jsonOf decodes the one JSON line that a command printed.
func jsonOf[T any](t testing.TB, r result) T {
	t.Helper()
	var v T
	if strings.Count(r.out, "\n") != 1 || !strings.HasSuffix(r.out, "\n") {
		t.Fatalf("not one line of JSON: %q\nstderr: %s", r.out, r.err)
	}
	if err := json.Unmarshal([]byte(r.out), &v); err != nil {
		t.Fatalf("%v in %q", err, r.out)
	}
	return v
}

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

func onWindows() bool { return runtime.GOOS == "windows" }
