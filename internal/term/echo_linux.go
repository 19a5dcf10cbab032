package term

import "golang.org/x/sys/unix"

// Requests of the terminal's settings.
const (
	getTermios = unix.TCGETS
	setTermios = unix.TCSETS
)
