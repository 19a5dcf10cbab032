package files

// Locks on files on Windows.

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

const foldersLock = false

// tryLock takes the lock of an open file or says that it is not free. It locks the same bytes as package lockedfile.
func tryLock(f *os.File, share bool) (bool, error) {
	const all = ^uint32(0)
	how := uint32(windows.LOCKFILE_FAIL_IMMEDIATELY)
	if !share {
		how |= windows.LOCKFILE_EXCLUSIVE_LOCK
	}
	err := windows.LockFileEx(windows.Handle(f.Fd()), how, 0, all, all, new(windows.Overlapped))
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, windows.ERROR_LOCK_VIOLATION), errors.Is(err, windows.ERROR_IO_PENDING):
		return false, nil
	default:
		return false, &fs.PathError{Op: "lock", Path: f.Name(), Err: err}
	}
}

func unlock(f *os.File) {
	const all = ^uint32(0)
	_ = windows.UnlockFileEx(windows.Handle(f.Fd()), 0, all, all, new(windows.Overlapped))
	_ = f.Close()
}
