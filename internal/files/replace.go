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

// Replace writes a file whole or not at all: for its owner alone whatever the umask, on disk before it takes its name,
// and through the user's own links to where they point. What is there already must be a plain file of the user's own.
func (u User) Replace(path string, b []byte) error {
	return u.ReplaceWith(path, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

// ReplaceWith is Replace for what need not be held in memory: write is given the new file.
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

// SyncFolder puts new names on disk. Systems that cannot do that for a folder say so; the name is then as safe as they
// keep it.
func SyncFolder(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
