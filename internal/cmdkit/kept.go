package cmdkit

// Files by which a process tells other commands of the user that it lives.

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/whctl/whctl/internal/files"
)

// keptWait is how long the lock of a kept file may be taken, as others ask for a moment whether it is.
const keptWait = 2 * time.Second

// kept is a file that counts as long as this process lives: the process holds a lock beside it. So commands tell it from one that a
// killed process left. A nil one does nothing.
type kept struct {
	path   string
	unlock func()
}

// keep takes the lock for a file in a private folder. The file is not there yet.
func keep(ctx context.Context, path string) (*kept, error) {
	unlock, err := files.Me().Lock(ctx, lockOf(path), files.Wait{Limit: keptWait})
	if err != nil {
		return nil, err
	}
	return &kept{path, unlock}, nil
}

// write replaces the file whole.
func (k *kept) write(b []byte) error {
	if k == nil {
		return nil
	}
	return files.Me().Replace(k.path, b)
}

// release removes the file.
func (k *kept) release() {
	if k == nil {
		return
	}
	_ = os.Remove(k.path)
	_ = os.Remove(lockOf(k.path)) // nobody else uses the name yet
	k.unlock()
}

func lockOf(path string) string { return path + ".lock" }

// inUse says whether the process that keeps a file lives.
func inUse(path string) bool {
	_, owned, _ := files.Me().LockOwner(lockOf(path)) // nobody lives where it cannot be asked
	return owned
}

// sweepKept gives remove each file of a folder that a killed process left: those whose lock is free.
func sweepKept(ctx context.Context, dir, end string, remove func(path string)) {
	found, err := filepath.Glob(filepath.Join(dir, "*"+end))
	if err != nil {
		return
	}
	for _, path := range found {
		if unlock, err := files.Me().Lock(ctx, lockOf(path), files.Wait{}); err == nil {
			remove(path)
			unlock()
		}
	}
}

// privateFolder makes a folder for this user alone, or makes an existing one private.
func privateFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	target, err := files.Me().Folder(dir)
	if err != nil {
		return err
	}
	return os.Chmod(target, 0o700) // #nosec G302 -- a folder needs its x to be used
}
