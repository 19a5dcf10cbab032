//go:build unix

package e2e

import (
	"context"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/files"
)

// journalCommands are all that open the journal, keyCommands all that open the key store.
func journalCommands() [][]string {
	return [][]string{
		{"journal", "list"},
		{"journal", "show", "last"},
		{"why"},
		{"verify", "--delivery", "last", "--secret-file", "key"},
		{"listen", "--addr", "127.0.0.1:0", "--for", "1s", "--secret-file", "key"},
	}
}

func keyCommands() [][]string {
	return [][]string{{"keys", "list"}, {"keys", "add", "n", "--secret-file", "key"}, {"keys", "remove", "n"}, {"whoami"}, {"logout"}}
}

// refusesAll wants exit code 7 and a next step of each command, soon.
func refusesAll(t *testing.T, w *world, what string, commands [][]string, says string) {
	t.Helper()
	for _, args := range commands {
		start := time.Now()
		r := w.run(args...)
		if r.code != 7 || !strings.Contains(r.err, says) || !strings.Contains(r.err, "\nhint: ") || r.out != "" {
			t.Errorf("%s: whctl %q: exit code %d, want 7 and %q\nstdout: %s\nstderr: %s", what, args, r.code, says, r.out, r.err)
		}
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("%s: whctl %q took %s", what, args, took)
		}
	}
}

// dataFolder is a world with a data folder that holds a journal and a key.
func dataFolder(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.must(0, "keys", "add", "n", "--secret-file", "key")
	l := w.listen()
	if status := send(t, l.addr, event("1")); status != 200 {
		t.Fatalf("answered %d", status)
	}
	l.stop()
	return w
}

