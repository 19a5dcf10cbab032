package files_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/files"
)

func touch(t *testing.T, path string, mode fs.FileMode) string {
	t.Helper()
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func link(t *testing.T, to, path string) string {
	t.Helper()
	if err := os.Symlink(to, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// owners pretends who owns what; the rest belongs to the user that asks.
func owners(uid int, of map[string]int) files.User {
	return files.User{UID: uid, Owner: func(path string, _ fs.FileInfo) (int, bool) {
		if owner, ok := of[path]; ok {
			return owner, true
		}
		return uid, true
	}}
}

// refused wants a refusal that says why and names a next step.
func refused(t *testing.T, name string, err error, why string) {
	t.Helper()
	r, ok := errors.AsType[*files.NotUsedError](err)
	if !ok || !strings.Contains(r.Why, why) || r.Advice == "" || !strings.Contains(err.Error(), r.Path) {
		t.Errorf("%s: %v, want a refusal because %q", name, err, why)
	}
}

func TestAPlainFileOfOnesOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := touch(t, filepath.Join(dir, "file"), 0o600)
	other := touch(t, filepath.Join(dir, "other"), 0o644)
	away := t.TempDir()
	theirs := link(t, file, filepath.Join(dir, "theirs"))
	const me, them = 1000, 1001
	for uid, say := range map[int]string{me: "a user", 0: "root"} {
		u := owners(uid, map[string]int{other: them, theirs: them})
		for name, path := range map[string]string{
			"itself":   file,
			"readable": touch(t, filepath.Join(dir, "readable"), 0o644),
			"link":     link(t, file, filepath.Join(t.TempDir(), "link")),
			"two":      link(t, link(t, file, filepath.Join(away, "one"+say)), filepath.Join(away, "two"+say)),
			"relative": link(t, "file", filepath.Join(dir, "relative"+say)),
		} {
			target, err := u.Plain(path)
			if err != nil || name != "readable" && target != file {
				t.Errorf("%s, %s: %q, %v", say, name, target, err)
			}
		}
		_, err := u.Plain(other)
		refused(t, say, err, "another user owns it (uid 1001)")
		_, err = u.Plain(theirs)
		refused(t, say, err, "a link of another user")
		_, err = u.Plain(link(t, other, filepath.Join(t.TempDir(), "mine")))
		refused(t, say, err, "another user owns it")
		if _, err = u.Plain(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s, none: %v", say, err)
		}
	}
	if _, err := owners(me, map[string]int{file: 0}).Plain(file); err == nil {
		t.Error("a file of root's is taken for one's own")
	}
	if _, err := owners(me, map[string]int{theirs: 0}).Plain(theirs); err != nil {
		t.Errorf("a link that root made: %v", err)
	}
	if _, err := owners(-1, map[string]int{file: them}).Plain(file); err != nil {
		t.Errorf("without user ids: %v", err)
	}
	b := t.TempDir()
	_, err := files.Me().Plain(link(t, filepath.Join(b, "nowhere"), filepath.Join(b, "dangling")))
	refused(t, "dangling", err, "a link to nothing")
	_, err = files.Me().Plain(link(t, filepath.Join(b, "loop"), filepath.Join(b, "loop")))
	refused(t, "loop", err, "a link to itself")
	_, err = files.Me().Plain(b)
	refused(t, "folder", err, "it is a folder")
}

func TestOpenReadsWhatIsOnesOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := touch(t, filepath.Join(dir, "file"), 0o600)
	f, err := files.Me().Open(link(t, "file", filepath.Join(dir, "link")))
	if err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	_, err = owners(7, map[string]int{file: 8}).Open(file)
	refused(t, "of another", err, "another user")
	_, err = files.Me().Open(dir)
	refused(t, "folder", err, "it is a folder")
}

func TestFolderOfOnesOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const me = 1000
	for owner, ok := range map[int]bool{me: true, 0: true, 1001: false} {
		_, err := owners(me, map[string]int{dir: owner}).Folder(dir)
		if ok && err != nil {
			t.Errorf("of %d: %v", owner, err)
		} else if !ok {
			refused(t, "folder", err, "another user owns this folder (uid 1001)")
		}
	}
	if target, err := files.Me().Folder(link(t, dir, filepath.Join(t.TempDir(), "link"))); err != nil || target != dir {
		t.Errorf("%q, %v", target, err)
	}
	_, err := files.Me().Folder(touch(t, filepath.Join(dir, "file"), 0o600))
	refused(t, "file", err, "it is a file and no folder")
}

func TestReplaceKeepsLinksAndRefusesWhatIsNotOnesOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := touch(t, filepath.Join(dir, "file"), 0o600)
	name := link(t, "file", filepath.Join(dir, "link"))
	fresh := filepath.Join(dir, "fresh")
	for _, path := range []string{name, fresh} {
		if err := files.Me().Replace(path, []byte("new")); err != nil {
			t.Error(err)
		}
	}
	for _, path := range []string{file, fresh} {
		if b, err := os.ReadFile(path); err != nil || string(b) != "new" {
			t.Errorf("%s holds %q, %v", path, b, err)
		}
	}
	if fi, err := os.Lstat(name); err != nil || fi.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v", err)
	}
	refused(t, "of another", owners(7, map[string]int{file: 8}).Replace(file, []byte("evil")), "another user")
	refused(t, "folder", files.Me().Replace(dir, []byte("evil")), "a folder")
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 3 {
		t.Errorf("%v, %v", entries, err)
	}
	if b, _ := os.ReadFile(file); string(b) != "new" {
		t.Errorf("the file of another was written: %q", b)
	}
}

func TestNamesAreFew(t *testing.T) {
	t.Parallel()
	p := []files.Process{{1, "init"}, {2, ""}, {3, "c"}, {4, "d"}}
	for n, want := range map[int]string{
		0: "another process", 1: "init (process 1)", 2: "init (process 1), process 2",
		4: "init (process 1), process 2, c (process 3), others",
	} {
		if got := files.Names(slices.Clone(p[:n])); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
