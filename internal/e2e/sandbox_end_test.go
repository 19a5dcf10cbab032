//go:build unix

package e2e

import (
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// stuckSandbox is a sandbox with a delivery under way that nobody answers.
func stuckSandbox(t *testing.T, format string) *process {
	t.Helper()
	w := newWorld(t)
	tg := newTarget(t, func(message) string { return "" })
	ready := w.path("ready")
	p := w.spawn("sandbox", "--addr", "127.0.0.1:0", "--ready-file", ready, "-o", format)
	w.setenv("WHCTL_PROFILE=sandbox", "WHCTL_API_URL=http://"+strings.TrimSpace(waitFile(t, ready)))
	w.webhook("stuck", "http://"+tg.addr)
	w.trigger("card.activated")
	tg.nth(t, 0)
	return p
}

func TestSandboxEndsAtOnceOnTheSecondInterrupt(t *testing.T) {
	t.Parallel()
	p := stuckSandbox(t, "json")
	p.interrupt()
	if s := p.await("state"); s.str("state") != "draining" || s.num("count") != 1 || s.str("time") == "" {
		t.Errorf("state %v", s)
	}
	p.interrupt()
	if code := p.wait(); code != 130 || p.errs.String() != "error: stopped\n" {
		t.Errorf("exit code %d, want 130; stderr %q", code, p.errs)
	}
}

func TestSandboxSaysThatItDrains(t *testing.T) {
	t.Parallel()
	p := stuckSandbox(t, "text")
	p.interrupt()
	if !eventually(func() bool {
		return strings.Contains(p.errs.String(), "draining: waiting for 1 delivery under way; ^C again")
	}) {
		t.Fatalf("stderr %q", p.errs)
	}
	p.interrupt()
	if code := p.wait(); code != 130 || strings.Contains(p.out.String(), "draining") {
		t.Errorf("exit code %d, want 130; stdout %q", code, p.out)
	}
}

// TestSandboxEndsWithItsOutputBlocked has an output that nobody reads, which the second ^C must not wait for.
func TestSandboxEndsWithItsOutputBlocked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ready := w.path("ready")
	cmd := w.command(t.Context(), "sandbox", "--addr", "127.0.0.1:0", "--ready-file", ready, "-o", "json")
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	cmd.Stdout = writer
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = writer.Close()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	addr := strings.TrimSpace(waitFile(t, ready))
	w.setenv("WHCTL_PROFILE=sandbox", "WHCTL_API_URL=http://"+addr)
	w.trigger("card.activated", "--count", "1000") // more than a pipe holds
	interrupt(t, cmd)
	if !eventually(func() bool {
		conn, err := net.Dial("tcp", addr) //nolint:noctx // it ends at once either way
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	}) {
		t.Fatal("the first ^C does not stop it from accepting")
	}
	select {
	case err := <-ended:
		t.Fatalf("%v: it did not wait for its output: the pipe is larger than this test thinks", err)
	default:
	}
	interrupt(t, cmd)
	select {
	case err := <-ended:
		t.Logf("ended: %v", err)
	case <-time.After(patience):
		t.Fatal("the second ^C does not end it")
	}
	if code := cmd.ProcessState.ExitCode(); code != 130 {
		t.Errorf("exit code %d, want 130", code)
	}
}

func interrupt(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
}

// TestSandboxReadyText types what the ready text says, against the sandbox that said it.
func TestSandboxReadyText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ready := w.path("ready")
	p := w.spawn("sandbox", "--addr", "127.0.0.1:0", "--ready-file", ready, "-o", "text")
	addr := strings.TrimSpace(waitFile(t, ready))
	if !eventually(func() bool { return strings.Count(p.errs.String(), "\n") >= 3 }) {
		t.Fatalf("stderr %q", p.errs)
	}
	lines := strings.Split(p.errs.String(), "\n")
	if lines[0] != "sandbox ready on http://"+addr || p.out.String() != "" {
		t.Errorf("stderr %q, stdout %q: the ready text is no data", p.errs, p.out)
	}
	for _, line := range lines[1:3] {
		_, typed, found := strings.Cut(line, "whctl ")
		if !found {
			t.Fatalf("no command in %q", line)
		}
		w.must(0, strings.Fields(strings.ReplaceAll(typed, "'", ""))...)
	}
	if !eventually(func() bool {
		return strings.Contains(p.out.String(), "event ") && strings.Contains(p.out.String(), "webhook ")
	}) {
		t.Errorf("stdout %q", p.out)
	}
}

func TestSandboxHasNoYAMLForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.must(2, "sandbox", "--addr", "127.0.0.1:0", "--for", "1ms", "-o", "yaml")
	if r.out != "" || r.err != "error: a stream has no YAML form\nhint: use -o json, one object a line\n" {
		t.Errorf("stdout %q, stderr %q", r.out, r.err)
	}
}
