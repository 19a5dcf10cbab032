package secret

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
)

// open opens the file if it and its folder are the user's own: a key that somebody else put there would make what they sign
// valid. One that others can read is closed to them.
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

// lock waits for the store's lock, which the operating system frees when its holder dies.
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

// unusable tells of a store that cannot be used and what to do about it.
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
