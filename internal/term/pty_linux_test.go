package term

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

const childEnv = "WHCTL_TERM_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) == "" {
		os.Exit(m.Run())
	}
	os.Exit(child(os.Getenv(childEnv)))
}

// child is what runs on a pseudo-terminal.
func child(role string) int {
	t := System(os.Getenv)
	switch role {
	case "everything": // whatever could tempt a library to ask the terminal
		st := t.Style()
		all := []string{st.Good("good"), st.Box("title", []Field{{"a", "b"}, {"c", st.Warn("d")}}, t.Width()), Cut("名前名前", 5), Pad("x", 3)}
		all = append(all, Wrap("one two three", 5)...)
		if !t.OutTTY() || !t.InTTY() || !t.ErrTTY() || t.Width() != 72 {
			all = append(all, "NOT A TERMINAL")
		}
		_, _ = io.WriteString(t.Out, strings.Join(all, "\n")+"\nDONE\n")
	case "panic":
		go func() {
			defer t.Guard()
			t.HearKeys(context.Background(), func([]byte) { panic("a key") })
		}()
		select {}
	case "panic elsewhere":
		go t.HearKeys(context.Background(), func([]byte) {
			go func() {
				defer t.Guard()
				panic("a key")
			}()
		})
		select {}
	case "secret":
		got, err := t.ReadSecret("token:")
		if errors.Is(err, ErrInterrupted) && errors.Is(err, context.Canceled) {
			return 130
		}
		_, _ = io.WriteString(t.Out, "LENGTH "+strings.Repeat("#", len(got))+" END\n")
	}
	return 0
}

// onTerminal starts this test binary on a pseudo-terminal that answers nothing.
func onTerminal(t *testing.T, role string) (*os.File, *exec.Cmd) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self) // #nosec G204 -- this test binary
	cmd.Env = append(os.Environ(), childEnv+"="+role, "TERM=xterm-256color", "COLORTERM=truecolor", "NO_COLOR=", "CLICOLOR_FORCE=", "CLICOLOR=")
	screen, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 72})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = screen.Close() })
	return screen, cmd
}

// readUntil collects what is on the screen until a text appears or the program ends.
func readUntil(t *testing.T, screen io.Reader, text string) string {
	t.Helper()
	var all bytes.Buffer
	buf := make([]byte, 4096)
	for !strings.Contains(all.String(), text) {
		n, err := screen.Read(buf)
		all.Write(buf[:n])
		if err != nil {
			t.Fatalf("%v before %q; the screen shows %q", err, text, all.String())
		}
	}
	return all.String()
}

// echoes says whether the terminal shows what is typed.
func echoes(t *testing.T, screen *os.File) bool {
	t.Helper()
	conn, err := screen.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var state *unix.Termios
	var stateErr error
	err = conn.Control(func(fd uintptr) { state, stateErr = unix.IoctlGetTermios(int(fd), unix.TCGETS) })
	if err = errors.Join(err, stateErr); err != nil {
		t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}

// waitForSilence returns when the terminal no longer shows what is typed.
func waitForSilence(t *testing.T, screen *os.File) {
	t.Helper()
	for echoes(t, screen) {
		runtime.Gosched()
	}
}

func TestNothingAsksTheTerminal(t *testing.T) {
	t.Parallel()
	started := time.Now()
	screen, cmd := onTerminal(t, "everything")
	got := readUntil(t, screen, "DONE")
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(started); took > 4900*time.Millisecond {
		t.Errorf("took %v: something waited for an answer", took)
	}
	if strings.Contains(got, "NOT A TERMINAL") {
		t.Errorf("the terminal was not recognised: %q", got)
	}
	for rest := got; ; {
		_, after, found := strings.Cut(rest, "\x1b")
		if !found {
			break
		}
		end := strings.IndexFunc(after, func(r rune) bool { return r != '[' && r != ';' && (r < '0' || r > '9') })
		if !strings.HasPrefix(after, "[") || end < 0 || after[end] != 'm' {
			t.Errorf("something other than a colour was sent: %q", after[:min(len(after), 12)])
		}
		rest = after
	}
	if !strings.Contains(got, "\x1b[32mgood") {
		t.Errorf("no colours: %q", got)
	}
}

func TestSecretIsNotShown(t *testing.T) {
	t.Parallel()
	screen, cmd := onTerminal(t, "secret")
	got := readUntil(t, screen, "token:")
	if echoes(t, screen) {
		t.Error("the prompt is there, and what is typed now would be shown")
	}
	if _, err := io.WriteString(screen, "hunter2\n"); err != nil {
		t.Fatal(err)
	}
	got += readUntil(t, screen, "END")
	if strings.Contains(got, "hunter2") {
		t.Errorf("the secret is on the screen: %q", got)
	}
	if !strings.Contains(got, "LENGTH ####### END") {
		t.Errorf("the secret did not arrive: %q", got)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

func TestInterruptAtPrompt(t *testing.T) {
	t.Parallel()
	screen, cmd := onTerminal(t, "secret")
	readUntil(t, screen, "token:")
	waitForSilence(t, screen)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 130 {
		t.Errorf("ended with %v", err)
	}
	if !echoes(t, screen) {
		t.Error("the terminal was left without echo")
	}
}

// A panic ends the process, and leaves the terminal as it was.
func TestPanicGivesTheTerminalBack(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"panic", "panic elsewhere"} {
		screen, cmd := onTerminal(t, role)
		waitForSilence(t, screen)
		if _, err := io.WriteString(screen, "k"); err != nil {
			t.Fatal(err)
		}
		readUntil(t, screen, "panic: a key")
		var exit *exec.ExitError
		if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 2 {
			t.Errorf("%s: ended with %v", role, err)
		}
		if !echoes(t, screen) {
			t.Errorf("%s: the terminal was left without echo", role)
		}
	}
}

func TestClosedPipe(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	for err == nil { // a child that another test is starting has the other end open until it runs its program
		_, err = w.Write([]byte("x"))
	}
	if !IsClosedPipe(err) {
		t.Errorf("%v is not recognised", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, other := range []error{nil, io.EOF, syscall.ENOSPC, os.ErrClosed} {
		if IsClosedPipe(other) {
			t.Errorf("%v is taken for a closed pipe", other)
		}
	}
}
