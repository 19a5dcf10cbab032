//go:build unix

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// quick is what can be done without opening anything.
func quick(w *world) [][]string {
	return [][]string{
		{"version"},
		{"--help"},
		{"sign", "--help"},
		{"listen", "--help"},
		{"sign", w.path("body"), "--secret-file", w.path("key")},
		{"verify", w.path("body"), "--secret-file", w.path("key"), "-H", "X-Signature: 00", "-H", "X-Timestamp: 1"},
		{"nonsense"},
	}
}

// TestSilentTerminal starts commands on a terminal that answers nothing: they must not ask it anything. Libraries that ask for the
// background colour wait five seconds for an answer.
func TestSilentTerminal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("body", strings.Repeat("x", 1024))
	for _, args := range quick(w) {
		best := time.Hour
		for range 3 { // the machine may be busy
			began := time.Now()
			c := w.onTerminal(80, args...)
			c.wait()
			best = min(best, time.Since(began))
			checkClean(t, strings.Join(args, " "), c.out.String())
			if best < 2*time.Second {
				break
			}
		}
		if best >= 2*time.Second {
			t.Errorf("whctl %q took %s at best", args, best)
		}
	}
	// a listener, which colours what it shows
	ready := w.path("ready")
	c := w.onTerminal(80, "listen", "--addr", "127.0.0.1:0", "--secret-file", "key", "--exit-after", "1", "--ready-file", ready)
	addr := strings.TrimSpace(waitFile(t, ready))
	if status := send(t, addr, event("1")); status != 200 {
		t.Errorf("answered %d", status)
	}
	if code := c.wait(); code != 0 || !strings.Contains(c.out.String(), "✓ valid") || !strings.Contains(c.out.String(), "\x1b[32m") {
		t.Errorf("exit code %d, output %q", code, c.out)
	}
	checkClean(t, "listen", c.out.String())
}

// TestStartsWithoutHome runs commands in a world where neither home nor data folder can be opened.
func TestStartsWithoutHome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("body", "{}")
	file := w.write("file", "")
	for what, home := range map[string]string{
		"missing": w.path("gone"), "a file": file, "below a file": filepath.Join(file, "x"), "unset": "", "in /proc": "/proc/none",
	} {
		w.setenv("HOME="+home, "XDG_CONFIG_HOME=", "XDG_DATA_HOME=", "WHCTL_DATA_DIR="+filepath.Join(file, "data"))
		for _, args := range [][]string{
			{"version"},
			{"--help"},
			{"sign", "body", "--secret-file", "key"},
			{"verify", "--help"},
			{"completion", "bash"},
		} {
			if r := w.run(args...); r.code != 0 || r.err != "" || r.out == "" {
				t.Errorf("home %s, whctl %q: exit code %d, stderr %q", what, args, r.code, r.err)
			}
		}
	}
}

// TestOpensNothing makes the config folder's file a pipe that nobody writes to: opening it waits for ever.
func TestOpensNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dir := filepath.Join(w.dir, "home", ".config", "whctl")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "config.yaml"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(w.path("data"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(w.path("data"), "journal.db"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--help"}, {"sign", "--help"}, {"listen", "--help"}, {"journal", "list", "--help"}, {"help", "verify"}} {
		w.must(0, args...)
	}
}
