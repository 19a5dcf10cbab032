//go:build unix

package files_test

// A lock, while others look at it or are being started.

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/whctl/whctl/internal/files"
)

// Those who ask who owns a lock are not taken for its owner.
func TestThoseWhoAskDoNotOwn(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	asks, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = asks.Close() }()
	if err := syscall.Flock(int(asks.Fd()), syscall.LOCK_SH); err != nil {
		t.Fatal(err)
	}
	if _, owned, err := files.Me().LockOwner(path); owned || err != nil {
		t.Errorf("another one asks: owned %t, %v", owned, err)
	}
	if err := syscall.Flock(int(asks.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if _, owned, err := files.Me().LockOwner(path); !owned || err != nil {
		t.Errorf("another one owns it: owned %t, %v", owned, err)
	}
}

// A lock that is given up is free, though a child that is about to run its program has the file open too.
func TestALockIsFreeThoughAChildHasTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	release, err := files.Me().Lock(t.Context(), path, files.Wait{})
	if err != nil {
		t.Fatal(err)
	}
	copies := copiesOf(t, path)
	if len(copies) == 0 {
		t.Fatal("no descriptor of the lock was found")
	}
	release()
	if _, owned, err := files.Me().LockOwner(path); owned || err != nil {
		t.Errorf("owned %t, %v", owned, err)
	}
	for _, fd := range copies {
		_ = syscall.Close(fd)
	}
}

// copiesOf copies the descriptors of a file that this process has open, as a child has them that was forked.
func copiesOf(t *testing.T, path string) (copies []int) {
	t.Helper()
	var want, is syscall.Stat_t
	if err := syscall.Stat(path, &want); err != nil {
		t.Fatal(err)
	}
	for fd := range 1024 {
		if syscall.Fstat(fd, &is) != nil || is.Dev != want.Dev || is.Ino != want.Ino {
			continue
		}
		c, err := syscall.Dup(fd)
		if err != nil {
			t.Fatal(err)
		}
		copies = append(copies, c)
	}
	return copies
}
