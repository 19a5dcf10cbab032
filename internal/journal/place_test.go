package journal

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
)

// ownedBy is a user for whom one path belongs to somebody else.
func ownedBy(path string, uid int) *files.User {
	return &files.User{UID: 1000, Owner: func(p string, _ fs.FileInfo) (int, bool) {
		if p == path {
			return uid, true
		}
		return 1000, true
	}}
}

// Whoever can write the journal, its log or its folder can put anything there. None of it is used, read or written.
func TestJournalsOfOthersAreNotUsed(t *testing.T) {
	t.Parallel()
	for _, side := range []string{"", "-wal", "-shm", "folder"} {
		for _, readOnly := range []bool{false, true} {
			path := filepath.Join(t.TempDir(), "journal.db")
			filled(t, path)
			write(t, path+"-wal", nil)
			write(t, path+"-shm", nil)
			theirs, mode := path+side, os.FileMode(0o666)
			if side == "folder" {
				theirs, mode = filepath.Dir(path), 0o777
			}
			notOpened(t, path, Options{ReadOnly: readOnly, User: ownedBy(theirs, 1001)},
				theirs+" is not used, because another user owns", "WHCTL_DATA_DIR=DIR")
			if runtime.GOOS == "windows" {
				continue
			}
			if err := os.Chmod(theirs, mode); err != nil {
				t.Fatal(err)
			}
			notOpened(t, path, Options{ReadOnly: readOnly}, "others can write", "chmod go-w "+theirs)
		}
	}
}

func notOpened(t *testing.T, path string, o Options, says, next string) {
	t.Helper()
	before := snapshot(t, filepath.Dir(path))
	_, err := Open(t.Context(), path, o)
	wantFault(t, err, fault.Storage)
	if !strings.Contains(err.Error(), says) || !strings.Contains(fault.HintOf(err).String(), next) {
		t.Errorf("%v (%s), want %q (%q)", err, fault.HintOf(err), says, next)
	}
	if after := snapshot(t, filepath.Dir(path)); !maps.EqualFunc(before, after, bytes.Equal) {
		t.Errorf("%v: the folder was changed", err)
	}
}

// A link of the user's own is followed, for the log as well; a log that is a link is not.
func TestLinkedJournal(t *testing.T) {
	t.Parallel()
	away := filepath.Join(t.TempDir(), "real.db")
	filled(t, away)
	path := filepath.Join(t.TempDir(), "journal.db")
	if err := os.Symlink(away, path); err != nil {
		t.Fatal(err)
	}
	j := openAt(t, path, Options{})
	appendTest(t, j, delivery(time.Now(), "new"))
	r := openAt(t, path, Options{ReadOnly: true})
	if got := events(t, r); !strings.HasSuffix(got, "new") || r.Path() != path {
		t.Errorf("%q in %s", got, r.Path())
	}
	notMine := filepath.Join(t.TempDir(), "journal.db")
	text := filepath.Join(t.TempDir(), "text")
	write(t, text, []byte("a text of mine"))
	if err := os.Symlink(text, notMine); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), notMine, Options{}); !strings.Contains(fault.HintOf(err).String(), "mv "+notMine+" ") { // the link, not the text
		t.Errorf("%v (%s)", err, fault.HintOf(err))
	}
	linked := filepath.Join(t.TempDir(), "journal.db")
	filled(t, linked)
	if err := os.Symlink(away, linked+"-wal"); err != nil {
		t.Fatal(err)
	}
	err := refuse(t, linked, false)
	if !strings.Contains(err.Error(), "it is a link") {
		t.Error(err)
	}
}

