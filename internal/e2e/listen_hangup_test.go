//go:build unix

package e2e

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
)

// TestHangupDrains sends SIGHUP, as closing a window does, while a target has not answered yet. The sender gets its answer and the
// attempt is recorded. The shell and the kernel may both send the signal, so a second one changes nothing.
func TestHangupDrains(t *testing.T) {
	t.Parallel()
	hearHangups(t)
	w := newWorld(t)
	release := make(chan struct{})
	tg := newTarget(t, func(message) string {
		<-release
		return okAnswer
	})
	l := w.listen("--forward", tg.addr)
	conn := dial(t, l.addr)
	if _, err := conn.Write(delivery(event("1"))); err != nil {
		t.Fatal(err)
	}
	tg.nth(t, 0)
	hangUp(t, l.cmd)
	for state := ""; state != "draining"; {
		if state = l.await("state").str("state"); state != "draining" && state != "waiting" {
			t.Fatalf("state %s", state)
		}
	}
	hangUp(t, l.cmd)
	hangUp(t, l.cmd)
	close(release)
	if m, err := readMessage(bufio.NewReader(conn), true); err != nil || m.status != 200 {
		t.Errorf("the sender got %q, %v", m.start, err)
	}
	if code := l.wait(); code != 0 {
		t.Errorf("exit code %d, want 0: %s", code, l.errs)
	}
	if at := l.rest("attempt"); len(at) != 1 || at[0].num("status") != 200 {
		t.Errorf("attempts %v", at)
	}
	l = w.listen("--exit-after", "1")
	hangUp(t, l.cmd)
	if code := l.wait(); code != 130 {
		t.Errorf("with --exit-after: exit code %d, want 130", code)
	}
	s := w.start("sandbox", "--addr", "127.0.0.1:0")
	hangUp(t, s.cmd)
	if code := s.wait(); code != 0 {
		t.Errorf("sandbox: exit code %d, want 0: %s", code, s.errs)
	}
}

// hearHangups makes children take SIGHUP even when nohup, which has every child ignore it, started the tests.
func hearHangups(t *testing.T) {
	t.Helper()
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(heard) })
}

func hangUp(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
}

// TestIgnoredHangup starts a listener and a sandbox as nohup does: the signal changes nothing.
func TestIgnoredHangup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	plain := w.bin
	for _, args := range [][]string{{"listen", "--addr", "127.0.0.1:0", "--secret-file", "key"}, {"sandbox", "--addr", "127.0.0.1:0"}} {
		w.bin = sh
		p := w.start(append([]string{"-c", `trap '' HUP; exec "$0" "$@"`, plain}, args...)...)
		w.bin = plain
		hangUp(t, p.cmd)
		if m := exchange(t, p.addr, delivery(event("after"))); m.status == 0 {
			t.Errorf("%v no longer answers", args)
		}
		p.stop()
	}
}

// TestClosedTerminalDrains runs a listener on a terminal of its own that goes away while a target has not answered.
func TestClosedTerminalDrains(t *testing.T) {
	t.Parallel()
	hearHangups(t)
	w := newWorld(t)
	release := make(chan struct{})
	tg := newTarget(t, func(message) string {
		<-release
		return okAnswer
	})
	ready := w.path("ready")
	cmd := w.command(t.Context(), "listen", "--addr", "127.0.0.1:0", "--secret-file", "key", "--ready-file", ready, "--forward", tg.addr)
	window, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	conn := dial(t, strings.TrimSpace(waitFile(t, ready)))
	if _, err := conn.Write(delivery(event("1"))); err != nil {
		t.Fatal(err)
	}
	tg.nth(t, 0)
	_ = window.Close()
	addr := conn.RemoteAddr().String()
	if !eventually(func() bool {
		c, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
		if err == nil {
			_ = c.Close()
		}
		return err != nil
	}) {
		t.Error("the listener goes on without its terminal")
	}
	close(release)
	if m, err := readMessage(bufio.NewReader(conn), true); err != nil || m.status != 200 {
		t.Errorf("the sender got %q, %v", m.start, err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	if _, has := recorded(t, w)["1"]; !has {
		t.Error("the delivery is not in the journal")
	}
}
