//go:build unix && !solaris && !illumos && !aix

package sandbox

import (
	"os"
	"syscall"
)

// lockFile makes sure that one process at a time uses a data file; the system lets go of the lock when the process ends.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}
