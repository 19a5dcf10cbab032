package cmdkit

import (
	"os"
	"path/filepath"

	"github.com/whctl/whctl/internal/fault"
)

// WriteReady puts the address of an open socket into a file that is there only once it is whole.
func WriteReady(path, addr string) error {
	failed := func(err error) error {
		return fault.New(fault.Usage, "cannot write the ready file %s: %s", path, PathWords(err))
	}
	// Replacing a folder cannot work, and replacing a device would take it from the whole machine.
	if st, err := os.Lstat(path); err == nil && !st.Mode().IsRegular() {
		return fault.Hint(fault.New(fault.Usage, "cannot write the ready file %s: it is no plain file", path),
			"name a file that whctl may replace, or one that is not there yet: --ready-file FILE")
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".ready-*")
	if err != nil {
		return failed(err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }() // gone already when all went well
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
