package term

// What the operating system knows of a terminal.

import (
	"os"

	xterm "golang.org/x/term"
)

// isTerminal says whether a stream is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok || f == nil {
		return false
	}
	return xterm.IsTerminal(int(f.Fd())) // #nosec G115 -- a file descriptor fits
}

// columns asks the operating system, not the terminal.
func columns(stream any) int {
	f, ok := stream.(*os.File)
	if !ok || f == nil {
		return 0
	}
	w, _, err := xterm.GetSize(int(f.Fd())) // #nosec G115 -- a file descriptor fits
	if err != nil {
		return 0
	}
	return w
}
