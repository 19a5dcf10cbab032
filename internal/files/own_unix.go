//go:build unix

package files

// Who owns a file and who may write it, where files have modes.

import (
	"io/fs"
	"os"
	"syscall"
)

const hasModes = true

func owner(fi fs.FileInfo) (uid, gid int, ok bool) {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return int(st.Uid), int(st.Gid), true
}

// openNow opens for reading, and does not block if a pipe took the file's place.
func openNow(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}
