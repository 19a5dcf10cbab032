//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package term

// Typing that is not shown.

import "golang.org/x/sys/unix"

// stopEcho keeps what is typed from being shown.
func stopEcho(fd int) error {
	t, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return err
	}
	t.Lflag &^= unix.ECHO
	return unix.IoctlSetTermios(fd, setTermios, t)
}