// TestWhatIsNoFileIsNotOpened puts a pipe, a folder, a device, a socket or a link in the place of a file. Opening a pipe would
// wait for ever.
func TestWhatIsNoFileIsNotOpened(t *testing.T) {
	t.Parallel()
	for kind, put := range map[string]func(path string) error{
		"a pipe":   func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"a folder": func(path string) error { return os.Mkdir(path, 0o700) },
		"a link to " + os.DevNull + ": there it is a device": func(path string) error { return os.Symlink(os.DevNull, path) },
		"a socket": func(path string) error {
			ln, err := (&net.ListenConfig{}).Listen(context.Background(), "unix", path)
			if err == nil {
				ln.(*net.UnixListener).SetUnlinkOnClose(false) //nolint:forcetypeassert // it was asked for
				err = ln.Close()
			}
			return err
		},
		"a link to nothing": func(path string) error { return os.Symlink(filepath.Join(filepath.Dir(path), "nowhere"), path) },
		"a link to itself":  func(path string) error { return os.Symlink(path, path) },
	} {
		t.Run(strings.NewReplacer(" ", "-", "/", "-").Replace(kind), func(t *testing.T) {
			t.Parallel()
			for name, commands := range map[string][][]string{
				"journal.db": journalCommands(), "journal.db-wal": journalCommands(), "journal.db-shm": journalCommands(),
				"credentials.json": keyCommands(), "credentials.json.lock": keyCommands()[1:2],
			} {
				w := newWorld(t)
				w.dir = shortFolder(t, w)
				if err := os.Mkdir(w.path("data"), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := put(filepath.Join(w.path("data"), name)); err != nil {
					t.Fatal(err)
				}
				refusesAll(t, w, name, commands, "is not used, because it is "+kind)
			}
		})
	}
}

// shortFolder is a scratch folder with a path that a socket's address can hold.
func shortFolder(t *testing.T, w *world) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "w") //nolint:usetesting // the usual name is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	w.env = privateEnv(dir)
	if err := os.WriteFile(filepath.Join(dir, "key"), []byte(testKey), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestWhatOthersCanWriteIsNotUsed opens files and folder to others, or gives them away where that is allowed.
func TestWhatOthersCanWriteIsNotUsed(t *testing.T) {
	t.Parallel()
	w := dataFolder(t)
	data := w.path("data")
	if err := os.WriteFile(filepath.Join(data, "journal.db-wal"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, commands := range map[string][][]string{
		"journal.db": journalCommands(), "journal.db-wal": journalCommands()[:2], "credentials.json": keyCommands(),
		".": append(journalCommands(), keyCommands()...),
	} {
		path := filepath.Join(data, name)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, mode := range []fs.FileMode{0o002, 0o022, 0o666} {
			if err := os.Chmod(path, info.Mode().Perm()|mode); err != nil {
				t.Fatal(err)
			}
			refusesAll(t, w, name, commands, "others can write")
		}
		if err := os.Chmod(path, info.Mode().Perm()); err != nil {
			t.Fatal(err)
		}
		if os.Getuid() != 0 {
			continue // nobody else can give files away; internal/files and internal/journal try it with owners of their own
		}
		if err := os.Chown(path, 54321, 54321); err != nil {
			t.Fatal(err)
		}
		refusesAll(t, w, name, commands, "another user owns")
		if err := os.Chown(path, 0, 0); err != nil {
			t.Fatal(err)
		}
	}
	w.must(0, "keys", "list")
	w.must(0, "journal", "list")
}

// TestNoUmaskMakesFilesWide makes every file of the data folder under an open umask.
func TestNoUmaskMakesFilesWide(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.bin, w.env = shell(t, w, "umask 0"), append(w.env, "WHCTL_DATA_DIR="+w.path("a/b"))
	w.must(0, "keys", "add", "n", "--secret-file", "key")
	l := w.listen("--sandbox", "--trigger", "card.activated")
	l.await("delivery")
	checked := 0
	err := filepath.WalkDir(w.path("a"), func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := os.Stat(path)
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		checked++
		return err
	})
	if err != nil || checked < 7 {
		t.Errorf("%d files, %v", checked, err)
	}
	l.stop()
}

// shell gives a program that runs whctl after a command of the shell.
func shell(t *testing.T, w *world, before string) string {
	t.Helper()
	path := filepath.Join(w.dir, "under")
	script := "#!/bin/sh\n" + before + "\nexec '" + w.bin + "' \"$@\"\n"
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestHostileJournal adds to the journal what SQLite would run by itself.
func TestHostileJournal(t *testing.T) {
	t.Parallel()
	const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
	for _, statement := range []string{
		"CREATE TRIGGER x AFTER INSERT ON deliveries BEGIN DELETE FROM deliveries; END",
		"CREATE TRIGGER x AFTER INSERT ON attempts BEGIN SELECT (" + endless + "); END",
		"CREATE VIEW pragma_user_version AS " + endless,
		"ALTER TABLE deliveries ADD COLUMN g AS (hex(zeroblob(200000000)))",
	} {
		w := dataFolder(t)
		sqlite(t, w, statement)
		refusesAll(t, w, statement, journalCommands(), "whctl did not make")
	}
}

// TestHeldFolder holds the lock of the data folder, as another program may. A command that waits for it says so, can be interrupted,
// and does not wait for ever.
func TestHeldFolder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := os.Mkdir(w.path("data"), 0o700); err != nil {
		t.Fatal(err)
	}
	release, err := files.LockFolder(t.Context(), w.path("data"), files.Wait{})
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	start := time.Now()
	r := w.must(7, "listen", "--addr", "127.0.0.1:0", "--secret-file", "key")
	if took := time.Since(start); took < 4*time.Second || took > 30*time.Second {
		t.Errorf("ended after %s", took)
	}
	for _, says := range []string{"waiting: " + w.path("data") + " is locked by", "has been locked by", "WHCTL_DATA_DIR=DIR"} {
		if !strings.Contains(r.err, says) {
			t.Errorf("%q is not in %s", says, r.err)
		}
	}
	l := w.spawn("listen", "--addr", "127.0.0.1:0", "--secret-file", "key")
	if !eventually(func() bool { return strings.Contains(l.errs.String(), "waiting: ") }) {
		t.Errorf("nothing was said: %s", l.errs)
	}
	l.interrupt()
	if code := l.wait(); code != 130 {
		t.Errorf("exit code %d", code)
	}
}

// TestHeldKeyStore does the same with the key store's lock.
func TestHeldKeyStore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(0, "keys", "add", "n", "--secret-file", "key")
	release, err := files.Me().Lock(t.Context(), filepath.Join(w.path("data"), "credentials.json.lock"), files.Wait{})
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	r := w.must(7, "keys", "add", "m", "--secret-file", "key")
	if !strings.Contains(r.err, "waiting: ") || !strings.Contains(r.err, "credentials.json.lock has been locked by") || !strings.Contains(r.err, "hint: end that program") {
		t.Error(r.err)
	}
	w.must(0, "keys", "list") // reading waits for nobody
}
