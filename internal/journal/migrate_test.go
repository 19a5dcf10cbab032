package journal

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/record"
)

// oldFile is a copy of a journal that a whctl of that format made.
func oldFile(t *testing.T, format int) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", fmt.Sprintf("format%d.db", format)))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "journal.db")
	write(t, path, b)
	return path
}

// content is all that a journal gives out.
type content struct {
	deliveries []record.Delivery
	attempts   [][]record.Attempt
	diagnoses  []record.Diagnosis
	refused    string
}

func read(t *testing.T, path string) content {
	t.Helper()
	j := openAt(t, path, Options{ReadOnly: true})
	var c content
	err := j.Each(t.Context(), Filter{Bodies: true}, func(d *record.Delivery) error {
		c.deliveries = append(c.deliveries, *d)
		return nil
	})
	wantFault(t, err, fault.Storage) // one body is damaged
	for _, d := range c.deliveries {
		attempts, err := j.Attempts(t.Context(), d.ID)
		if err != nil {
			t.Fatal(err)
		}
		c.attempts = append(c.attempts, attempts)
		found, has, err := j.Diagnosis(t.Context(), d.ID)
		if err != nil {
			t.Fatal(err)
		}
		if has {
			c.diagnoses = append(c.diagnoses, found)
		}
	}
	d, err := j.LastRefused(t.Context(), "baanx")
	if err != nil {
		t.Fatal(err)
	}
	c.refused = d.EventID
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return c
}

// outcomes lists each delivery by its event, with its targets and what came of each attempt.
func (c content) outcomes() map[string]string {
	out := map[string]string{}
	for i, d := range c.deliveries {
		text := strings.Join(d.Targets, " ") + ":"
		for _, a := range c.attempts[i] {
			text += " " + string(a.Origin) + " " + string(a.Outcome)
			if a.Repeated {
				text += " repeated"
			}
		}
		if d.Duplicate != nil {
			text += " duplicate"
		}
		out[d.EventID] = strings.ReplaceAll(text, "http://localhost:3000: forward", "")
	}
	return out
}

// Journals of before are read as they are, and hold the same once they are brought to the newest format.
func TestOldFormats(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"evt_2": "api http://localhost:4000/hooks: forward refused forward unreachable", "evt_3": " delivered",
		"evt_10": " timeout", "evt_11": " cancelled", "evt_12": " failed", "evt_13": " unreachable", "evt_14": " unreachable",
		"evt_15": " timeout", "evt_16": " failed", "evt_17": " refused", "evt_18": " refused", "evt_19": " failed", "evt_110": " failed",
		"evt_1": " delivered", "evt_4": "http://localhost:3000:", "evt_5": ":", "": ":", "evt_6": "http://localhost:3000:",
	}
	for format := 1; format < schemaVersion; format++ {
		path := oldFile(t, format)
		file := snapshot(t, filepath.Dir(path))
		before := read(t, path)
		if format == 2 {
			want["evt_3"] += " repeated"
		}
		if got := before.outcomes(); !reflect.DeepEqual(got, want) {
			t.Errorf("format %d:\n%v, want\n%v", format, got, want)
		}
		if n := len(before.deliveries); n != 19 || len(before.diagnoses) != min(format, 2)-1 || before.refused != "evt_5" {
			t.Errorf("format %d: %d deliveries, %d diagnoses, the last refused is %q", format, n, len(before.diagnoses), before.refused)
		}
		for _, d := range before.deliveries {
			if (d.EventID == "evt_6") != d.BodyDamaged || d.EventID == "evt_2" && (d.Header["Authorization"][0] != masking.Masked || d.Header["X-Odd"][0] != "\xff\x00") {
				t.Errorf("format %d: %+v", format, d)
			}
		}
		if !reflect.DeepEqual(snapshot(t, filepath.Dir(path)), file) {
			t.Errorf("format %d: reading changed the file", format)
		}
		migrated(t, path)
		if after := read(t, path); !reflect.DeepEqual(after, before) {
			t.Errorf("format %d, brought up to date:\n%+v\nwas\n%+v", format, after, before)
		}
	}
}

