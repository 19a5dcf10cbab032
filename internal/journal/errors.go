package journal

// Errors of SQLite and the file system: their kind, plain words and the next step.

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
)

var (
	errDamaged  = errors.New("the file is damaged")
	errRow      = errors.New("a row cannot be read")
	errReadOnly = errors.New("it is read-only")
	errBusy     = errors.New("another process keeps the journal locked")
	errHalf     = errors.New("a table is missing")
	errSchema   = errors.New("it holds what whctl did not make")
)

// storage gives an error of SQLite or the file system its kind, plain words and the next step.
func storage(err error, path, doing string) error {
	_, known := errors.AsType[*fault.Error](err)
	if err == nil || known || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if e, ok := errors.AsType[*files.NotUsedError](err); ok {
		return notUsed(e)
	}
	if e, ok := errors.AsType[*files.HeldError](err); ok {
		return fault.Hint(fault.New(fault.Storage, "cannot open the journal: %s", e), "end that program, or use another journal: WHCTL_DATA_DIR=DIR")
	}
	code := primary(err)
	switch {
	case errors.Is(err, errReadOnly):
		code = sqlite3.SQLITE_READONLY
	case noIndexRoom(err):
		code = sqlite3.SQLITE_FULL
	}
	switch code {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL:
		return fault.Hint(fault.New(fault.Storage, "cannot %s: %w: %s", doing, errBusy, path),
			"end the program that holds it, or use another journal: WHCTL_DATA_DIR=DIR")
	case sqlite3.SQLITE_FULL:
		return fault.Hint(fault.Wrap(fault.Storage, err, "cannot %s: no room left for the journal %s", doing, path),
			"free some disk space, or use another journal: WHCTL_DATA_DIR=DIR")
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return damaged(path, err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN:
		return unwritable(fault.Wrap(fault.Storage, err, "cannot %s: the journal %s cannot be written", doing, path))
	}
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return unwritable(fault.Wrap(fault.Storage, err, "cannot %s", doing))
	}
	if errors.Is(err, errRow) || errors.Is(err, errHalf) {
		return damaged(path, err)
	}
	if errors.Is(err, errSchema) {
		return changed(path, err)
	}
	return fault.Hint(fault.Wrap(fault.Storage, err, "cannot %s: the journal %s", doing, path),
		"look at the disk that holds it, or use another journal: WHCTL_DATA_DIR=DIR")
}

func unwritable(err error) error {
	return fault.Hint(err, "check the rights of file and folder, or use another journal: WHCTL_DATA_DIR=DIR")
}

func damaged(path string, err error) error {
	return fault.Hint(fault.Wrap(fault.Storage, damage{err}, "the journal %s is damaged", path),
		"nothing was changed; to begin a new one: %s", fault.Command("mv", path, path+".damaged"))
}

// damage makes a cause count as errDamaged.
type damage struct{ error }

// Is says yes to errDamaged.
func (d damage) Is(target error) bool { return target == errDamaged }

// Unwrap gives the cause.
func (d damage) Unwrap() error { return d.error }

// changed is the error of a file that somebody added to. Using it would run what whctl did not make.
func changed(path string, err error) error {
	return fault.Hint(fault.Wrap(fault.Storage, err, "the journal %s is not used", path),
		"nothing was changed; find out who did that, and begin a new one: %s", fault.Command("mv", path, path+".changed"))
}

func foreign(path string) error {
	return fault.Hint(fault.New(fault.Storage, "%s is not a journal of whctl", path),
		"nothing was changed; use another folder: WHCTL_DATA_DIR=DIR")
}

func newer(path string, version int) error {
	return fault.Hint(fault.New(fault.Storage, "the journal %s was made by a newer whctl (format %d, this one reads %d)", path, version, schemaVersion),
		"nothing was changed; update whctl, or use another journal: WHCTL_DATA_DIR=DIR")
}

// primary is SQLite's result code without its extension, or 0 for any other error.
func primary(err error) int {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return 0
	}
	return e.Code() & 0xff
}

// noIndexRoom says that the index of the log could not be made longer, for want of room on the disk: sqlite.org/rescode.html#ioerr_shmsize
func noIndexRoom(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE
}

// busy says that another process holds the lock and that trying again may help.
func busy(err error) bool {
	return slices.Contains([]int{sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}, primary(err))
}
