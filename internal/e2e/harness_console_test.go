//go:build unix

package e2e

import (
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// console is a pseudo-terminal with somebody at it. It outlives the program that runs there, so that its mode can be looked at.
type console struct {
	t      testing.TB
	cmd    *exec.Cmd
	window *os.File // where the person sits
	tty    *os.File // where the program does
	out    *buffer
	ended  chan struct{}
}

// console starts a program on a terminal of its own, with all three streams where c.tty is not taken by adjust.
func (w *world) console(cols uint16, adjust func(*exec.Cmd), name string, args ...string) *console {
	w.t.Helper()
	c := &console{t: w.t, cmd: w.command(w.t.Context(), args...), out: &buffer{}, ended: make(chan struct{})}
	var err error
	if c.cmd.Path, err = exec.LookPath(name); err != nil {
		w.t.Fatal(err)
	}
	if c.window, c.tty, err = pty.Open(); err != nil {
		w.t.Fatal(err)
	}
	c.resize(cols)
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = c.tty, c.tty, c.tty
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 1}
	if adjust != nil {
		adjust(c.cmd)
	}
	if err := c.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(c.out, c.window)
	}()
	go func() {
		defer close(c.ended)
		_ = c.cmd.Wait()
	}()
	w.t.Cleanup(func() {
		_ = c.cmd.Process.Kill()
		<-c.ended
		_ = c.tty.Close()
		_ = c.window.Close()
		<-read
		if strings.Contains(c.out.String(), "DATA RACE") || w.t.Failed() {
			w.t.Errorf("the terminal shows %.8000s", c.out)
		}
	})
	return c
}

// listening is a listener on a terminal, with its address. Keys work there.
func (w *world) listening(cols uint16, args ...string) (c *console, addr string) {
	w.t.Helper()
	c, addr = w.listeningAnyway(cols, nil, args...)
	c.keysWork()
	return c, addr
}

// listeningAnyway is one of which it is not known whether keys work there.
func (w *world) listeningAnyway(cols uint16, adjust func(*exec.Cmd), args ...string) (c *console, addr string) {
	w.t.Helper()
	ready := w.path("ready")
	_ = os.Remove(ready)
	args = append([]string{"listen", "--addr", "127.0.0.1:0", "--ready-file", ready, "--color", "never", "--body", "none"}, args...)
	if !slices.Contains(args, "--sandbox") {
		args = append(args, "--secret-file", "key")
	}
	c = w.console(cols, adjust, w.bin, args...)
	return c, strings.TrimSpace(waitFile(w.t, ready))
}

func (c *console) resize(cols uint16) {
	c.t.Helper()
	if err := pty.Setsize(c.window, &pty.Winsize{Rows: 50, Cols: cols}); err != nil {
		c.t.Fatal(err)
	}
}

// press types.
func (c *console) press(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c.window, text); err != nil {
		c.t.Fatal(err)
	}
}

// isRead waits until the program has taken what was typed: a key that comes together with another counts as pasted.
func (c *console) isRead() {
	c.t.Helper()
	if !eventually(func() bool {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(c.tty.Fd()), Events: unix.POLLIN}}, 0)
		return n == 0 && err == nil
	}) {
		c.t.Fatal("nobody reads what was typed")
	}
}

// insists presses a key until a text is shown once more: what is typed at the same time as something else counts as pasted.
func (c *console) insists(key, text string) {
	c.t.Helper()
	n := strings.Count(c.screen(), text)
	if !eventually(func() bool {
		c.press(key)
		return strings.Count(c.screen(), text) > n
	}) {
		c.t.Fatalf("%q does not show %q", key, text)
	}
}

// screen is what was shown, without what terminals need. An interrupt has a carriage return at the beginning of a line.
func (c *console) screen() string {
	return strings.ReplaceAll(strings.ReplaceAll(c.out.String(), "\r\n", "\n"), "\n\r", "\n")
}

// shows waits until a text was shown n times.
func (c *console) shows(n int, text string) {
	c.t.Helper()
	if !eventually(func() bool { return strings.Count(c.screen(), text) >= n }) {
		c.t.Fatalf("%q is not shown %d times", text, n)
	}
}

// mode is how the terminal treats what is typed, as stty tells it.
func (c *console) mode() (list []string) {
	cmd := exec.Command("stty", "-a") //nolint:noctx // it looks and ends
	cmd.Stdin = c.tty
	out, err := cmd.Output()
	if err != nil {
		c.t.Error(err)
	}
	for word := range strings.FieldsSeq(string(out)) {
		if slices.Contains([]string{"icanon", "echo", "isig", "opost", "iexten", "icrnl", "ixon"}, strings.TrimPrefix(word, "-")) {
			list = append(list, word)
		}
	}
	slices.Sort(list)
	return list
}

func (c *console) has(words ...string) bool {
	mode := c.mode()
	return !slices.ContainsFunc(words, func(word string) bool { return !slices.Contains(mode, word) })
}

// keysWork waits until keys come one by one, unseen.
func (c *console) keysWork() {
	c.t.Helper()
	if !eventually(func() bool { return c.has("-icanon", "-echo", "isig", "opost") }) {
		c.t.Fatalf("keys do not work: %v", c.mode())
	}
}

// isItself checks that the terminal has its own mode.
func (c *console) isItself(what string) {
	c.t.Helper()
	if !c.has("icanon", "echo", "isig", "opost", "iexten", "icrnl") {
		c.t.Errorf("%s: the terminal is left as %v", what, c.mode())
	}
}

// ends waits for the end and gives the exit code.
func (c *console) ends() int {
	c.t.Helper()
	select {
	case <-c.ended:
	case <-time.After(patience):
		c.t.Fatalf("%q did not end", c.cmd.Args)
	}
	return c.cmd.ProcessState.ExitCode()
}

// quits presses q, and expects the end with the summary.
func (c *console) quits() {
	c.t.Helper()
	c.isRead()
	c.press("q")
	if code := c.ends(); code != 0 {
		c.t.Errorf("exit code %d after q", code)
	}
	c.shows(1, "ended after ")
	c.isItself("after q")
}

func (c *console) signal(sig os.Signal) {
	c.t.Helper()
	if err := c.cmd.Process.Signal(sig); err != nil {
		c.t.Fatal(err)
	}
}
