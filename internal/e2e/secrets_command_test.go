//go:build unix

// A command that prints a key does not outlive whctl.
package e2e

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func TestKeyCommandEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"sign", "body"}, {"verify", "body"}, {"send", "body.json", "--to", "127.0.0.1:1"}} {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.write("body", "{}")
			w.write("body.json", "{}")
			p := w.spawn(append(args, "--secret-command", `sh -c 'echo $$ > pid; exec sleep 60'`)...)
			var pid int
			if !eventually(func() bool {
				text, err := os.ReadFile(w.path("pid"))
				if err == nil {
					pid, err = strconv.Atoi(strings.TrimSpace(string(text)))
				}
				return err == nil
			}) {
				t.Fatal("the command did not begin")
			}
			if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if code := p.wait(); code != 130 {
				t.Errorf("exit code %d, want 130: %s", code, p.errs)
			}
			if !eventually(func() bool { return syscall.Kill(pid, 0) != nil }) {
				t.Error("the command goes on")
			}
		})
	}
}

// TestKeyCommandIsNotForTheServiceManager: a command that prints a key does not get what a service manager says to this process alone.
func TestKeyCommandIsNotForTheServiceManager(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("body", "{}")
	w.setenv("NOTIFY_SOCKET="+w.path("manager"), "WATCHDOG_USEC=9000000", "WATCHDOG_PID=1", "MINE=kept")
	w.must(0, "sign", "body", "--secret-command", `sh -c 'echo "$MINE$NOTIFY_SOCKET$WATCHDOG_USEC$WATCHDOG_PID" > env; echo key'`)
	if got, err := os.ReadFile(w.path("env")); err != nil || string(got) != "kept\n" {
		t.Errorf("the command got %q (%v)", got, err)
	}
}
