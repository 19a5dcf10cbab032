package cmdkit

import (
	"os"
	"path/filepath"

	"github.com/whctl/whctl/internal/fault"
)

// WriteReady writes the address of an open socket into a file. The file appears when it is whole.
func WriteReady(path, addr string) error {
	failed := func(err error) error {
		return fault.New(fault.Usage, "cannot write the ready file %s: %s", path, PathWords(err))
	}
	// A folder cannot be replaced, and a device must not be.
	if st, err := os.Lstat(path); err == nil && !st.Mode().IsRegular() {
		return fault.Hint(fault.New(fault.Usage, "cannot write the ready file %s: it is not a plain file", path),
			"name a file that whctl may replace, or one that is not there yet: --ready-file FILE")
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".ready-*")
	if err != nil {
		return failed(err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }() // it was renamed when all went well
	_, err = tmp.WriteString(addr + "\n")
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return failed(err)
	}
	return nil
}
