//go:build unix

package command_test

import (
	"bytes"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/command"
)

// TestBesideGetsNoSecret starts a program that prints its environment.
func TestBesideGetsNoSecret(t *testing.T) {
	for _, name := range []string{"WHCTL_TOKEN", "WHCTL_GITHUB_TOKEN", "WHCTL_SECRET", "NOTIFY_SOCKET", "MINE"} {
		t.Setenv(name, "value-of-"+name)
	}
	var out bytes.Buffer
	r, err := command.Beside{
		Words: []string{"env"}, Add: []string{"ADDED=1"}, Out: &out, Err: &out,
	}.Start()
	if err != nil {
		t.Fatal(err)
	}
	<-r.Ended()
	r.End(time.Minute, nil)
	if text := out.String(); r.Failure() != nil || !strings.Contains(text, "ADDED=1\n") || !strings.Contains(text, "MINE=value-of-MINE\n") || strings.Contains(text, "NOTIFY_SOCKET") || strings.Contains(text, "value-of-WHCTL_") {
		t.Errorf("%v: %s", r.Failure(), text)
	}
}

// TestBesideTellsHowItEnded has programs that fail, that a signal ends, and that cannot be started.
func TestBesideTellsHowItEnded(t *testing.T) {
	t.Parallel()
	for script, code := range map[string]int{"exit 0": 0, "exit 7": 7, "kill -9 $$": -1} {
		r, err := command.Beside{Words: []string{"sh", "-c", script}}.Start()
		if err != nil {
			t.Fatal(err)
		}
		<-r.Ended()
		r.End(time.Minute, nil)
		if got := command.ExitCode(r.Failure()); got != code || (r.Failure() == nil) != (code == 0) {
			t.Errorf("%s: %d, %v", script, got, r.Failure())
		}
	}
	if _, err := (command.Beside{Words: []string{"no-such-program-anywhere"}}).Start(); err == nil {
		t.Error("it was started")
	}
}

// TestMindKillsWhatIsLeft has whoever wrote go away, once with a last word and once without.
func TestMindKillsWhatIsLeft(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		last   string
		killed bool
	}{{"", true}, {"over\n", false}} {
		p := exec.CommandContext(t.Context(), "sleep", "600")
		p.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		if err := command.Mind(strings.NewReader(strconv.Itoa(p.Process.Pid) + "\n" + c.last)); err != nil {
			t.Error(err)
		}
		if !c.killed {
			_ = p.Process.Signal(syscall.SIGTERM)
		}
		_ = p.Wait()
		status, is := p.ProcessState.Sys().(syscall.WaitStatus)
		if !is || (status.Signal() == syscall.SIGKILL) != c.killed {
			t.Errorf("after %q: %s", c.last, p.ProcessState)
		}
	}
	for _, text := range []string{"x\n", "0\n", "1\n", "-5\n"} {
		if command.Mind(strings.NewReader(text)) == nil {
			t.Errorf("%q is taken", text)
		}
	}
	if err := command.Mind(strings.NewReader("")); err != nil {
		t.Error(err)
	}
}
