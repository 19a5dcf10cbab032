//go:build !unix

package deliver

// A look at an idle connection where the system has none that waits for nothing.

import "time"

// lookTime is how long is waited for what may have come. The system has no other way to look.
const lookTime = 100 * time.Microsecond

// quiet says whether an idle connection is open and nothing has come on it.
func quiet(w *wire) bool {
	if err := w.SetReadDeadline(time.Now().Add(lookTime)); err != nil {
		return false
	}
	_, err := w.in.Peek(1)
	return isTimeout(err)
}
