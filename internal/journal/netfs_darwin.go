package journal

// Network file systems, as macOS tells them.

import "syscall"

const mntLocal = 0x1000 // MNT_LOCAL of sys/mount.h, which package syscall leaves out

// fileSystem names the kind of file system that holds path when it is one over a network, or "".
func fileSystem(path string) string {
	var st syscall.Statfs_t
	if syscall.Statfs(path, &st) != nil || st.Flags&mntLocal != 0 {
		return ""
	}
	name := make([]byte, 0, len(st.Fstypename))
	for _, c := range st.Fstypename {
		if c == 0 {
			break
		}
		name = append(name, byte(c))
	}
	return string(name)
}
