//go:build unix

package deliver

// A look at an idle connection, which waits for nothing.

import (
	"errors"
	"syscall"
)

// quiet says whether an idle connection is open and nothing has come on it.
func quiet(w *wire) bool {
	if w.sys == nil {
		return false
	}
	var looked error
	err := w.sys.Control(func(fd uintptr) {
		var one [1]byte
		_, _, looked = syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK) // sockets of Go do not block
	})
	return err == nil && (errors.Is(looked, syscall.EAGAIN) || errors.Is(looked, syscall.EWOULDBLOCK))
}
