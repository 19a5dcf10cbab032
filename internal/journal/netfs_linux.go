package journal

// Network file systems, as Linux tells them.

import "syscall"

// fileSystem names the kind of file system that holds path when it is one over a network, or "".
func fileSystem(path string) string {
	var st syscall.Statfs_t
	if syscall.Statfs(path, &st) != nil {
		return ""
	}
	return kindOf(uint32(st.Type)) //nolint:gosec // magic numbers of 32 bits; the field's width differs between machines
}

// kindOf reads the magic number of a file system, as statfs(2) lists them.
func kindOf(magic uint32) string {
	switch magic {
	case 0x6969:
		return "nfs"
	case 0x517b, 0xff534d42, 0xfe534d42:
		return "smb"
	case 0x01021997:
		return "9p"
	case 0x00c36400:
		return "ceph"
	case 0x5346414f, 0x6b414653:
		return "afs"
	case 0x0bd00bd0:
		return "lustre"
	case 0x01161970:
		return "gfs2"
	case 0x73757245:
		return "coda"
	default:
		return ""
	}
}
