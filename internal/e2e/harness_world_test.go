package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
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

func whctlPath(t testing.TB) string {
	t.Helper()
	bin, err := exec.LookPath("whctl") // put there by TestMain
	if err != nil {
		t.Fatal(err)
	}
	return bin
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
	w := &world{t: t, bin: whctlPath(t), dir: t.TempDir()}
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

// runTo is run with a standard output of its own.
func (w *world) runTo(out *os.File, args ...string) result {
	w.t.Helper()
	cmd := w.command(w.t.Context(), args...)
	errs := &buffer{}
	cmd.Stdout, cmd.Stderr = out, errs
	if _, err := exitCode(cmd.Run()); err != nil {
		w.t.Fatal(err)
	}
	return result{code: cmd.ProcessState.ExitCode(), err: errs.String()}
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

// platform starts whctl sandbox and makes it the API of the commands to come.
func (w *world) platform(args ...string) *process {
	w.t.Helper()
	p := w.start(append([]string{"sandbox", "--addr", "127.0.0.1:0"}, args...)...)
	w.setenv("WHCTL_PROFILE=sandbox", "WHCTL_API_URL=http://"+p.addr)
	return p
}

// webhook makes an active webhook for every event and gives its id and key.
func (w *world) webhook(name, url string) (id, key string) {
	w.t.Helper()
	made := jsonOf[object](w.t, w.must(0, "webhooks", "create", "--name", name, "--url", url, "--events", "*", "--active", "-o", "json"))
	return made.str("id"), made.str("apiKey")
}

// trigger raises events and gives their event ids.
func (w *world) trigger(args ...string) []string {
	w.t.Helper()
	raised := jsonOf[struct {
		Events []object `json:"events"`
	}](w.t, w.must(0, append([]string{"sandbox", "trigger", "-o", "json"}, args...)...))
	var ids []string
	for _, e := range raised.Events {
		ids = append(ids, e.str("eventId"))
	}
	return ids
}

func onWindows() bool { return runtime.GOOS == "windows" }
