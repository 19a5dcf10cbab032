//go:build unix

package e2e

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// expects runs whctl expect with a key on a free port, and a shell as its command.
func (w *world) expects(script string, args ...string) *process {
	w.t.Helper()
	args = append([]string{"expect", "--addr", "127.0.0.1:0", "--secret-file", w.path("key"), "-o", "json"}, args...)
	return w.spawn(append(args, "--", "sh", "-c", script)...)
}

// leavesBehind is a shell script that starts two programs which ignore what asks them to end, one of them through another shell, and notes
// their ids. then is what it does next.
func leavesBehind(then string) string {
	return `trap "" TERM; (sh -c 'trap "" TERM; echo $$ >one.new; mv one.new one; exec sleep 600') & echo $$ >two.new; mv two.new two; until [ -e one ]; do :; done; ` + then
}

// gone waits until the processes whose ids are in files have ended.
func (w *world) gone(names ...string) {
	w.t.Helper()
	for _, name := range names {
		pid, err := strconv.Atoi(strings.TrimSpace(waitFile(w.t, w.path(name))))
		if err != nil {
			w.t.Fatal(err)
		}
		if !eventually(func() bool { return ended(pid) }) {
			w.t.Errorf("process %s (%d) still runs", name, pid)
		}
	}
}

// ended says whether a process has ended. One that nobody has waited for has.
func ended(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return true
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, state, found := strings.Cut(string(stat), ") ")
	return err == nil && found && strings.HasPrefix(state, "Z")
}

// TestExpectLeavesNothingRunning has a command that starts others. All of them ignore that they are asked to end. Nothing runs after whctl
// has ended, however it ends: met, at the deadline, after ^C and SIGTERM, at once after a second ^C, and even if it is killed.
func TestExpectLeavesNothingRunning(t *testing.T) {
	t.Parallel()
	const send = `whctl send card.activated --to $WHCTL_LISTEN_URL --secret-file key >sent; `
	for _, c := range []struct {
		name    string
		args    []string
		script  string
		signals []os.Signal
		code    int
	}{
		{"met", nil, leavesBehind(send + "wait"), nil, 0},
		{"at the deadline", []string{"--within", "3s"}, leavesBehind("wait"), nil, 6},
		{"failed", []string{"--count", "2"}, leavesBehind(send + "exit 3"), nil, 8},
		{"after ^C", []string{"--count", "2"}, leavesBehind(send + ">begun; wait"), []os.Signal{os.Interrupt}, 130},
		{"after SIGTERM", []string{"--count", "2"}, leavesBehind(send + ">begun; wait"), []os.Signal{syscall.SIGTERM}, 130},
		{"after SIGKILL", []string{"--count", "2"}, leavesBehind(send + ">begun; wait"), []os.Signal{syscall.SIGKILL}, -1},
		{"after a second ^C", []string{"--count", "2"}, leavesBehind(send + ">begun; wait"), []os.Signal{os.Interrupt, os.Interrupt}, 130},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.expects(c.script, c.args...)
			for i, signal := range c.signals {
				waitFile(t, w.path("begun"))
				if err := p.cmd.Process.Signal(signal); err != nil {
					t.Fatal(err)
				}
				if i+1 < len(c.signals) {
					p.says("ended after ")
				}
			}
			if code := p.wait(); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			w.gone("one", "two")
		})
	}
}

// TestExpectTellsWhatCameBeforeAnInterrupt interrupts it after one of two deliveries.
func TestExpectTellsWhatCameBeforeAnInterrupt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.expects(`whctl send card.activated --to $WHCTL_LISTEN_URL --secret-file key >sent; >begun; exec sleep 600`, "--count", "2")
	waitFile(t, w.path("begun"))
	p.interrupt()
	o := p.awaitObject()
	if p.wait() != 130 || o.str("outcome") != "stopped" || o.num("exitCode") != 130 || o.num("came") != 1 {
		t.Errorf("exit code %d, %v", p.cmd.ProcessState.ExitCode(), o)
	}
	if !strings.Contains(p.errs.String(), "1 of 2 deliveries counted") {
		t.Errorf("stderr %s", p.errs)
	}
}

// TestExpectInARow runs each outcome many times: none is a matter of luck. tests/expect has 200 of each.
func TestExpectInARow(t *testing.T) {
	t.Parallel()
	const send = `whctl send card.activated --to $WHCTL_LISTEN_URL --secret-file key >sent`
	w := newWorld(t)
	runs := 10
	if racing {
		runs = 2
	}
	if text := os.Getenv("WHCTL_EXPECT_RUNS"); text != "" {
		var err error
		if runs, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	for run := range runs {
		for _, c := range []struct {
			code   int
			args   []string
			script string
		}{
			{0, []string{"--type", "card.activated", "--verified"}, send + "; exec sleep 600"},
			{0, []string{"--type", "card.activated"}, send + "; exit 1"},
			{3, []string{"--match", ".eventType == \"kyc.status.changed\"", "--exit-after", "1"}, send},
			{6, []string{"--type", "kyc.status.changed", "--within", "20ms"}, "exec sleep 600"},
			{8, []string{"--type", "kyc.status.changed"}, send + "; exit 1"},
		} {
			args := append([]string{"expect", "--addr", "127.0.0.1:0", "--secret-file", "key", "-q"}, c.args...)
			if r := w.run(append(args, "--", "sh", "-c", c.script)...); r.code != c.code {
				t.Fatalf("run %d: exit code %d, want %d\n%s%s", run, r.code, c.code, r.out, r.err)
			}
		}
	}
}
