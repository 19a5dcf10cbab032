package journal

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
)

func TestFileAndFolderAreTheOwnersAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a", "b", "journal.db")
	j := openAt(t, path, Options{})
	appendTest(t, j, delivery(time.Now(), "e"))
	if runtime.GOOS == "windows" {
		return // rights are not in the mode there
	}
	for name, want := range map[string]os.FileMode{
		"": 0o700, "journal.db": 0o600, "journal.db-wal": 0o600, "journal.db-shm": 0o600,
	} {
		info, err := os.Stat(filepath.Join(filepath.Dir(path), name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%q: mode %v, want %v, %v", name, info.Mode().Perm(), want, err)
		}
	}
}

func TestLooseRightsAreTightened(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	if err := openAt(t, path, Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	openAt(t, path, Options{})
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// makeFile runs statements on a file, as another program or another version would.
func makeFile(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// snapshot is every file of a folder with its content.
func snapshot(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = b
	}
	return files
}

// filled makes a journal of some pages and gives its bytes.
func filled(t *testing.T, path string) []byte {
	t.Helper()
	j := openAt(t, path, Options{})
	for range 5 {
		d := delivery(time.Now(), "")
		d.Body = make([]byte, 20000)
		appendTest(t, j, d)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOtherFilesAreRefusedAndStayUntouched(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make func(t *testing.T, path string)
		says string
	}{
		"text":     {func(t *testing.T, p string) { t.Helper(); write(t, p, []byte("not a database\n")) }, "damaged"},
		"noise":    {func(t *testing.T, p string) { t.Helper(); write(t, p, bytes.Repeat([]byte("noise"), 5000)) }, "damaged"},
		"cut":      {func(t *testing.T, p string) { t.Helper(); b := filled(t, p); write(t, p, b[:len(b)/2]) }, "damaged"},
		"cut page": {func(t *testing.T, p string) { t.Helper(); b := filled(t, p); write(t, p, b[:4096+100]) }, "damaged"},
		"no header": {func(t *testing.T, p string) {
			t.Helper()
			b := filled(t, p)
			clear(b[:4096])
			write(t, p, b)
		}, "damaged"},
		"wiped": {func(t *testing.T, p string) { t.Helper(); b := filled(t, p); clear(b[4096:]); write(t, p, b) }, "damaged"},
		"newer": {func(t *testing.T, p string) { t.Helper(); filled(t, p); makeFile(t, p, "PRAGMA user_version = 7") }, "newer"},
		"half":  {func(t *testing.T, p string) { t.Helper(); filled(t, p); makeFile(t, p, "DROP TABLE attempts") }, "damaged"},
		"unnumbered": {func(t *testing.T, p string) {
			t.Helper()
			filled(t, p)
			makeFile(t, p, "PRAGMA user_version = 0")
		}, "damaged"},
		"foreign": {func(t *testing.T, p string) { t.Helper(); makeFile(t, p, "CREATE TABLE x (a)") }, "not a journal"},
		"foreign, wal": {func(t *testing.T, p string) {
			t.Helper()
			makeFile(t, p, "PRAGMA journal_mode = wal", "CREATE TABLE x (a)")
		}, "not a journal"},
		"foreign, version": {func(t *testing.T, p string) { t.Helper(); makeFile(t, p, "PRAGMA user_version = 1") }, "not a journal"},
		"foreign, id":      {func(t *testing.T, p string) { t.Helper(); makeFile(t, p, "PRAGMA application_id = 9") }, "not a journal"},
	} {
		for _, readOnly := range []bool{false, true} {
			path := filepath.Join(t.TempDir(), "journal.db")
			c.make(t, path)
			err := refuse(t, path, readOnly)
			if !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// refuse sees to it that a file is not opened, and neither changed nor given company. It gives the reason.
func refuse(t *testing.T, path string, readOnly bool) error {
	t.Helper()
	before := snapshot(t, filepath.Dir(path))
	j, err := Open(t.Context(), path, Options{ReadOnly: readOnly})
	if err == nil {
		_ = j.Close()
	}
	wantFault(t, err, fault.Storage)
	for file, b := range snapshot(t, filepath.Dir(path)) {
		if old, there := before[file]; !there || !bytes.Equal(old, b) {
			t.Errorf("%v (read-only %v): %s was changed", err, readOnly, file)
		}
	}
	return err
}

// A newer file whose version stands in the log only, as a killed process leaves it.
func TestNewerVersionInTheLogIsSeen(t *testing.T) {
	t.Parallel()
	dir, copied := t.TempDir(), t.TempDir()
	path := filepath.Join(dir, "journal.db")
	j := openAt(t, path, Options{})
	err := j.do(t.Context(), func(w *writer) error {
		_, err := w.conn.ExecContext(context.Background(), "PRAGMA user_version = 7")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range snapshot(t, dir) {
		if err := os.WriteFile(filepath.Join(copied, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := snapshot(t, copied)
	_, err = Open(t.Context(), filepath.Join(copied, "journal.db"), Options{})
	wantFault(t, err, fault.Storage)
	if !strings.Contains(err.Error(), "newer") {
		t.Error(err)
	}
	for _, file := range []string{"journal.db", "journal.db-wal"} {
		if now, err := os.ReadFile(filepath.Join(copied, file)); err != nil || !bytes.Equal(now, before[file]) {
			t.Errorf("%s was changed, %v", file, err)
		}
	}
}

func TestPlacesThatCannotHoldAJournal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, filepath.Join(file, "journal.db")} {
		for _, readOnly := range []bool{false, true} {
			_, err := Open(t.Context(), path, Options{ReadOnly: readOnly})
			if path == dir || !readOnly {
				wantFault(t, err, fault.Storage)
			} else if err == nil || fault.KindOf(err) != fault.Storage {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
}

func TestReadOnlyCreatesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "sub", "journal.db")
	j := openAt(t, path, Options{ReadOnly: true})
	if got, err := j.List(t.Context(), Filter{}); err != nil || len(got) != 0 {
		t.Errorf("%d deliveries, %v", len(got), err)
	}
	_, _, err := j.Get(t.Context(), "", "last")
	wantFault(t, err, fault.Refused)
	if s, err := j.Stats(t.Context(), Filter{}, noBudget); err != nil || s.Deliveries != 0 {
		t.Errorf("stats: %+v, %v", s, err)
	}
	if err := j.AppendDelivery(t.Context(), delivery(time.Now(), "")); fault.KindOf(err) != fault.Storage {
		t.Errorf("append: %v", err)
	}
	if err := j.AppendAttempts(t.Context(), &record.Attempt{DeliveryID: "0000000001"}); fault.KindOf(err) != fault.Storage {
		t.Errorf("append an attempt: %v", err)
	}
	if len(snapshot(t, dir)) != 0 {
		t.Error("something was created")
	}
}

func TestReadOnlyReadsBesideAWriterAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "journal.db")
	w := openAt(t, path, Options{})
	r := openAt(t, path, Options{ReadOnly: true})
	for range 3 {
		d := appendTest(t, w, delivery(time.Now(), ""))
		if got, _, err := r.Get(t.Context(), "", "last"); err != nil || got.ID != d.ID {
			t.Fatalf("last is %s, want %s, %v", got.ID, d.ID, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	r = openAt(t, path, Options{ReadOnly: true})
	if got, err := r.List(t.Context(), Filter{}); err != nil || len(got) != 3 {
		t.Fatalf("%d deliveries, %v", len(got), err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if files := snapshot(t, dir); len(files) != 1 {
		t.Errorf("%d files are left", len(files))
	}
}

func TestEveryPathCanBeUsed(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"with space", "ha#sh", "per%41cent", "quest?ion", "ümlaut", "semi;colon&x=1", "q'uote\""} {
		if runtime.GOOS == "windows" && strings.ContainsAny(name, `?"`) {
			continue
		}
		path := filepath.Join(t.TempDir(), name, name+".db")
		j := openAt(t, path, Options{})
		appendTest(t, j, delivery(time.Now(), ""))
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		if files := snapshot(t, filepath.Dir(path)); len(files) != 1 || files[name+".db"] == nil {
			t.Errorf("%q: %d files", name, len(files))
		}
	}
}

func TestRelativePath(t *testing.T) {
	t.Chdir(t.TempDir())
	j := openAt(t, "journal.db", Options{})
	if !filepath.IsAbs(j.Path()) {
		t.Errorf("path %q", j.Path())
	}
}

func TestNoWarningOnALocalDisk(t *testing.T) {
	t.Parallel()
	if w := openTest(t, Options{}).Warning(); w != "" {
		t.Errorf("warning %q", w)
	}
}

func TestFileIsSetUpAsPromised(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
	err := j.do(t.Context(), func(w *writer) error {
		for pragma, want := range map[string]string{
			"journal_mode": "wal", "synchronous": "2", "auto_vacuum": "2", "application_id": "2003329898", "user_version": "6",
		} {
			var got string
			if err := w.conn.QueryRowContext(context.Background(), "PRAGMA "+pragma).Scan(&got); err != nil {
				return err
			}
			if got != want {
				t.Errorf("%s is %s, want %s", pragma, got, want)
			}
		}
		return nil
	})
	if err != nil || applicationID != 2003329898 {
		t.Errorf("%v, id %d", err, applicationID)
	}
}