// What is not a journal keeps its rights: it is somebody's file all the same.
func TestOtherFilesKeepTheirRights(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	write(t, path, []byte("a text of mine\n"))
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	_ = refuse(t, path, false)
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o644 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// A log beside a file that is empty or gone is all that is left of what it held.
func TestALogWithoutItsFileIsKept(t *testing.T) {
	t.Parallel()
	for _, gone := range []bool{false, true} {
		for _, readOnly := range []bool{false, true} {
			j := openTest(t, Options{})
			fill(t, j, 3)
			path := filepath.Join(t.TempDir(), "journal.db")
			for _, side := range []string{"", "-wal"} {
				b, err := os.ReadFile(j.Path() + side)
				if err != nil {
					t.Fatal(err)
				}
				write(t, path+side, b)
			}
			if gone {
				remove(t, path)
			} else {
				truncate(t, path, 0)
			}
			err := refuse(t, path, readOnly)
			if !strings.Contains(err.Error(), "would be lost") || !strings.Contains(fault.HintOf(err).String(), "mv "+path+"-wal") {
				t.Errorf("%v (%s)", err, fault.HintOf(err))
			}
		}
	}
}

// What SQLite would run by itself, or take for what was recorded, is found before anything is read or written.
func TestHostileSchemas(t *testing.T) {
	t.Parallel()
	const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
	for name, statements := range map[string][]string{
		"trigger":             {"CREATE TRIGGER x AFTER INSERT ON deliveries BEGIN DELETE FROM deliveries; END"},
		"endless trigger":     {"CREATE TRIGGER x BEFORE INSERT ON attempts BEGIN SELECT (" + endless + "); END"},
		"raising trigger":     {"CREATE TRIGGER x BEFORE DELETE ON deliveries BEGIN SELECT raise(IGNORE); END"},
		"view":                {"DROP TABLE diagnoses", "CREATE VIEW diagnoses AS SELECT 1 AS delivery, '{}' AS found"},
		"view of a pragma":    {"CREATE VIEW pragma_application_id AS " + endless},
		"table of a pragma":   {"CREATE TABLE pragma_page_count (page_count)", "INSERT INTO pragma_page_count VALUES (9)"},
		"function's name":     {"CREATE VIEW json_each AS " + endless},
		"generated column":    {"ALTER TABLE deliveries ADD COLUMN g AS (hex(zeroblob(100000000)))"},
		"column":              {"ALTER TABLE attempts ADD COLUMN more"},
		"default":             {"DROP TABLE diagnoses", "CREATE TABLE diagnoses (delivery INTEGER PRIMARY KEY, found TEXT NOT NULL DEFAULT (hex(zeroblob(100000000))))"},
		"index":               {"CREATE UNIQUE INDEX one ON deliveries(sha256, id)"},
		"index by expression": {"CREATE INDEX slow ON deliveries(hex(zeroblob(1000)))"},
		"index of that name":  {"DROP INDEX deliveries_facts", "CREATE UNIQUE INDEX deliveries_facts ON deliveries(id)"},
		"virtual table":       {"CREATE VIRTUAL TABLE v USING fts5(a)"},
		"own name":            {"CREATE TABLE mine (a)"},
		"name of SQLite's":    {"PRAGMA writable_schema = 1", "INSERT INTO sqlite_schema VALUES ('trigger', 'sqlite_x', 'deliveries', 0, 'CREATE TRIGGER sqlite_x AFTER INSERT ON deliveries BEGIN DELETE FROM deliveries; END')"},
	} {
		for _, readOnly := range []bool{false, true} {
			path := filepath.Join(t.TempDir(), "journal.db")
			filled(t, path)
			makeFile(t, path, statements...)
			err := refuse(t, path, readOnly)
			if !strings.Contains(err.Error(), "what whctl did not make") && !strings.Contains(err.Error(), "damaged") || fault.HintOf(err).String() == "" {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// What others make that is harmless stays, and so do the journals of before.
func TestHarmlessSchemas(t *testing.T) {
	t.Parallel()
	for name, statements := range map[string][]string{
		"statistics": {"ANALYZE"},
		"litestream": {"CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER)", "CREATE TABLE _litestream_lock (id INTEGER)"},
		"no indexes": {"DROP INDEX deliveries_refused", "DROP INDEX deliveries_answered", "DROP INDEX attempts_facts", "DROP INDEX attempts_refused"},
		"vacuum":     {"VACUUM"},
	} {
		path := filepath.Join(t.TempDir(), "journal.db")
		filled(t, path)
		makeFile(t, path, statements...)
		for _, readOnly := range []bool{true, false, true} {
			j, err := Open(t.Context(), path, Options{ReadOnly: readOnly})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if got, err := j.List(t.Context(), Filter{}); err != nil || len(got) != 5 {
				t.Errorf("%s: %d, %v", name, len(got), err)
			}
			if !readOnly {
				turnOver(t, j, 5)
			}
			if err := j.Close(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// turnOver has all of a journal pruned, which asks for some indexes by name, and records as many others.
func turnOver(t *testing.T, j *Journal, n int) {
	t.Helper()
	appendTest(t, j, sized("x", 10, false))
	err := j.do(t.Context(), func(w *writer) error {
		w.keep.maxBytes = 1
		defer func() { w.keep.maxBytes = -1 }()
		for more := true; more; {
			v, err := w.dropStep(t.Context(), time.Second, w.tooMuch)
			if err != nil {
				return err
			}
			more = len(v.ids) > 0
		}
		return nil
	})
	if err != nil {
		t.Errorf("pruning: %v", err)
	}
	for range n {
		appendTest(t, j, sized("x", 10, true))
	}
}
