package term

import (
	"os"

	"golang.org/x/sys/windows"
)

// prepare makes a console understand colour codes. It returns false for a console that is too old, and leaves any other
// stream alone.
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
