package term

import (
	"errors"
	"io"
)

// IsClosedPipe says whether a write failed because nobody reads any more (`whctl … | head`). That is no failure of
// the command. On Unix main must ignore SIGPIPE, or the process is gone before the error is seen.
func IsClosedPipe(err error) bool {
	return err != nil && (errors.Is(err, io.ErrClosedPipe) || isBrokenPipe(err))
}
