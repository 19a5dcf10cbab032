//go:build linux || darwin || freebsd

package files

// The free room of a disk.

import "golang.org/x/sys/unix"

// Free is how many bytes this user may still write on the disk that holds path, negative where that is not known.
func Free(path string) int64 {
	var s unix.Statfs_t
	if unix.Statfs(path, &s) != nil {
		return -1
	}
	return int64(s.Bavail) * int64(s.Bsize) //nolint:gosec,unconvert // the types of the fields differ between systems
}
