package cmdkit

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/term"
)

// MaxInput bounds what is read into memory from a file or standard input, in bytes.
const MaxInput = 256 << 20

// Stdin is the file argument that means standard input.
const Stdin = "-"

// OpenInput opens a file, or standard input for "-". With no name it is standard input too, unless that is a terminal,
// where a person would wait for something that never comes. The caller closes it.
func (e *Env) OpenInput(name, what string) (io.ReadCloser, error) {
	if name == Stdin || name == "" {
		if name == "" && e.IO.InTTY() {
			return nil, fault.Hint(fault.New(fault.Usage, "%s is missing", what), "name a file, or pipe it in")
		}
		return io.NopCloser(e.Stdin()), nil
	}
	f, err := os.Open(name) // #nosec G304 -- the user names the file to read
	if err != nil {
		return nil, fault.Hint(fault.New(fault.Usage, "cannot read %s: %s", name, PathWords(err)), "name a file that you can read, or - for standard input")
	}
	st, err := f.Stat()
	switch {
	case err == nil && st.IsDir():
		_ = f.Close()
		return nil, fault.New(fault.Usage, "cannot read %s: it is a folder", name)
	case err == nil && !st.Mode().IsRegular(): // a pipe, which may never end
		return struct {
			io.Reader
			io.Closer
		}{e.waiting(f), f}, nil
	default:
		return f, nil
	}
}

// Stdin is standard input, whose wait an interrupt ends.
func (e *Env) Stdin() io.Reader { return e.waiting(e.IO.In) }

func (e *Env) waiting(r io.Reader) io.Reader {
	if e.CatchInterrupts != nil {
		e.CatchInterrupts()
	}
	return newStoppable(r, e.Stopped)
}

// ReadFailed says that an input could not be read; an interrupt stays what it is.
func ReadFailed(what string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return fault.New(fault.Usage, "cannot read %s: %s", what, PathWords(err))
}

// ReadInput reads all of what OpenInput opens, up to MaxInput.
func (e *Env) ReadInput(name, what string) ([]byte, error) {
	in, err := e.OpenInput(name, what)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }()
	b, err := io.ReadAll(io.LimitReader(in, MaxInput+1))
	if err != nil {
		return nil, ReadFailed(what, err)
	}
	if len(b) > MaxInput {
		return nil, fault.New(fault.Usage, "%s is larger than %d MiB", what, MaxInput>>20)
	}
	return b, nil
}

// PathWords says a file error without the call and path that Go puts before it.
func PathWords(err error) string {
	var pe *fs.PathError
	var le *os.LinkError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "no such file"
	case errors.Is(err, fs.ErrPermission):
		return "permission denied"
	case errors.Is(err, syscall.EISDIR):
		return "it is a folder"
	case errors.Is(err, syscall.ENOSPC):
		return "the disk is full"
	case errors.As(err, &pe):
		return pe.Err.Error()
	case errors.As(err, &le):
		return le.Err.Error()
	default:
		return err.Error()
	}
}

// Shown is for commands whose exit code says what they found out: a reader that has gone changes nothing of that, while
// any other trouble with the output is an error.
func Shown(err error) error {
	if term.IsClosedPipe(err) {
		return nil
	}
	return WriteFailed(err)
}

// WriteFailed gives a failure to write standard output its kind.
func WriteFailed(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, syscall.ENOSPC) {
		return fault.New(fault.Storage, "cannot write the output: the disk is full")
	}
	return err
}
