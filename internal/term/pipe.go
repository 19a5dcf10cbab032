package term

// Output that nobody reads any more.

import (
	"errors"
	"io"
)

// IsClosedPipe says whether a write failed because nobody reads any more (`whctl … | head`), which is no failure of the
// command. On Unix main must catch SIGPIPE, or the process ends before the error is seen.
func IsClosedPipe(err error) bool {
	return err != nil && (errors.Is(err, io.ErrClosedPipe) || isBrokenPipe(err))
}
