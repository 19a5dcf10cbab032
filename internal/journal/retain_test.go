package journal

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
)

// settle waits until the writer has nothing more to tidy: work handed to it is done between two steps.
func settle(t *testing.T, j *Journal) {
	t.Helper()
	for pending := true; pending; {
		if err := j.do(t.Context(), func(w *writer) error {
			pending = w.keep.pending
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOldDeliveriesGoByThemselves(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openTest(t, Options{Now: c.now, MaxAge: 24 * time.Hour})
	var ids []string
	for range 10 {
		d := appendTest(t, j, delivery(c.now(), "e"))
		if err := j.AppendAttempt(t.Context(), &record.Attempt{DeliveryID: d.ID, Target: "t"}); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, d.ID)
		c.add(4 * time.Hour)
	}
	// 40 hours after the first one
	last := appendTest(t, j, delivery(c.now(), "e"))
	settle(t, j)
	got, err := j.List(t.Context(), Filter{})
	if err != nil || len(got) != 7 || got[0].ID != last.ID || got[6].ID != ids[4] {
		t.Fatalf("%d deliveries are left, %v", len(got), err)
	}
	if s, err := j.Stats(t.Context(), ""); err != nil || s.Attempts != 6 {
		t.Errorf("%d attempts are left, %v", s.Attempts, err)
	}
}

func TestNoAgeLimit(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openTest(t, Options{Now: c.now, MaxAge: -1, MaxBytes: -1})
	for range 3 {
		appendTest(t, j, delivery(c.now(), ""))
		c.add(1000 * time.Hour)
	}
	settle(t, j)
	if got, err := j.List(t.Context(), Filter{}); err != nil || len(got) != 3 {
		t.Errorf("%d deliveries, %v", len(got), err)
	}
}

func TestSizeIsCapped(t *testing.T) {
	t.Parallel()
	const limit = 2 << 20
	dir := t.TempDir()
	path := filepath.Join(dir, "journal.db")
	tune := defaultTuning()
	tune.settle = 100 << 10
	j, err := open(t.Context(), path, Options{MaxBytes: limit}, tune)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	body := []byte(strings.Repeat("x", 20<<10))
	var last string
	for i := range 300 { // 6 MiB, and as much in answers
		d := delivery(time.Now(), fmt.Sprint(i))
		d.Body = body
		last = appendTest(t, j, d).ID
		if err := j.AppendAttempt(t.Context(), &record.Attempt{DeliveryID: last, Body: body}); err != nil {
			t.Fatal(err)
		}
	}
	settle(t, j)
	got, err := j.List(t.Context(), Filter{})
	if err != nil || len(got) == 0 || got[0].ID != last {
		t.Fatalf("%d deliveries, %v", len(got), err)
	}
	// A delivery and its attempt take about 42 KiB, the limit less room for the log is 1.75 MiB.
	if len(got) < 30 || len(got) > 45 {
		t.Errorf("%d deliveries are left", len(got))
	}
	for i, d := range got {
		if want := fmt.Sprint(299 - i); d.EventID != want {
			t.Fatalf("event %s is left where %s should be", d.EventID, want)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() > limit {
		t.Errorf("the file has %d bytes, %v", info.Size(), err)
	}
}

func TestPrune(t *testing.T) {
	t.Parallel()
	c := newClock()
	dir := t.TempDir()
	path := filepath.Join(dir, "journal.db")
	j := openAt(t, path, Options{Now: c.now})
	body := []byte(strings.Repeat("x", 8<<10))
	var ds []*record.Delivery
	for i := range 2*stepRows + 50 { // more than two steps
		d := delivery(c.now(), fmt.Sprint(i))
		d.Body = body
		ds = append(ds, d)
	}
	appendMany(t, j, ds)
	for _, d := range ds[:10] {
		if err := j.AppendAttempt(t.Context(), &record.Attempt{DeliveryID: d.ID}); err != nil {
			t.Fatal(err)
		}
	}
	c.add(2 * time.Hour)
	kept := appendTest(t, j, delivery(c.now(), "kept"))
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.Prune(t.Context(), -time.Second); fault.KindOf(err) != fault.Usage {
		t.Errorf("an age in the future: %v", err)
	}
	if p, err := j.Prune(t.Context(), 3*time.Hour); err != nil || p != (Pruned{}) {
		t.Errorf("%+v, %v", p, err)
	}
	p, err := j.Prune(t.Context(), time.Hour)
	if err != nil || p.Deliveries != 2*stepRows+50 || p.Attempts != 10 {
		t.Errorf("%+v, %v", p, err)
	}
	got, err := j.List(t.Context(), Filter{})
	if err != nil || len(got) != 1 || got[0].ID != kept.ID {
		t.Errorf("%d deliveries are left, %v", len(got), err)
	}
	after, err := os.Stat(path)
	if err != nil || after.Size() > 200<<10 {
		t.Errorf("the file went from %d to %d bytes, %v", before.Size(), after.Size(), err)
	}
}

func TestPruneEverything(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openTest(t, Options{Now: c.now})
	kept := appendTest(t, j, delivery(c.now(), "kept"))
	if p, err := j.Prune(t.Context(), 0); err != nil || p.Deliveries != 0 {
		t.Errorf("something not older than now: %+v, %v", p, err)
	}
	c.add(time.Millisecond)
	if p, err := j.Prune(t.Context(), 0); err != nil || p.Deliveries != 1 {
		t.Errorf("everything: %+v, %v", p, err)
	}
	if d := appendTest(t, j, delivery(c.now(), "kept")); d.ID <= kept.ID || d.Duplicate != nil {
		t.Errorf("after pruning: %+v", d)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := j.Prune(ctx, 0); fault.KindOf(err) != fault.Stopped {
		t.Errorf("cancelled: %v", err)
	}
}
