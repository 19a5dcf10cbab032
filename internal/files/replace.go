package files

// Replacing a file whole.

import (
	"bufio"
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Replace writes a file whole or not at all. The file is for its owner alone whatever the umask, and is on disk before it takes its
// name. Replace follows the user's own links. An existing file must be a plain file of the user's own.
func (u User) Replace(path string, b []byte) error {
	return u.ReplaceWith(path, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

// ReplaceWith is Replace for content that is not held in memory: write gets the new file.
func (u User) ReplaceWith(path string, write func(io.Writer) error) (err error) {
	target, err := u.Plain(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	dir := filepath.Dir(target)
	f, err := os.CreateTemp(dir, newName(target)+"*") // made 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	out := bufio.NewWriterSize(f, 1<<16)
	if err = write(out); err == nil {
		err = out.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	err = cmp.Or(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), target)
	}
	if err == nil {
		SyncFolder(dir)
	}
	return err
}

// SyncFolder puts new names on disk. It ignores systems that cannot do that for a folder.
func SyncFolder(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
