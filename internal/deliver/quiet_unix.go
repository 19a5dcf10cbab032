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
	if w.look == nil {
		var one [1]byte
		w.look = func(fd uintptr) {
			_, _, w.looked = syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK) // sockets of Go do not block
		}
	}
	err := w.sys.Control(w.look)
	return err == nil && (errors.Is(w.looked, syscall.EAGAIN) || errors.Is(w.looked, syscall.EWOULDBLOCK))
}
