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
func tryLock(f *os.File, share bool) (bool, error) {
	how := syscall.LOCK_EX
	if share {
		how = syscall.LOCK_SH
	}
	for {
		err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
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

// unlock gives up the lock. Closing the file would do so too, but for a child that this process is starting: until that runs its program
// it has the file open as well.
func unlock(f *os.File) {
	_ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN)
	_ = f.Close()
}
