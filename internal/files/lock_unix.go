//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd || illumos

package files

// Locks on files where the system has flock.

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

const foldersLock = true

// tryLock takes the lock of an open file or says that it is not free.
func tryLock(f *os.File) (bool, error) {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		default:
			return false, &fs.PathError{Op: "lock", Path: f.Name(), Err: err}
		}
	}
}

func unlock(f *os.File) { _ = f.Close() } // which gives up the lock
