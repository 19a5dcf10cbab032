// Package term is the only place that knows what a terminal is: streams, width, colour, sanitising and prompts.
//
// It never queries the terminal by an escape sequence: one that does not answer costs seconds. What it knows comes from the
// environment and the operating system.
package term

import (
	"bytes"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
)

// IO is the three streams of a process and what is known of the terminal behind them. Main makes one and passes it on; tests
// use Buffer or Fake. Once set up it is safe for concurrent use, but it does not order writes to Out and Err.
type IO struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer
	// Stopped is closed when the program is told to end, which ends what could write for ever. It may be nil.
	Stopped <-chan struct{}

	env   func(string) string   // nil: nothing is set
	tty   func(stream any) bool // asked once for each stream; nil: isTerminal
	width func(stream any) int  // 0: not known; nil: columns
	mode  string                // auto (also ""), always, never

	in, out, err stream
	keys         keyboard
	asking       atomic.Bool // a question stands on the terminal
}

// stream is what is known of one stream. Each part is found out on first use.
type stream struct {
	ttyOnce, styleOnce sync.Once
	tty, colored       bool
}

// System is the process's standard streams. It asks and sets nothing until that is needed.
func System(getenv func(string) string) *IO {
	return &IO{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, env: getenv}
}

// Interrupted is for an interrupt: it goes back to the beginning of the line on which a terminal shows ^C, so that what comes next does not
// stand behind that. Where nothing is shown it changes nothing. A question ends its line by itself.
func (t *IO) Interrupted() {
	switch {
	case t.asking.Load():
	case t.ErrTTY():
		_, _ = io.WriteString(t.Err, "\r")
	case t.OutTTY():
		_, _ = io.WriteString(t.Out, "\r")
	}
}

// Buffer is an IO for tests: no terminal, empty input, and buffers that take output and errors.
func Buffer() (t *IO, out, errs *bytes.Buffer) {
	return Fake(FakeOptions{})
}

// FakeOptions says what a test's terminal looks like. The zero value is no terminal.
type FakeOptions struct {
	In                    io.Reader // nil: empty
	InTTY, OutTTY, ErrTTY bool
	Width                 int               // columns, when a stream is a terminal; 0: 80
	Env                   map[string]string // what System would read from the environment
}

// Fake is an IO for tests whose streams are terminals where o says so.
func Fake(o FakeOptions) (t *IO, out, errs *bytes.Buffer) {
	out, errs = &bytes.Buffer{}, &bytes.Buffer{}
	in := o.In
	if in == nil {
		in = strings.NewReader("")
	}
	t = &IO{In: in, Out: out, Err: errs}
	t.env = func(name string) string { return o.Env[name] }
	t.width = func(any) int { return o.Width }
	t.tty = func(stream any) bool {
		switch stream {
		case any(out):
			return o.OutTTY
		case any(errs):
			return o.ErrTTY
		default:
			return o.InTTY
		}
	}
	return t, out, errs
}

// Talk is an IO whose Out is standard error, for what is data elsewhere and talk here.
func (t *IO) Talk() *IO {
	return &IO{In: t.In, Out: t.Err, Err: t.Err, Stopped: t.Stopped, env: t.env, tty: t.tty, width: t.width, mode: t.mode}
}

// InTTY says whether standard input is a terminal.
func (t *IO) InTTY() bool { return t.isTTY(&t.in, t.In) }

// OutTTY says whether standard output is a terminal.
func (t *IO) OutTTY() bool { return t.isTTY(&t.out, t.Out) }

// ErrTTY says whether standard error is a terminal.
func (t *IO) ErrTTY() bool { return t.isTTY(&t.err, t.Err) }

// Width is the number of columns of the terminal on Out, 0 when Out is no terminal. Each call asks again, because people
// resize windows.
func (t *IO) Width() int { return t.widthOf(&t.out, t.Out) }

// ErrWidth is Width for standard error.
func (t *IO) ErrWidth() int { return t.widthOf(&t.err, t.Err) }

func (t *IO) isTTY(s *stream, file any) bool {
	s.ttyOnce.Do(func() {
		ask := t.tty
		if ask == nil {
			ask = isTerminal
		}
		s.tty = ask(file)
	})
	return s.tty
}

func (t *IO) getenv(name string) string {
	if t.env == nil {
		return ""
	}
	return t.env(name)
}

func (t *IO) widthOf(s *stream, file any) int {
	const usual = 80
	if !t.isTTY(s, file) {
		return 0
	}
	ask := t.width
	if ask == nil {
		ask = columns
	}
	if w := ask(file); w > 0 {
		return w
	}
	if w := atoi(t.getenv("COLUMNS")); w > 0 {
		return w
	}
	return usual
}

// atoi reads a small positive number; anything else is 0.
func atoi(s string) int {
	const most = 10_000
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' || n > most {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}
