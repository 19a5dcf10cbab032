package files

// A folder that takes new files and overwrites none.

import (
	"bufio"
	"cmp"
	"io"
	"os"
)

// Fresh is a folder that files are put into. Names cannot lead out of it, also by a link.
type Fresh struct{ root *os.Root }

// NewFresh opens a folder, and makes it for its owner alone when it is not there. The caller closes it.
func NewFresh(path string) (*Fresh, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	return &Fresh{root}, nil
}

// Close gives the folder back.
func (f *Fresh) Close() error { return f.root.Close() }

// Folder makes a folder in the folder, for its owner alone. One that is there is an error, fs.ErrExist. The caller closes it.
func (f *Fresh) Folder(name string) (*Fresh, error) {
	if err := f.root.Mkdir(name, 0o700); err != nil {
		return nil, err
	}
	root, err := f.root.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	return &Fresh{root}, nil
}

// Write makes a file for its owner alone, which write fills. One that is there is an error, fs.ErrExist. A file that is not
// written whole is removed.
func (f *Fresh) Write(name string, write func(io.Writer) error) (err error) {
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.root.Remove(name)
		}
	}()
	out := bufio.NewWriterSize(file, 1<<16)
	if err = write(out); err == nil {
		err = out.Flush()
	}
	return cmp.Or(err, file.Close())
}
