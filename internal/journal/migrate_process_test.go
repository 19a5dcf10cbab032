package journal

// A migration in a process of its own, killed in the middle.

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"modernc.org/sqlite"

	"github.com/whctl/whctl/internal/fault"
)

const (
	childMigrates = "JOURNAL_TEST_CHILD_MIGRATES" // an old journal to bring to the newest format
	childStops    = "JOURNAL_TEST_CHILD_STOPS"    // the change before which it waits to be killed; "" to come to the end
)

// migrating is the child: it says when it has come to where it stops. Its exit code is the one of whctl.
func migrating(path, stops string, in io.Reader, out io.Writer) int {
	if stops == "" {
		j, err := Open(context.Background(), path, Options{MaxAge: -1})
		if err == nil {
			err = j.Close()
		}
		if err == nil {
			return 0
		}
		_, _ = fmt.Fprintln(out, err)
		return fault.KindOf(err).ExitCode()
	}
	err := migrateWith(context.Background(), path, func(w *writer) error {
		return onChange(w, func(change string) {
			if change == stops {
				_, _ = fmt.Fprintln(out, "there")
				_, _ = io.Copy(io.Discard, in)
			}
		})
	})
	_, _ = fmt.Fprintln(out, "not stopped:", err)
	return fault.Internal.ExitCode()
}

// onChange has f called before each change of a row, with its number, and before the commit, with "commit". Changed pages go to
// the log at once, as those of a large journal do.
func onChange(w *writer, f func(change string)) error {
	if _, err := w.conn.ExecContext(context.Background(), "PRAGMA cache_size = 1"); err != nil {
		return err
	}
	return w.conn.Raw(func(driverConn any) error {
		hooks, ok := driverConn.(sqlite.HookRegisterer)
		if !ok {
			return errors.New("the driver has no hooks")
		}
		n := 0
		hooks.RegisterPreUpdateHook(func(sqlite.SQLitePreUpdateData) { n++; f(strconv.Itoa(n)) })
		hooks.RegisterCommitHook(func() int32 { f("commit"); return 0 })
		return nil
	})
}

func migrator(t *testing.T, path, stops string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, "-test.run=^$")
	cmd.Env = append(os.Environ(), childMigrates+"="+path, childStops+"="+stops)
	return cmd
}

// bigOldFile is a journal of a format with about six hundred deliveries: copies of those in the frozen file, with all that
// belongs to them.
func bigOldFile(t *testing.T, format int) string {
	t.Helper()
	const copies = 30
	path := oldFile(t, format)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var span int64
	if err := db.QueryRowContext(t.Context(), "SELECT max(max(d.id), max(a.id)) - min(min(d.id), min(a.id)) + 1 FROM deliveries AS d, attempts AS a").Scan(&span); err != nil {
		t.Fatal(err)
	}
	for _, table := range texts(t, db, "SELECT name FROM sqlite_schema WHERE type = 'table'") {
		columns := texts(t, db, "SELECT name FROM pragma_table_info('"+table+"')")
		copied := make([]string, len(columns))
		for i, c := range columns {
			copied[i] = c
			switch c {
			case "id", "delivery", "duplicate_of", "last_attempt":
				copied[i] += fmt.Sprintf(" + n * %d", span)
			}
		}
		makeFile(t, path, fmt.Sprintf("WITH RECURSIVE copy(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copy WHERE n < %d) INSERT OR IGNORE INTO %s (%s) SELECT %s FROM %s, copy",
			copies, table, strings.Join(columns, ", "), strings.Join(copied, ", "), table))
	}
	return path
}

func texts(t *testing.T, db queryer, query string) (all []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return all
}

// copyOf copies a journal that nobody has open.
func copyOf(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "journal.db")
	write(t, other, b)
	return other
}

// checkHolds says that a file of this format is whole and holds what was there before.
func checkHolds(t *testing.T, name, path string, before content, format int) {
	t.Helper()
	if after := read(t, path); !reflect.DeepEqual(after, before) {
		t.Errorf("%s: %d deliveries and %d diagnoses are not those of before (%d, %d)", name,
			len(after.deliveries), len(after.diagnoses), len(before.deliveries), len(before.diagnoses))
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if got := texts(t, db, "PRAGMA integrity_check"); len(got) != 1 || got[0] != "ok" {
		t.Errorf("%s: the file is %s", name, got)
	}
	if got := texts(t, db, "PRAGMA user_version"); got[0] != strconv.Itoa(format) {
		t.Errorf("%s: format %s, want %d", name, got[0], format)
	}
}

// toTheEnd opens the journal as the next listener does.
func toTheEnd(t *testing.T, path string) {
	t.Helper()
	if err := openAt(t, path, Options{MaxAge: -1}).Close(); err != nil {
		t.Fatal(err)
	}
}

// A process that is killed in the middle of a migration leaves the file as it was, and the next one migrates it to the end.
func TestKilledMigration(t *testing.T) {
	t.Parallel()
	logged := int64(0)
	for format := 1; format < schemaVersion; format++ {
		old := bigOldFile(t, format)
		before := read(t, old)
		changes := 0
		if err := migrateWith(t.Context(), copyOf(t, old), func(w *writer) error {
			return onChange(w, func(change string) {
				if change != "commit" {
					changes++
				}
			})
		}); err != nil || changes < 500 && format < 3 { // format 4 changes the rows of open jobs alone
			t.Fatalf("format %d: %d changes, %v", format, changes, err)
		}
		stops := []string{"commit"}
		for _, n := range []int{1, changes / 4, changes / 2, changes * 9 / 10} {
			if n <= changes {
				stops = append(stops, strconv.Itoa(n))
			}
		}
		for _, stops := range slices.DeleteFunc(stops, func(s string) bool { return s == "0" }) {
			name, path := fmt.Sprintf("format %d, killed at %s", format, stops), copyOf(t, old)
			killed(t, name, path, stops)
			if info, err := os.Stat(path + "-wal"); err == nil {
				logged = max(logged, info.Size())
			}
			checkHolds(t, name, path, before, format)
			toTheEnd(t, path)
			checkHolds(t, name+", then migrated", path, before, schemaVersion)
		}
	}
	if logged == 0 {
		t.Error("no kill came while something was written")
	}
}

func killed(t *testing.T, name, path, stops string) {
	t.Helper()
	cmd := migrator(t, path, stops)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	said := make([]byte, len("there\n"))
	if _, err := io.ReadFull(out, said); err != nil || string(said) != "there\n" {
		t.Fatalf("%s: the child said %q, %v", name, said, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if cmd.ProcessState.Success() || cmd.ProcessState.Exited() && cmd.ProcessState.ExitCode() == fault.Internal.ExitCode() {
		t.Fatalf("%s: the child ended by itself", name)
	}
}
