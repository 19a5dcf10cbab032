package term

// Questions to a person.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	xterm "golang.org/x/term"
)

// ErrNoTerminal says that nobody can be asked: input and stderr are not both terminals.
var ErrNoTerminal = errors.New("no terminal to ask on")

// ErrInterrupted says that ^C was pressed at a prompt. It is a context.Canceled too.
var ErrInterrupted = fmt.Errorf("interrupted: %w", context.Canceled)

// mostAnswer bounds what is read for one answer, in bytes.
const mostAnswer = 64 << 10

// CanPrompt says whether a person can be asked: input and stderr are terminals.
func (t *IO) CanPrompt() bool { return t.InTTY() && t.ErrTTY() }

// Confirm asks a yes-or-no question on stderr. Only y and yes mean yes. The question is cleaned, and breaks at spaces. The error is ErrNoTerminal
// without a terminal and ErrInterrupted after ^C.
func (t *IO) Confirm(question string) (bool, error) {
	answer, err := t.ask(FoldWords(Clean(question)+" [y/N]", t.ErrWidth())+" ", false)
	if errors.Is(err, io.EOF) { // ^D
		return false, nil
	}
	if err != nil {
		return false, err
	}
	word := strings.ToLower(strings.TrimSpace(string(answer)))
	return word == "y" || word == "yes", nil
}

// ReadSecret asks on stderr and reads one line without showing it. The result has no line end and belongs to the caller.
// Errors are those of Confirm, and io.EOF when input ends before anything is typed.
func (t *IO) ReadSecret(prompt string) ([]byte, error) {
	return t.ask(Clean(prompt)+" ", true)
}

func (t *IO) ask(prompt string, secret bool) ([]byte, error) {
	if !t.CanPrompt() {
		return nil, ErrNoTerminal
	}
	restore := t.Remember()
	if secret {
		// Turn off the echo before the prompt: people paste as soon as they see it.
		defer restore()
		if fd, ok := descriptor(t.In); ok {
			if err := stopEcho(fd); err != nil {
				return nil, err
			}
		}
	}
	interrupt := make(chan os.Signal, 1)
	signal.Notify(interrupt, os.Interrupt)
	defer signal.Stop(interrupt)
	t.asking.Store(true)
	if _, err := io.WriteString(t.Err, prompt); err != nil {
		return nil, err
	}
	type answer struct {
		line []byte
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		line, err := t.readAnswer(secret)
		done <- answer{line, err}
	}()
	select {
	case a := <-done:
		t.asking.Store(false)
		if secret {
			_, _ = io.WriteString(t.Err, "\n") // the typed newline was not shown
		}
		return a.line, a.err
	case <-interrupt: // the reading goroutine stays; the process is about to end
		restore()
		_, _ = io.WriteString(t.Err, "\n")
		return nil, ErrInterrupted
	}
}

func (t *IO) readAnswer(secret bool) ([]byte, error) {
	if fd, ok := descriptor(t.In); ok && secret {
		return xterm.ReadPassword(fd)
	}
	return readLine(t.In)
}

// readLine reads up to a newline, byte by byte, so that nothing behind it is consumed.
func readLine(r io.Reader) ([]byte, error) {
	var line []byte
	one := make([]byte, 1)
	for len(line) < mostAnswer {
		n, err := r.Read(one)
		if n == 1 {
			if one[0] == '\n' {
				break
			}
			line = append(line, one[0])
		}
		if errors.Is(err, io.EOF) && len(line) > 0 {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line, nil
}

// Remember returns a function that puts the terminal back into its present state. Without a terminal that does nothing.
func (t *IO) Remember() func() {
	fd, ok := descriptor(t.In)
	if !ok {
		return func() {}
	}
	state, err := xterm.GetState(fd)
	if err != nil {
		return func() {}
	}
	return func() { _ = xterm.Restore(fd, state) }
}
