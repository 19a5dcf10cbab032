//go:build unix

package e2e

import (
	"bufio"
	"os"
	"strings"
	"syscall"
	"testing"
)

// TestFirstInterruptDrains interrupts a listener whose target has not answered yet: the sender still gets the target's
// answer, the attempt is recorded, and the listener ends with 0.
func TestFirstInterruptDrains(t *testing.T) {
	t.Parallel()
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			drainAfter(t, signal)
		})
	}
}

func drainAfter(t *testing.T, signal os.Signal) {
	t.Helper()
	w := newWorld(t)
	release := make(chan struct{})
	tg := newTarget(t, func(message) string {
		<-release
		return "HTTP/1.1 202 Accepted\r\nContent-Length: 4\r\n\r\ndone"
	})
	l := w.listen("--forward", tg.addr)
	conn := dial(t, l.addr)
	if _, err := conn.Write(delivery(event("1"))); err != nil {
		t.Fatal(err)
	}
	tg.nth(t, 0)
	if err := l.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	if s := l.await("state"); s.str("state") != "draining" {
		t.Errorf("state %v", s)
	}
	close(release)
	m, err := readMessage(bufio.NewReader(conn), true)
	if err != nil || m.status != 202 || string(m.body) != "done" {
		t.Errorf("the sender got %q %q, %v", m.start, m.body, err)
	}
	if code := l.wait(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	if at := l.rest("attempt"); len(at) != 1 || at[0].num("status") != 202 {
		t.Errorf("attempts %v", at)
	}
}

// TestSecondInterruptEndsAtOnce has a target that never answers: the second ^C does not wait for it.
func TestSecondInterruptEndsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := newTarget(t, func(message) string { return "" })
	l := w.listen("--forward", tg.addr, "--timeout", "0")
	conn := dial(t, l.addr)
	if _, err := conn.Write(delivery(event("1"))); err != nil {
		t.Fatal(err)
	}
	tg.nth(t, 0)
	l.interrupt()
	if s := l.await("state"); s.str("state") != "draining" {
		t.Errorf("state %v", s)
	}
	l.interrupt()
	if code := l.wait(); code != 130 {
		t.Errorf("exit code %d, want 130", code)
	}
	shown := w.must(0, "journal", "show", "last", "-o", "json")
	if d := jsonOf[object](t, shown).sub("delivery"); d.str("eventId") != "1" {
		t.Errorf("the journal has %v", d)
	}
}

// TestOutputNobodyReads has a reader that stops reading, as a paused pager does: deliveries are answered all the same, and
// the second ^C ends the listener though its output still hangs.
func TestOutputNobodyReads(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ready := w.path("ready")
	cmd := w.command(t.Context(), "listen", "--addr", "127.0.0.1:0", "--secret-file", "key", "--ready-file", ready, "-o", "json")
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	errs := &buffer{}
	cmd.Stdout, cmd.Stderr = writer, errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = writer.Close()
	addr := strings.TrimSpace(waitFile(t, ready))
	body := []byte(`{"event_id":"large","pad":"` + strings.Repeat("x", 20_000) + `"}`)
	for range 20 { // several times what a pipe holds
		if status := send(t, addr, body); status != 200 {
			t.Fatalf("answered %d", status)
		}
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	// The listener says nothing of the first ^C here, so that the second one waits until nobody is let in any more.
	if !eventually(func() bool { return send(t, addr, body) == 0 }) {
		t.Error("the listener goes on after ^C")
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("it ended with 0")
	}
	if code := cmd.ProcessState.ExitCode(); code != 130 || !strings.Contains(errs.String(), "not all of the output was read") {
		t.Errorf("exit code %d, stderr %q", code, errs)
	}
	_ = reader.Close()
}

// TestIdleListenerEndsWithZero interrupts a listener and a sandbox that have nothing to do.
func TestIdleListenerEndsWithZero(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen()
	dial(t, l.addr) // a connection without a request must not hold it up
	l.stop()
	s := w.start("sandbox", "--addr", "127.0.0.1:0")
	s.stop()
}

// TestInterruptedSend is stopped while it waits for its answer.
func TestInterruptedSend(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tg := newTarget(t, func(message) string { return "" })
	p := w.spawn("send", "card.activated", "--to", tg.addr, "--secret-file", "key")
	tg.nth(t, 0)
	p.interrupt()
	if code := p.wait(); code != 130 || p.out.String() != "" {
		t.Errorf("exit code %d, want 130; stdout %q", code, p.out)
	}
}

// TestClosedOutputEndsTheListener closes the reading end of its standard output, as head does: what is under way is still
// answered and recorded, and the exit code is 0.
func TestClosedOutputEndsTheListener(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			closeOutput(t, format)
		})
	}
}

func closeOutput(t *testing.T, format string) {
	t.Helper()
	w := newWorld(t)
	ready := w.path("ready")
	cmd := w.command(t.Context(), "listen", "--addr", "127.0.0.1:0", "--secret-file", "key", "--ready-file", ready, "-o", format)
	errs := &buffer{}
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = writer, errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = writer.Close()
	addr := strings.TrimSpace(waitFile(t, ready))
	if format == "json" { // the ready line goes through before
		if _, err := bufio.NewReader(reader).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	_ = reader.Close()
	if status := send(t, addr, event("1")); status != 200 {
		t.Errorf("answered %d", status)
	}
	if err := cmd.Wait(); err != nil || !strings.HasPrefix(errs.String(), "ended after ") && format == "json" {
		t.Errorf("%v, stderr %q", err, errs)
	}
	if _, has := recorded(t, w)["1"]; !has {
		t.Error("the delivery is not in the journal")
	}
}
