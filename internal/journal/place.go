package journal

// Who owns the file and its folder.

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
)

// logHeader is how much of a log stands before its first change.
const logHeader = 32

// sides are what SQLite keeps beside a file.
func sides() []string { return []string{"-wal", "-shm", "-journal"} }

// place judges the place of a journal: who owns the folder, the file and what is beside it. It returns the file behind the user's
// own links, and whether it is there.
func place(u files.User, path string) (target string, there bool, err error) {
	defer func() { err = storage(err, path, "use the journal") }()
	if _, err := u.Folder(filepath.Dir(path)); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return path, false, nil
		}
		return path, false, err
	}
	target, err = u.Plain(path)
	there = err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return target, false, err
	}
	if dir := filepath.Dir(target); dir != filepath.Dir(path) {
		if _, err := u.Folder(dir); err != nil {
			return target, there, err
		}
	}
	for _, side := range sides() {
		at, err := u.Plain(target + side)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return target, there, err
		case at != target+side:
			return target, there, fault.Hint(fault.New(fault.Storage, "%s is not used, because it is a link", target+side),
				"end all programs that use the journal, then: %s", fault.Command("rm", target+side))
		}
	}
	return target, there, lostFile(target)
}

// lostFile fails where there is a log without its file: SQLite would begin a new file and throw the log away.
func lostFile(path string) error {
	log, err := os.Stat(path + "-wal")
	if err != nil || log.Size() <= logHeader {
		return nil //nolint:nilerr // no log, or none that can be read: nothing to lose by going on
	}
	file, err := os.Stat(path)
	what := "is empty"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		what = "is missing"
	case err != nil || file.Size() > 0:
		return nil //nolint:nilerr // opening it gives the error
	}
	return fault.Hint(fault.New(fault.Storage, "the journal %s %s, and its log %s-wal holds %d bytes that would be lost", path, what, path, log.Size()),
		"put the file back beside its log; or, to begin a new one: %s", fault.Command("mv", path+"-wal", path+"-wal.old"))
}

// create makes the file where it is missing, readable by its owner alone.
func create(path string) error {
	const doing = "make the journal's file"
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil // another process was faster
	}
	if err != nil {
		return storage(err, path, doing)
	}
	return storage(f.Close(), path, doing)
}

// tighten takes rights away from others. The file must be known to be a journal.
func tighten(path string) {
	for _, side := range append(sides(), "") {
		if info, err := os.Stat(path + side); err == nil && info.Mode().Perm()&0o077 != 0 {
			_ = os.Chmod(path+side, 0o600)
		}
	}
}

// notUsed tells a person of a file that is not the user's own.
func notUsed(e *files.NotUsedError) error {
	err := fault.New(fault.Storage, "%s", e)
	if len(e.Command) == 0 {
		return fault.Hint(err, "use a folder of your own: WHCTL_DATA_DIR=DIR")
	}
	return fault.Hint(err, "look at it, then: %s; or use a folder of your own: WHCTL_DATA_DIR=DIR", fault.Command("", e.Command...))
}
