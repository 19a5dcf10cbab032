//go:build unix

package serve

// What the system knows of a connection and of the limit on open files.

import (
	"errors"
	"net"
	"syscall"
)

const knowsBroken = true

// broken reports whether the peer refused what was written.
func broken(c net.Conn) bool {
	return ask(c, func(fd int) bool {
		pending, err := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_ERROR)
		return err != nil || pending != 0
	})
}

// ended reports whether the peer sends no more, also before a reader has come to that.
func ended(c net.Conn) bool {
	return ask(c, func(fd int) bool {
		n, _, err := syscall.Recvfrom(fd, make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return n <= 0 && !errors.Is(err, syscall.EAGAIN) && !errors.Is(err, syscall.EINTR)
	})
}

// ask asks the system about a connection. The answer is true of one that is closed here.
func ask(c net.Conn, about func(fd int) bool) (is bool) {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return false
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return true
	}
	if err := raw.Control(func(fd uintptr) { is = about(int(fd)) }); err != nil {
		return true
	}
	return is
}

// fileLimit returns how many files and sockets this process may have open, 0 if unknown.
func fileLimit() int {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil || l.Cur > 1<<20 {
		return 0
	}
	return int(l.Cur)
}
