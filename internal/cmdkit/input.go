package cmdkit

// Files and standard input, read whole; standard output that cannot be written.

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
	"github.com/whctl/whctl/internal/term"
)

// MaxInput is the largest file or standard input that is read into memory, in bytes.
const MaxInput = 256 << 20

// Stdin is the file argument that means standard input.
const Stdin = "-"

// OpenInput opens a file, or standard input for "-" and for no name. No name is a Usage fault on a terminal, where a person would
// wait for nothing. The caller closes the result.
func (e *Env) OpenInput(name, what string) (io.ReadCloser, error) {
	if name == Stdin || name == "" {
		if name == "" && e.IO.InTTY() {
			return nil, fault.Hint(fault.New(fault.Usage, "%s is missing", what), "name a file, or pipe it in")
		}
		return io.NopCloser(e.Stdin()), nil
	}
	f, err := files.OpenUntil(e.Stopped, name)
	if errors.Is(err, context.Canceled) {
		return nil, err
	}
	if err != nil {
		return nil, fault.Hint(fault.New(fault.Usage, "cannot read %s: %s", name, PathWords(err)), "name a file that you can read, or - for standard input")
	}
	st, err := f.Stat()
	switch {
	case err == nil && st.IsDir():
		_ = f.Close()
		return nil, fault.New(fault.Usage, "cannot read %s: it is a folder", name)
	case err == nil && !st.Mode().IsRegular(): // a pipe may never end
		return struct {
			io.Reader
			io.Closer
		}{e.waiting(f), f}, nil
	default:
		return f, nil
	}
}

// Stdin is standard input. An interrupt ends a read that waits.
func (e *Env) Stdin() io.Reader { return e.waiting(e.IO.In) }

func (e *Env) waiting(r io.Reader) io.Reader {
	if e.CatchInterrupts != nil {
		e.CatchInterrupts()
	}
	if e.Stopped == nil {
		return r
	}
	return &stoppable{r: r, stop: e.Stopped, read: make(chan int, 1)}
}

// ReadFailed makes a Usage fault of an input that could not be read. An interrupt stays an interrupt.
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

// PathWords is the text of a file error without the call and the path.
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

// Shown is for commands whose exit code is their result. A closed pipe does not change the result, any other failure of the
// output does.
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
