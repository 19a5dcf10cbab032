//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package journal

import (
	"os"
	"path/filepath"
	"syscall"
)

// guard keeps processes that open a journal in the same folder at the same moment apart: SQLite's own locks do not cover the
// switch to a write-ahead log, and a look at a half-made file finds it damaged. The lock is on the folder, so that nothing is
// left beside a file, and apart from SQLite's, which closing a descriptor of the file would drop. Where no lock can be
// had, opening goes on and says what is wrong.
func guard(path string) (release func()) {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return func() {}
	}
	for {
		err = syscall.Flock(int(folder.Fd()), syscall.LOCK_EX)
		if err != syscall.EINTR { //nolint:errorlint // a bare errno
			break
		}
	}
	return func() { _ = folder.Close() } // which gives up the lock
}