// migrated has a writer open an old journal and append to it. What it leaves is what a new file would be.
func migrated(t *testing.T, path string) {
	t.Helper()
	j := openAt(t, path, Options{MaxAge: -1})
	again := appendTest(t, j, delivery(time.Now(), "evt_3"))
	if again.Duplicate == nil || !again.Duplicate.Answered {
		t.Errorf("a second delivery of an event is %+v", again.Duplicate)
	}
	fresh := openTest(t, Options{})
	if got, want := schemaOf(t, j), schemaOf(t, fresh); !slices.Equal(got, want) {
		t.Errorf("the schema is\n%s\nand of a new file\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	states := map[string]string{"evt_3": "delivered 1", "evt_4": "interrupted 0", "evt_11": "interrupted 1", "evt_10": "failed 1", "evt_5": "", "evt_2": "failed 1 failed 1"}
	for event, want := range states {
		const query = "SELECT coalesce(group_concat(state || ' ' || tries, ' '), '') FROM jobs JOIN deliveries AS d ON d.id = delivery WHERE event_id = ?"
		var got string
		if err := j.readers.QueryRowContext(t.Context(), query, event).Scan(&got); err != nil || got != want {
			t.Errorf("jobs of %s: %q, want %q, %v", event, got, want, err)
		}
	}
	if err := j.do(t.Context(), func(w *writer) error {
		_, err := w.conn.ExecContext(t.Context(), "DELETE FROM deliveries WHERE id = (SELECT max(id) FROM deliveries)")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

func schemaOf(t *testing.T, j *Journal) (all []string) {
	t.Helper()
	rows, err := j.readers.QueryContext(t.Context(), "SELECT type, name, coalesce(sql, '') FROM sqlite_schema ORDER BY type, name")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var typ, name, text string
		if err := rows.Scan(&typ, &name, &text); err != nil {
			t.Fatal(err)
		}
		all = append(all, typ+" "+name+" "+spaced(text))
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return all
}

// What the journals of before may have or lack is no obstacle; what nobody made is.
func TestOldSchemas(t *testing.T) {
	t.Parallel()
	for format := 1; format < schemaVersion; format++ {
		for name, c := range map[string]struct {
			statement string
			fine      bool
		}{
			"old index":   {"CREATE INDEX deliveries_refused ON deliveries(profile) WHERE ok = 0 AND reason <> 'unverified'", format < 3},
			"no index":    {"DROP INDEX IF EXISTS attempts_delivery", true},
			"no events":   {"DROP INDEX deliveries_event", true},
			"other index": {"CREATE INDEX deliveries_refused ON deliveries(scheme)", false},
			"column":      {"ALTER TABLE deliveries ADD COLUMN later INTEGER NOT NULL DEFAULT 0", false},
			"other table": {"CREATE TABLE places (profile TEXT NOT NULL)", false},
		} {
			path := oldFile(t, format)
			makeFile(t, path, "DROP INDEX deliveries_refused", c.statement)
			if !c.fine {
				_ = refuse(t, path, true)
				_ = refuse(t, path, false)
				continue
			}
			for _, o := range []Options{{ReadOnly: true}, {MaxAge: -1}, {ReadOnly: true}} {
				if n := count(t, openAt(t, path, o), ""); n != 19 {
					t.Errorf("format %d, %s: %d deliveries", format, name, n)
				}
			}
		}
	}
}

// A migration that cannot come to its end leaves the file as it was.
func TestMigrationIsAllOrNothing(t *testing.T) {
	t.Parallel()
	path := oldFile(t, 2)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before := read(t, path)
	for name, run := range map[string]func(ctx context.Context, w *writer) error{
		"full disk": func(ctx context.Context, w *writer) error {
			_, err := w.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", len(b)/4096))
			return err
		},
		"interrupt": func(ctx context.Context, w *writer) error {
			_, err := w.conn.ExecContext(ctx, "PRAGMA cache_size = 1")
			return err
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		err := migrateWith(ctx, path, func(w *writer) error {
			if name == "interrupt" {
				defer cancel()
			}
			return run(ctx, w)
		})
		cancel()
		if name == "full disk" {
			wantFault(t, err, fault.Storage)
		} else if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, b) {
			t.Errorf("%s: the file was changed, %v", name, err)
		}
		if after := read(t, path); !reflect.DeepEqual(after, before) {
			t.Errorf("%s: it holds something else", name)
		}
	}
}

// migrateWith opens the file as a writer does, with something done to its connection first.
func migrateWith(ctx context.Context, path string, before func(w *writer) error) error {
	db, err := sql.Open("sqlite", dsn(path, "rw", "journal_mode(wal)", "synchronous(full)"))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	w := &writer{path: path, tuning: defaultTuning(), db: db, tell: func(record.Changed) {}, watch: watch{path: path}}
	if w.conn, err = db.Conn(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	defer func() { _ = w.release() }()
	if err := before(w); err != nil {
		return err
	}
	return storage(w.setUp(ctx), path, "open the journal")
}
