package term

// What the operating system knows of a terminal.

import (
	"os"

	xterm "golang.org/x/term"
)

// isTerminal says whether a stream is a terminal.
func isTerminal(stream any) bool {
	fd, ok := descriptor(stream)
	return ok && xterm.IsTerminal(fd)
}

// descriptor is the file descriptor of a stream that has one.
func descriptor(stream any) (fd int, ok bool) {
	f, ok := stream.(*os.File)
	if !ok || f == nil {
		return 0, false
	}
	return int(f.Fd()), true // #nosec G115 -- a file descriptor fits
}

// columns asks the operating system, not the terminal.
func columns(stream any) int {
	fd, ok := descriptor(stream)
	if !ok {
		return 0
	}
	w, _, err := xterm.GetSize(fd)
	if err != nil {
		return 0
	}
	return w
}
