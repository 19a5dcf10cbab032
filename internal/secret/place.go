package secret

// The file and its folder: who may use them.

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
)

// open opens the file. File and folder must belong to the user: a key of somebody else would make their requests valid. A
// file that others can read becomes private.
func (s *Store) open() (*os.File, error) {
	if _, err := s.user.Folder(s.dir); err != nil {
		return nil, err
	}
	f, err := s.user.Open(s.Path())
	if err != nil {
		return nil, err
	}
	if fi, err := f.Stat(); err == nil && fi.Mode().Perm()&0o077 != 0 {
		_ = f.Chmod(0o600)
	}
	return f, nil
}

// lock waits for the store's lock. The operating system frees it when its holder dies.
func (s *Store) lock(ctx context.Context) (unlock func(), err error) {
	unlock, err = s.user.Lock(ctx, filepath.Join(s.dir, vaultName+".lock"), files.Wait{Limit: lockLimit, Say: func(e *files.HeldError) {
		if s.waiting != nil {
			s.waiting(e)
		}
	}})
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return unlock, unusable(err, "cannot lock the key store")
}

// unusable turns an error of the store's files into a Storage fault with what to do. nil stays nil.
func unusable(err error, what string) error {
	if e, ok := errors.AsType[*files.NotUsedError](err); ok {
		err = fault.New(fault.Storage, "%s: %s", what, e)
		if len(e.Command) == 0 {
			return fault.Hint(err, "use a folder of your own: WHCTL_DATA_DIR=DIR")
		}
		return fault.Hint(err, "look at it, then: %s; or use a folder of your own: WHCTL_DATA_DIR=DIR", fault.Command("", e.Command...))
	}
	if held, ok := errors.AsType[*files.HeldError](err); ok {
		return fault.Hint(fault.New(fault.Storage, "%s: %s", what, held), "end that program, or use another data folder: WHCTL_DATA_DIR=DIR")
	}
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return fault.Hint(fault.Wrap(fault.Storage, err, "%s", what), "check the rights of file and folder, or use another data folder: WHCTL_DATA_DIR=DIR")
	}
	return fault.Wrap(fault.Storage, err, "%s", what)
}
