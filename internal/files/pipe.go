package files

// A file that may be a pipe, as the shell's <(…) makes one.

import (
	"context"
	"io/fs"
	"os"
)

// OpenUntil opens a file for reading. It waits for somebody who writes to a pipe, until stop closes. Then the error is
// context.Canceled.
func OpenUntil(stop <-chan struct{}, path string) (*os.File, error) {
	if fi, err := os.Stat(path); err != nil || fi.Mode()&fs.ModeNamedPipe == 0 {
		return os.Open(path)
	}
	type result struct {
		f   *os.File
		err error
	}
	opened := make(chan result, 1)
	go func() {
		f, err := os.Open(path)
		opened <- result{f, err}
	}()
	select {
	case r := <-opened:
		return r.f, r.err
	case <-stop:
		return nil, context.Canceled
	}
}
