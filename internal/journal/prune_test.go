package journal

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/record"
)

// countRows counts the rows of a table.
func countRows(t *testing.T, j *Journal, table string) (n int) {
	t.Helper()
	if err := j.query(t.Context(), "SELECT count(*) FROM "+table, nil, func(r *sql.Rows) (bool, error) { return false, r.Scan(&n) }); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestPruneTakesAllThatBelongsToADelivery prunes what is old, and leaves what is owed.
func TestPruneTakesAllThatBelongsToADelivery(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openTest(t, Options{Now: c.now, MaxAge: -1, MaxBytes: -1})
	for range 3 {
		d := tried(t, j, delivery(c.now(), ""), time.Second, record.OutcomeDelivered)
		if err := j.AppendDiagnosis(t.Context(), &record.Diagnosis{DeliveryID: d.ID}); err != nil {
			t.Fatal(err)
		}
	}
	owed := delivery(c.now(), "")
	owed.Targets = []string{"app"}
	appendTest(t, j, owed)
	c.add(time.Hour)
	young := appendTest(t, j, delivery(c.now(), ""))

	f := Filter{Until: c.now()}
	p, err := j.Prunable(t.Context(), f)
	if err != nil || p.Deliveries != 3 || p.Owed != 1 || p.Bytes < 3*400 || p.Newest != owed.ID {
		t.Fatalf("%+v, %v", p, err)
	}
	if n := countRows(t, j, "deliveries"); n != 5 {
		t.Fatalf("the look left %d deliveries", n)
	}
	dropped := 0
	if err := j.Prune(t.Context(), f, p, func(n int) { dropped += n }); err != nil || dropped != 3 {
		t.Fatalf("dropped %d, %v", dropped, err)
	}
	left, err := j.List(t.Context(), Filter{})
	if err != nil || len(left) != 2 || left[0].ID != young.ID || left[1].ID != owed.ID {
		t.Errorf("left %v, %v", left, err)
	}
	if a, d, jobs := countRows(t, j, "attempts"), countRows(t, j, "diagnoses"), countRows(t, j, "jobs"); a != 0 || d != 0 || jobs != 1 {
		t.Errorf("left %d attempts, %d diagnoses, %d jobs", a, d, jobs)
	}
}

// TestPruneLeavesWhatCameSince drops nothing that came after the look, or that a job is owed for since.
func TestPruneLeavesWhatCameSince(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
	var ids []string
	for range 3 {
		ids = append(ids, tried(t, j, delivery(time.Now(), ""), 0, record.OutcomeFailed).ID)
	}
	f := Filter{Match: func(_ context.Context, d *record.Delivery) (bool, error) { return d.ID != ids[0], nil }}
	p, err := j.Prunable(t.Context(), f)
	if err != nil || p.Deliveries != 2 {
		t.Fatalf("%+v, %v", p, err)
	}
	if _, err := j.ChangeJobs(t.Context(), JobFilter{Delivery: ids[2]}, RetryJobs); err != nil {
		t.Fatal(err)
	}
	appendTest(t, j, delivery(time.Now(), ""))
	dropped := 0
	if err := j.Prune(t.Context(), f, p, func(n int) { dropped += n }); err != nil || dropped != 1 {
		t.Errorf("dropped %d, %v", dropped, err)
	}
	if n := countRows(t, j, "deliveries"); n != 3 {
		t.Errorf("%d are left", n)
	}
}

// TestPruneShrinksTheFile drops most of a journal. What was dropped is nowhere in file or log, and the room is given back.
func TestPruneShrinksTheFile(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
	for i := range 4 * stepRows {
		d := delivery(time.Now(), "")
		d.EventType, d.Body = "keep.it", []byte(strings.Repeat("kept bytes ", 20))
		if i%8 != 0 {
			d.EventType, d.Body = "drop.it", []byte(strings.Repeat("secret bytes ", 20+i%200))
		}
		d.Size = int64(len(d.Body))
		appendTest(t, j, d)
	}
	before := j.FileBytes()
	f := Filter{Types: []string{"drop.*"}}
	p, err := j.Prunable(t.Context(), f)
	if err == nil {
		err = j.Prune(t.Context(), f, p, func(int) {})
	}
	if err != nil {
		t.Fatal(err)
	}
	if after := j.FileBytes(); after > before/4 {
		t.Errorf("the file had %d bytes, and has %d", before, after)
	}
	for _, side := range []string{"", "-wal"} {
		text, err := os.ReadFile(j.Path() + side)
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(text, []byte("secret bytes")); n > 0 {
			t.Errorf("%s%s holds what was dropped, %d times", j.Path(), side, n)
		}
	}
	if got := searched(t, j, Filter{}, "kept bytes"); len(got) != 4*stepRows/8 {
		t.Errorf("%d are left", len(got))
	}
}

// TestPruneBesideAWriter prunes in one journal what another one goes on to write into.
func TestPruneBesideAWriter(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
	var all []*record.Delivery
	for i := range 4 * stepRows {
		all = append(all, delivery(time.Now(), fmt.Sprint("old", i)))
	}
	appendMany(t, j, all)
	writer := openAt(t, j.Path(), Options{})
	p, err := j.Prunable(t.Context(), Filter{})
	if err != nil {
		t.Fatal(err)
	}
	err = j.Prune(t.Context(), Filter{}, p, func(int) { appendTest(t, writer, delivery(time.Now(), "new")) })
	if err != nil {
		t.Fatal(err)
	}
	if n := countRows(t, j, "deliveries"); n != 4 {
		t.Errorf("%d are left, want the 4 that came meanwhile", n)
	}
	appendTest(t, writer, delivery(time.Now(), "later"))
}
