//go:build unix

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// shells are those of this machine that control jobs. A shell may give a terminal another mode itself; dash, which is sh on many systems,
// does not.
func shells() (found []string) {
	for _, name := range []string{"sh", "bash"} {
		if path, err := exec.LookPath(name); err == nil {
			found = append(found, path)
		}
	}
	return found
}

// inShells runs a test at the prompt of each shell.
func inShells(t *testing.T, test func(t *testing.T, w *world, c *console)) {
	t.Helper()
	for _, shell := range shells() {
		t.Run(filepath.Base(shell), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.setenv("PS1=prompt> ", "HISTFILE=")
			args := []string{"-i"}
			if filepath.Base(shell) == "bash" {
				args = []string{"--norc", "--noprofile", "--noediting", "-i"}
			}
			c := w.console(100, nil, shell, args...)
			c.shows(1, "prompt> ")
			test(t, w, c)
		})
	}
}

const listenHere = "whctl listen --addr 127.0.0.1:0 --ready-file ready --secret-file key --color never --body none"

// addr waits for the listener that was started, and takes its address.
func (w *world) addr() string {
	w.t.Helper()
	addr := strings.TrimSpace(waitFile(w.t, w.path("ready")))
	if err := os.Remove(w.path("ready")); err != nil {
		w.t.Fatal(err)
	}
	return addr
}

// works checks that a listener takes deliveries.
func works(t *testing.T, addr string, id string) {
	t.Helper()
	if status := send(t, addr, event(id)); status != 200 {
		t.Errorf("%s: answered %d", id, status)
	}
}

// TestKeysAndJobControl stops a listener with ^Z and goes on with it, in the foreground and in the background.
func TestKeysAndJobControl(t *testing.T) {
	t.Parallel()
	inShells(t, func(t *testing.T, w *world, c *console) {
		t.Helper()
		c.press(listenHere + "\n")
		addr := w.addr()
		c.keysWork()
		c.press("?")
		c.shows(1, keysHelpEnd)
		for n := range 2 {
			c.press("\x1a")
			c.shows(n+2, "prompt> ")
			if !eventually(func() bool { return c.has("icanon", "echo") }) {
				t.Errorf("stopped: the terminal is left as %v", c.mode())
			}
			c.press("fg\n")
			c.keysWork()
			works(t, addr, "in front")
			c.press("?")
			c.shows(n+2, keysHelpEnd)
		}
		c.press("\x1a")
		c.shows(4, "prompt> ")
		c.press("bg\n")
		works(t, addr, "behind")
		c.press("echo q$((6*7))q\n") // for the shell
		c.shows(1, "q42q")
		c.isItself("in the background")
		works(t, addr, "still behind")
		c.press("fg\n")
		c.keysWork()
		c.press("q")
		c.shows(1, "ended after ")
		if !eventually(func() bool { return c.has("icanon", "echo") }) {
			t.Errorf("ended: the terminal is left as %v", c.mode())
		}
		c.press("exit 0\n")
		c.ends()
	})
}

// TestKeysInTheBackground starts a listener in the background: neither the shell's input nor the mode of the terminal is touched, and
// nothing stops it. Once it is in the foreground keys work.
func TestKeysInTheBackground(t *testing.T) {
	t.Parallel()
	inShells(t, func(t *testing.T, w *world, c *console) {
		t.Helper()
		c.press(listenHere + " &\n")
		addr := w.addr()
		works(t, addr, "one")
		c.shows(1, "card.activated")
		c.isItself("in the background")
		c.press("echo q$((6*7))q\n")
		c.shows(1, "q42q")
		works(t, addr, "two")
		if strings.Contains(c.screen(), "keys: r replay") {
			t.Error("keys are spoken of, and do not work")
		}
		c.press("jobs\n")
		c.shows(1, "unning") // Running, or running
		c.press("fg\n")
		c.keysWork()
		works(t, addr, "three")
		c.press("?")
		c.shows(1, keysHelpEnd)
		c.press("q")
		c.shows(1, "ended after ")
		c.press("exit 0\n")
		c.ends()
		c.isItself("at the end")
	})
}
