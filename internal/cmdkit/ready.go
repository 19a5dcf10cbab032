package cmdkit

// --ready-file: the address of an open socket, in a file.

import (
	"os"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
)

// WriteReady writes the address of an open socket into a file. The file appears when it is whole.
func WriteReady(path, addr string) error {
	st, err := os.Lstat(path)
	if err == nil && !st.Mode().IsRegular() { // a folder cannot be replaced, and a device must not be
		return fault.Hint(fault.New(fault.Usage, "cannot write the ready file %s: it is not a plain file", path),
			"name a file that whctl may replace, or one that is not there yet: --ready-file FILE")
	}
	if err == nil {
		// The file of an earlier run goes, whoever may write it: what it says is over.
		_ = os.Remove(path)
	}
	if err := files.Me().Replace(path, []byte(addr+"\n")); err != nil {
		return fault.New(fault.Usage, "cannot write the ready file %s: %s", path, PathWords(err))
	}
	return nil
}
