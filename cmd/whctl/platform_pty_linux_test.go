package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// echoes says whether a terminal still shows what is typed: what reads a secret switches that off just after it has asked.
func echoes(f *os.File) bool {
	settings, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS) //nolint:gosec // a file descriptor fits
	return err == nil && settings.Lflag&unix.ECHO != 0
}
