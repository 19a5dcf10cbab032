package journal

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/fault"
)

// lockFile holds the write lock as another process would, until release is called.
func lockFile(t *testing.T, path string) (release func()) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	done := false
	release = func() {
		if done {
			return
		}
		done = true
		if _, err := conn.ExecContext(t.Context(), "ROLLBACK"); err != nil {
			t.Error(err)
		}
		_ = conn.Close()
		_ = db.Close()
	}
	return release
}

func TestLockedByAnotherProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	tune := defaultTuning()
	tune.lockWait, tune.openWait = 20*time.Millisecond, 20*time.Millisecond
	j, err := open(t.Context(), path, Options{}, tune)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	release := lockFile(t, path)
	defer release()
	err = j.AppendDelivery(t.Context(), delivery(time.Now(), ""))
	wantFault(t, err, fault.Storage)
	if !strings.Contains(err.Error(), "another process") {
		t.Error(err)
	}
	if got, err := j.List(t.Context(), Filter{}); err != nil || len(got) != 0 {
		t.Errorf("reading meanwhile: %d, %v", len(got), err)
	}
	_, err = open(t.Context(), path, Options{}, tune)
	wantFault(t, err, fault.Storage)
	release()
	appendTest(t, j, delivery(time.Now(), ""))
}

func TestWaitsForAnotherProcess(t *testing.T) {
	t.Parallel()
	waiting := make(chan struct{}, 1)
	tune := defaultTuning()
	tune.lockWait = time.Hour
	tune.waiting = func() {
		select {
		case waiting <- struct{}{}:
		default:
		}
	}
	j, err := open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), Options{}, tune)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	release := lockFile(t, j.Path())
	defer release()
	done := make(chan error, 1)
	go func() { done <- j.AppendDelivery(t.Context(), delivery(time.Now(), "")) }()
	<-waiting
	select {
	case err := <-done:
		t.Fatalf("recorded in spite of the lock: %v", err)
	default:
	}
	release()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestNoRoomLeft(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
	limit := func(pages string) {
		t.Helper()
		err := j.do(t.Context(), func(w *writer) error {
			_, err := w.conn.ExecContext(t.Context(), "PRAGMA max_page_count = "+pages)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	first := appendTest(t, j, delivery(time.Now(), "e"))
	limit("20")
	big := delivery(time.Now(), "f")
	big.Body = make([]byte, 1<<20)
	err := j.AppendDelivery(t.Context(), big)
	wantFault(t, err, fault.Storage)
	if !strings.Contains(err.Error(), "no room") || big.ID != "" {
		t.Errorf("%v, id %q", err, big.ID)
	}
	got, err := j.List(t.Context(), Filter{})
	if err != nil || len(got) != 1 || got[0].ID != first.ID {
		t.Fatalf("%d deliveries, %v", len(got), err)
	}
	limit("100000")
	if d := appendTest(t, j, big); d.Duplicate != nil {
		t.Errorf("the one that failed was recorded: %v", d.Duplicate)
	}
}

func TestTooBigForOneRecord(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
	d := delivery(time.Now(), "")
	d.Path = strings.Repeat("x", maxRecord)
	if err := j.AppendDelivery(t.Context(), d); fault.KindOf(err) != fault.Storage {
		t.Error(err)
	}
}

// A file that turns out damaged in use is said to be so.
func TestDamagedInUse(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
	appendTest(t, j, delivery(time.Now(), ""))
	err := j.do(t.Context(), func(w *writer) error {
		_, err := w.conn.ExecContext(t.Context(), "UPDATE deliveries SET header = '{'")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = j.List(t.Context(), Filter{})
	wantFault(t, err, fault.Storage)
}

func TestFileThatCannotBeWrittenIsNotOpened(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	first := openAt(t, path, Options{})
	appendTest(t, first, delivery(time.Now(), ""))
	tune := defaultTuning()
	tune.mode = "ro" // as SQLite does by itself where rights or medium do not allow more
	_, err := open(t.Context(), path, Options{}, tune)
	wantFault(t, err, fault.Storage)
	if !strings.Contains(err.Error(), "cannot be written") {
		t.Error(err)
	}
}
