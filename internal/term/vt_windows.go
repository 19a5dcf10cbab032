package term

import (
	"os"

	"golang.org/x/sys/windows"
)

// prepare switches a console to understand colour codes. It returns false for a console too old for them;
// what is no console is left as it is.
func prepare(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok || f == nil {
		return true
	}
	handle := windows.Handle(f.Fd())
	var mode uint32
	if windows.GetConsoleMode(handle, &mode) != nil {
		return true
	}
	if mode&windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING != 0 {
		return true
	}
	return windows.SetConsoleMode(handle, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
