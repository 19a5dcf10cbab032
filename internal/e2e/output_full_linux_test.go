package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// forced is how long a command has to end by itself after a second interrupt.
const forced = 2 * time.Second

// outputs are commands that print once and streams that print at once, in both forms.
func outputs() []string {
	return []string{
		"version", "version -o json", "help", "sign body --secret-file key", "sign body --secret-file key -o json", "schemes list", "schemes show stripe -o yaml",
		"journal list -o json", "journal path --jq .path", "completion bash", "config list", "webhooks logs " + webhookID + " --follow", "events list --follow -o json",
		"listen --addr 127.0.0.1:0 --secret-file key -o json", "listen --addr 127.0.0.1:0 --sandbox --trigger all --sandbox-token token", "sandbox --addr 127.0.0.1:0 -o json",
		"listen --addr 127.0.0.1:0 --sandbox --trigger all -o json", "listen --addr 127.0.0.1:0 --secret-file key --jq .type",
		"version -o yaml", "--help", "help listen", "help exit-codes", "journal", "verify --request good.http --secret-file key --at 1750000000",
		"send card.activated --to $TARGET --secret-file key", "journal list", "journal show last", "journal show last --raw", "journal path",
		"journal diff last last", "journal export", "journal export --format curl", "journal export --format har", "journal export last --format http",
	}
}

// TestOutputFullOrClosed has every command print to a full disk, which ends it with 7, and to a reader that has gone, which ends it
// with 0. Streams end by themselves.
func TestOutputFullOrClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("body", "{}")
	w.write("good.http", "POST / HTTP/1.1\nHost: a\nX-Timestamp: 1750000000\nX-Signature: "+hmacHex(testKey, []byte("1750000000.{}"))+"\n\n{}")
	l := w.listen()
	exchange(t, l.addr, delivery(event("1")))
	l.stop()
	tg := okTarget(t)
	w.use(newFakeAPI(t, laterAPI))
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = full.Close() })
	gone := func() *os.File {
		reader, writer, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		_ = reader.Close()
		t.Cleanup(func() { _ = writer.Close() })
		return writer
	}
	for _, line := range outputs() {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			w, args := w.in(t), strings.Fields(strings.ReplaceAll(line, "$TARGET", tg.addr))
			if r := w.runTo(full, args...); r.code != 7 || !strings.HasSuffix(r.err, "error: cannot write the output: the disk is full\n") {
				t.Errorf("a full disk: %d %q", r.code, r.err)
			}
			if r := w.runTo(gone(), args...); r.code != 0 || strings.Contains(r.err, "error:") {
				t.Errorf("a reader that has gone: %d %q", r.code, r.err)
			}
		})
	}
}

// TestSecondInterruptSaysWhatIsSo ends listeners with deliveries under way. They say that those were cut off, and never that the
// output was not read.
func TestSecondInterruptSaysWhatIsSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 5 {
		tg := newTarget(t, func(message) string { return "" })
		l := w.listen("--forward", tg.addr, "--timeout", "0")
		conn := dial(t, l.addr)
		if _, err := conn.Write(delivery(event("1"))); err != nil {
			t.Fatal(err)
		}
		tg.nth(t, 0)
		l.interrupt()
		l.await("state")
		l.interrupt()
		if code := l.wait(); code != 130 || !strings.Contains(l.errs.String(), "what was under way was cut off") || strings.Contains(l.errs.String(), "not all of the output") {
			t.Errorf("exit code %d, %s", code, l.errs)
		}
	}
}

// TestSecondInterruptEndsABlockedCommand has commands print more than a pipe holds to a reader that has stopped reading.
func TestSecondInterruptEndsABlockedCommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.use(newFakeAPI(t, func(rw http.ResponseWriter, _ *http.Request) {
		var events []string
		for i := range 90 {
			events = append(events, fmt.Sprintf(`{"id":"r%d","eventId":"e%d","eventType":"%s","status":"failed"}`, i, i, strings.Repeat("x", 2000)))
		}
		sendJSON(rw, 200, `{"total":90,"events":[`+strings.Join(events, ",")+`]}`)
	}))
	for _, line := range []string{"events list -o json", "events list --follow --interval 100ms -o json"} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			interruptTwice(t, w.in(t).command(t.Context(), strings.Fields(line)...))
		})
	}
}

func interruptTwice(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	errs := &buffer{}
	cmd.Stdout, cmd.Stderr = writer, errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = writer.Close()
	if _, err := reader.Read(make([]byte, 10)); err != nil { // it prints by now
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // the exit code says it
	}()
	_ = cmd.Process.Signal(os.Interrupt)
	for again := time.NewTicker(2 * forced); ; { // two that come at once are one to the process
		_ = cmd.Process.Signal(os.Interrupt)
		select {
		case <-ended:
			again.Stop()
		case <-again.C:
			continue
		}
		break
	}
	if code := cmd.ProcessState.ExitCode(); code != 130 || errs.String() != "error: stopped at once\n" {
		t.Errorf("exit code %d, %s", code, errs)
	}
}
