package journal

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/fault"
)

// fill records some deliveries of 20 KiB.
func fill(t *testing.T, j *Journal, n int) {
	t.Helper()
	for range n {
		appendTest(t, j, sized("e", 20<<10, true))
	}
}

func truncate(t *testing.T, path string, size int64) {
	t.Helper()
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
}

// A file or log that is taken away or cut off under a writer ends what it acknowledges, before the next word to a sender.
func TestWhatIsTakenAwayIsNoticed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		harm func(t *testing.T, path string)
		says string
		next string // holds another change
		kept int    // of the first 20 deliveries, after a kill and a new start; -1: whatever there is
	}{
		"log removed":        {func(t *testing.T, p string) { t.Helper(); remove(t, p+"-wal") }, "journal.db-wal was removed", "start the listener again", 20},
		"log emptied":        {func(t *testing.T, p string) { t.Helper(); truncate(t, p+"-wal", 0) }, "journal.db-wal was cut off", "cp ", -1},
		"log cut":            {func(t *testing.T, p string) { t.Helper(); truncate(t, p+"-wal", 100<<10) }, "journal.db-wal was cut off", "cp ", -1},
		"log cut a little":   {func(t *testing.T, p string) { t.Helper(); truncate(t, p+"-wal", 200<<10-1) }, "journal.db-wal was cut off", "cp ", -1},
		"log replaced":       {func(t *testing.T, p string) { t.Helper(); replaceFile(t, p+"-wal") }, "journal.db-wal was removed or replaced", "start the listener again", 20},
		"file emptied":       {func(t *testing.T, p string) { t.Helper(); truncate(t, p, 0) }, "journal.db was cut off", "cp ", -1},
		"file removed":       {func(t *testing.T, p string) { t.Helper(); remove(t, p) }, "journal.db was removed or replaced", "start the listener again", -1},
		"file replaced":      {func(t *testing.T, p string) { t.Helper(); replaceFile(t, p) }, "journal.db was removed or replaced", "start the listener again", -1},
		"folder moved":       {func(t *testing.T, p string) { t.Helper(); move(t, filepath.Dir(p), filepath.Dir(p)+".old") }, "was removed or replaced", "start the listener again", -1},
		"all removed":        {func(t *testing.T, p string) { t.Helper(); remove(t, p); remove(t, p+"-wal"); remove(t, p+"-shm") }, "was removed or replaced", "start the listener again", -1},
		"log and its index":  {func(t *testing.T, p string) { t.Helper(); remove(t, p+"-wal"); remove(t, p+"-shm") }, "journal.db-wal was removed", "start the listener again", -1},
		"file cut in places": {func(t *testing.T, p string) { t.Helper(); truncate(t, p, 4096) }, "was cut off", "cp ", -1},
	} {
		path := filepath.Join(t.TempDir(), "data", "journal.db")
		j, err := Open(t.Context(), path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		fill(t, j, 20)
		if name == "file cut in places" { // what was folded is not in the log any more
			if err := j.do(t.Context(), func(w *writer) error { return w.fold(t.Context()) }); err != nil {
				t.Fatal(err)
			}
			fill(t, j, 1)
		}
		c.harm(t, path)
		for range 3 {
			err := j.AppendDelivery(t.Context(), sized("late", 10, true))
			if fault.KindOf(err) != fault.Storage || !strings.Contains(err.Error(), c.says) || !strings.Contains(fault.HintOf(err).String(), c.next) {
				t.Errorf("%s: %v (%s)", name, err, fault.HintOf(err))
			}
		}
		if c.kept >= 0 {
			leftOnDisk(t, name, path, c.kept)
		}
		_ = j.Close()
	}
}

