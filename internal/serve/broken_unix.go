//go:build unix

package serve

// What the system knows of a connection and of the limit on open files.

import (
	"net"
	"syscall"
)

const knowsBroken = true

// broken reports whether the peer refused what was written.
func broken(c net.Conn) bool {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return false
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return true
	}
	pending := 0
	err = raw.Control(func(fd uintptr) {
		pending, err = syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_ERROR)
	})
	return err != nil || pending != 0
}

// fileLimit returns how many files and sockets this process may have open, 0 if unknown.
func fileLimit() int {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil || l.Cur > 1<<20 {
		return 0
	}
	return int(l.Cur)
}
