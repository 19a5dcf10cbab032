// Package command runs a program that the user named: its words and no shell, for a bounded time, without whctl's secrets.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"slices"
	"strings"
	"time"
)

const (
	// grace is how long a stopped program may keep its streams open.
	grace   = time.Second
	maxSaid = 200 // bytes of what a program said on its standard error
)

// What is wrong with a line, or with how a program ended.
var (
	ErrQuote   = errors.New("a quote is not closed")
	ErrEmpty   = errors.New("it is empty")
	ErrLate    = errors.New("it did not end in time")
	ErrTooMuch = errors.New("it printed too much")
	ErrMissing = exec.ErrNotFound
)

// Program is a program to run.
type Program struct {
	Words []string // name and arguments
	Limit time.Duration
	Input io.Reader // its standard input; nil: empty
	Most  int       // bytes of its standard output that are wanted; a program that prints more is stopped
	// Keep says which variables of the environment it gets, each as NAME=VALUE. It never gets a secret of whctl's.
	Keep func(pair string) bool
}

// Run runs the program to its end. It returns the standard output, and the first line of the standard error. The error is ctx's,
// one of those above, or that of package exec.
func (p Program) Run(ctx context.Context) (out []byte, said string, err error) {
	within, cancel := context.WithTimeout(ctx, p.Limit)
	defer cancel()
	stdout, stderr := &beginning{most: p.Most}, &beginning{most: maxSaid}
	c := exec.CommandContext(within, p.Words[0], p.Words[1:]...) //nolint:gosec // the user's own command, never from a project file
	c.Stdin, c.Stdout, c.Stderr, c.WaitDelay = p.Input, strict{stdout}, stderr, grace
	c.Env = slices.DeleteFunc(withoutOwn(c.Environ()), func(pair string) bool { return !p.Keep(pair) })
	err = c.Run()
	switch {
	case ctx.Err() != nil:
		err = ctx.Err()
	case within.Err() != nil:
		err = ErrLate
	case stdout.more:
		err = ErrTooMuch
	}
	line, _, _ := strings.Cut(strings.TrimSpace(strings.ToValidUTF8(string(stderr.head), "")), "\n")
	return stdout.head, line, err
}

// withoutOwn takes out the variables that hold whctl's own secrets, and those by which a service manager speaks to this process alone: a
// program that knows them, such as podman, would tell the manager that whctl is ready, as sd_notify(3) says.
func withoutOwn(env []string) []string {
	return slices.DeleteFunc(env, func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return slices.Contains([]string{"WHCTL_TOKEN", "WHCTL_GITHUB_TOKEN", "WHCTL_SECRET", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}, name)
	})
}

// Find fails with ErrMissing, or the reason why it cannot be run, where there is no program of this name.
func Find(name string) error {
	_, err := exec.LookPath(name)
	if errors.Is(err, ErrMissing) || errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no program %s: %w", name, ErrMissing)
	}
	return err
}

// beginning keeps the first bytes that are written to it.
type beginning struct {
	head []byte
	most int
	more bool // came than head holds
}

func (b *beginning) Write(p []byte) (int, error) {
	n := min(len(p), b.most-len(b.head))
	b.head = append(b.head, p[:n]...)
	b.more = b.more || n < len(p)
	return len(p), nil
}

// strict fails where its beginning is full, which stops the program.
type strict struct{ *beginning }

func (s strict) Write(p []byte) (int, error) {
	n, err := s.beginning.Write(p)
	if s.more {
		return 0, ErrTooMuch
	}
	return n, err
}

// Split divides a command line at blanks. Quotes join words. A backslash escapes a quote, a blank or a backslash. Nothing is
// expanded. The error is ErrQuote or ErrEmpty.
func Split(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	quote, open := byte(0), false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && quote != '\'' && i+1 < len(line) && strings.IndexByte(`"'\ `, line[i+1]) >= 0:
			i++
			word.WriteByte(line[i])
			open = true
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote, open = c, true
		case quote == 0 && (c == ' ' || c == '\t' || c == '\n'):
			if open {
				words = append(words, word.String())
			}
			word.Reset()
			open = false
		default:
			word.WriteByte(c)
			open = true
		}
	}
	if open {
		words = append(words, word.String())
	}
	switch {
	case quote != 0:
		return nil, ErrQuote
	case len(words) == 0 || words[0] == "":
		return nil, ErrEmpty
	}
	return words, nil
}
