//go:build unix

package e2e

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// terminal is a child on a pseudo-terminal that never says anything: what it is asked, it does not answer.
type terminal struct {
	t    testing.TB
	cmd  *exec.Cmd
	out  *buffer
	keys io.Writer // what is typed
	done chan struct{}
}

// onTerminal starts a command with all three streams on a pseudo-terminal.
func (w *world) onTerminal(cols uint16, args ...string) *terminal {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 2*patience)
	c := &terminal{t: w.t, cmd: w.command(ctx, args...), out: &buffer{}, done: make(chan struct{})}
	f, err := pty.StartWithSize(c.cmd, &pty.Winsize{Rows: 50, Cols: cols})
	if err != nil {
		cancel()
		w.t.Fatal(err)
	}
	c.keys = f
	go func() {
		defer close(c.done)
		b := make([]byte, 64<<10)
		for {
			n, err := f.Read(b)
			_, _ = c.out.Write(b[:n])
			if err != nil { // EIO once the last process has let go of the other side
				break
			}
		}
		_ = c.cmd.Wait()
		_ = f.Close()
	}()
	w.t.Cleanup(func() {
		cancel()
		<-c.done
	})
	return c
}

// wait waits for the end and gives the exit code.
func (c *terminal) wait() int {
	c.t.Helper()
	select {
	case <-c.done:
	case <-time.After(patience):
		c.t.Fatalf("%q did not end: %.4000q", c.cmd.Args, c.out)
	}
	return c.cmd.ProcessState.ExitCode()
}

// onPTY is the program onpty of the scripts: it runs a command with all three streams on a pseudo-terminal and prints
// what arrived there. With -type TEXT it answers the first question that ends in "[y/N] " or ": " with TEXT and Enter; the
// text ^C is that key.
func onPTY() {
	args := os.Args[1:]
	answer, has := "", false
	if len(args) > 1 && args[0] == "-type" {
		answer, has, args = args[1], true, args[2:]
	}
	if len(args) == 0 {
		fail("usage: onpty [-type TEXT] COMMAND…")
	}
	cmd := exec.Command(args[0], args[1:]...) //nolint:noctx // it ends with the script
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 50, Cols: 400})
	if err != nil {
		fail(err.Error())
	}
	var all strings.Builder
	b := make([]byte, 64<<10)
	for {
		n, err := f.Read(b)
		all.Write(b[:n])
		if shown := all.String(); has && (strings.HasSuffix(shown, "[y/N] ") || strings.HasSuffix(shown, ": ")) {
			has = false
			if strings.HasSuffix(shown, ": ") {
				eventually(func() bool { return !echoes(f) }) // it asks first, and then stops showing what is typed
			}
			if _, err := io.WriteString(f, strings.Replace(answer+"\n", "^C\n", "\x03", 1)); err != nil {
				fail(err.Error())
			}
		}
		if err != nil { // EIO once the last process has let go of the other side
			break
		}
	}
	_ = cmd.Wait()
	_, _ = io.WriteString(os.Stdout, all.String())
	os.Exit(cmd.ProcessState.ExitCode())
}

// echoes says whether a terminal shows what is typed.
func echoes(f *os.File) bool {
	cmd := exec.Command("stty", "-a") //nolint:noctx // it looks and ends
	cmd.Stdin = f
	out, err := cmd.Output()
	return err == nil && !slices.Contains(strings.Fields(string(out)), "-echo")
}

func fail(text string) {
	_, _ = fmt.Fprintln(os.Stderr, text)
	os.Exit(125)
}

// memory is the resident size of a running child in bytes; 0 where the system does not tell.
func memory(t testing.TB, pid int) int64 {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ps", "-o", "rss=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return 0
	}
	kib, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return kib << 10
}
