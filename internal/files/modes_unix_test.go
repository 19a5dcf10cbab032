//go:build unix

package files_test

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/files"
)

func TestOthersMayNotWrite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root := owners(0, nil)
	for mode, ok := range map[fs.FileMode]bool{
		0o600: true, 0o644: true, 0o400: true, 0o755: true, 0o602: false, 0o622: false, 0o666: false, 0o620: false, 0o664: false, 0o777: false,
	} {
		_, err := root.Plain(touch(t, filepath.Join(dir, "file"), mode))
		if ok && err != nil {
			t.Errorf("file %o: %v", mode, err)
		} else if !ok {
			refused(t, "file", err, "others can write it")
		}
		if mode&0o700 != 0o700 && mode != 0o600 {
			continue
		}
		sub := filepath.Join(t.TempDir(), "sub")
		if err := os.Mkdir(sub, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(sub, mode|0o700); err != nil {
			t.Fatal(err)
		}
		_, err = root.Folder(sub)
		if ok && err != nil {
			t.Errorf("folder %o: %v", mode, err)
		} else if !ok {
			refused(t, "folder", err, "others can write in this folder")
		}
	}
	sticky := filepath.Join(dir, "sticky")
	if err := errors.Join(os.Mkdir(sticky, 0o700), os.Chmod(sticky, 0o777|fs.ModeSticky)); err != nil {
		t.Fatal(err)
	}
	_, err := root.Folder(sticky)
	refused(t, "sticky", err, "others can write in this folder") // they can put their files beside, such as a log
}

// What is no file is refused at once: opening a pipe waits for its other end.
func TestOtherKindsAreRefusedWithoutAWait(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fifo, socket := filepath.Join(dir, "fifo"), filepath.Join(dir, "s")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	for path, is := range map[string]string{fifo: "a pipe", socket: "a socket", os.DevNull: "a device", dir: "a folder"} {
		for _, at := range []string{path, link(t, path, filepath.Join(t.TempDir(), "link"))} {
			u := files.Me()
			_, err := u.Plain(at)
			refused(t, is, err, is)
			_, err = u.Open(at)
			refused(t, is, err, is)
			_, err = u.Lock(t.Context(), at, files.Wait{})
			refused(t, is, err, is)
			refused(t, is, u.Replace(at, nil), is)
		}
	}
}

// The umask is the process's own, so this test is alone.
func TestNoUmaskMakesFilesWide(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	dir := t.TempDir()
	if err := files.Me().Replace(filepath.Join(dir, "new"), nil); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "wide"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"lock", "wide"} {
		release, err := files.Me().Lock(t.Context(), filepath.Join(dir, name), files.Wait{})
		if err != nil {
			t.Fatal(err)
		}
		release()
	}
	for _, name := range []string{"new", "lock", "wide"} {
		if fi, err := os.Stat(filepath.Join(dir, name)); err != nil || fi.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, fi.Mode(), err)
		}
	}
}

func TestAWaitForALockEnds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "lock")
	for name, lock := range map[string]func(context.Context, files.Wait) (func(), error){
		"file":   func(ctx context.Context, w files.Wait) (func(), error) { return files.Me().Lock(ctx, path, w) },
		"folder": func(ctx context.Context, w files.Wait) (func(), error) { return files.LockFolder(ctx, dir, w) },
	} {
		release, err := lock(t.Context(), files.Wait{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		_, err = lock(t.Context(), files.Wait{Limit: 30 * time.Millisecond})
		if held, ok := errors.AsType[*files.HeldError](err); !ok || held.Waited < 30*time.Millisecond || held.Waited > 10*time.Second {
			t.Errorf("%s: %v", name, err)
		}
		said := 0
		const aMoment = 500 * time.Millisecond // after which a person wonders
		_, err = lock(t.Context(), files.Wait{Limit: aMoment, Say: func(*files.HeldError) { said++ }})
		if _, ok := errors.AsType[*files.HeldError](err); !ok || said != 1 { // however few looks there were meanwhile
			t.Errorf("%s: %v, said %d times", name, err, said)
		}
		ctx, stop := context.WithCancelCause(t.Context())
		why := errors.New("interrupted")
		said = 0
		_, err = lock(ctx, files.Wait{Limit: time.Hour, Say: func(*files.HeldError) { said++; stop(why) }})
		if !errors.Is(err, why) || said != 1 {
			t.Errorf("%s: %v, said %d times", name, err, said)
		}
		got := make(chan error, 1)
		go func() {
			again, err := lock(t.Context(), files.Wait{Limit: time.Hour})
			if err == nil {
				again()
			}
			got <- err
		}()
		release()
		if err := <-got; err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