// leftOnDisk opens what is on disk at this moment, which is all that a kill would leave.
func leftOnDisk(t *testing.T, name, path string, want int) {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "journal.db")
	for _, side := range []string{"", "-wal"} {
		if b, err := os.ReadFile(path + side); err == nil {
			write(t, copied+side, b)
		}
	}
	if n := count(t, openAt(t, copied, Options{}), "e"); n != want {
		t.Errorf("%s: %d of %d are left", name, n, want)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func move(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func replaceFile(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path+".new", b)
	move(t, path+".new", path)
}

// What is put back is written to again.
func TestAFileThatIsPutBackIsUsed(t *testing.T) {
	t.Parallel()
	said := newTold()
	j := openTest(t, Options{Tell: said.tell})
	fill(t, j, 3)
	move(t, j.Path(), j.Path()+".away")
	look := func() {
		t.Helper()
		if err := j.do(t.Context(), func(w *writer) error { w.inspectIdle(); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	look()
	look()
	if got := said.all("journal_lost"); len(got) != 1 || !strings.Contains(got[0].Message, "503") {
		t.Errorf("told %+v", got)
	}
	wantFault(t, j.AppendDelivery(t.Context(), delivery(time.Now(), "")), fault.Storage)
	move(t, j.Path()+".away", j.Path())
	look()
	if got := said.all("journal_recovered"); len(got) != 1 {
		t.Errorf("told %+v", got)
	}
	fill(t, j, 1)
	if n := count(t, j, "e"); n != 4 {
		t.Errorf("%d deliveries", n)
	}
}

// Other programs fold the log and give room back; that is no harm.
func TestOthersMayFoldAndShrink(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
	other := openAt(t, j.Path(), Options{})
	for _, s := range []string{"PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA wal_checkpoint(RESTART)", "PRAGMA wal_checkpoint(FULL)"} {
		fill(t, j, 20)
		makeFile(t, j.Path(), s)
		fill(t, j, 5)
		fill(t, other, 5)
		makeFile(t, j.Path(), s)
		fill(t, other, 5)
		fill(t, j, 5)
	}
	const drop = "DELETE FROM deliveries"
	makeFile(t, other.Path(), drop, "PRAGMA incremental_vacuum", "PRAGMA wal_checkpoint(TRUNCATE)")
	fill(t, j, 5)
	makeFile(t, j.Path(), drop, "PRAGMA incremental_vacuum", "PRAGMA wal_checkpoint(TRUNCATE)")
	fill(t, other, 5)
	makeFile(t, j.Path(), "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)")
	fill(t, j, 30)
	if n := count(t, j, "e"); n != 35 {
		t.Errorf("%d deliveries", n)
	}
}

// reads holds a read transaction, as a database browser does that is left open.
func reads(t *testing.T, path string) (end func()) {
	t.Helper()
	j, err := Open(t.Context(), path, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	tx, err := j.readers.BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := tx.QueryRowContext(t.Context(), "SELECT count(*) FROM deliveries").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return func() {
		_ = tx.Rollback()
		_ = j.Close()
	}
}

// As long as somebody reads, the log grows; that is said, then it ends, and goes on when the reader is gone.
func TestTheLogIsBounded(t *testing.T) {
	t.Parallel()
	said := newTold()
	tune := defaultTuning()
	tune.logTold, tune.logMost = 10<<20, 20<<20
	j, err := open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), Options{Tell: said.tell}, tune)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	fill(t, j, 1)
	end := reads(t, j.Path())
	n := 1
	for err == nil && n < 60 {
		if err = j.AppendDelivery(t.Context(), sized("e", 500<<10, true)); err == nil {
			n++
		}
	}
	wantFault(t, err, fault.Storage)
	if !strings.Contains(err.Error(), "reads the journal and does not end") || n < 30 {
		t.Errorf("after %d: %v", n, err)
	}
	if info, err := os.Stat(j.Path() + "-wal"); err != nil || info.Size() > 22<<20 {
		t.Errorf("the log has %d bytes, %v", info.Size(), err)
	}
	if got := said.all("log_growing"); len(got) != 1 || !strings.Contains(got[0].Message, "20 MiB") {
		t.Errorf("told %+v", got)
	}
	end()
	for deadline := time.Now().Add(10 * time.Second); ; {
		if err = j.AppendDelivery(t.Context(), sized("e", 10, true)); err == nil || time.Now().After(deadline) {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	fill(t, j, 1)
	if got := said.all("log_folded"); len(got) != 1 || count(t, j, "e") != n+2 {
		t.Errorf("told %+v; %d deliveries of %d", got, count(t, j, "e"), n+2)
	}
}
