package journal

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
		if err := j.AppendAttempts(t.Context(), &record.Attempt{DeliveryID: d.ID, Target: "t"}); err != nil {
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
	if s, err := j.Stats(t.Context(), Filter{}, noBudget); err != nil || s.Attempts != 6 {
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
		if err := j.AppendAttempts(t.Context(), &record.Attempt{DeliveryID: last, Body: body}); err != nil {
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

// dropBefore drops what was received before a time, in steps, and gives the number of deliveries.
func dropBefore(t *testing.T, j *Journal, before time.Time) (n int64) {
	t.Helper()
	for more := true; more; {
		err := j.do(t.Context(), func(w *writer) error {
			v, err := w.dropStep(t.Context(), time.Second, func(ctx context.Context) (victims, error) { return w.older(ctx, before) })
			more, n = v.more, n+int64(len(v.ids))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return n
}

func TestDropsInSteps(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openTest(t, Options{Now: c.now})
	body := []byte(strings.Repeat("x", 8<<10))
	var ds []*record.Delivery
	for i := range 2*stepRows + 50 { // more than two steps
		d := delivery(c.now(), fmt.Sprint(i))
		d.Body = body
		ds = append(ds, d)
	}
	appendMany(t, j, ds)
	for _, d := range ds[:10] {
		if err := j.AppendAttempts(t.Context(), &record.Attempt{DeliveryID: d.ID}); err != nil {
			t.Fatal(err)
		}
	}
	c.add(2 * time.Hour)
	kept := appendTest(t, j, delivery(c.now(), "kept"))
	if n := dropBefore(t, j, c.now().Add(-3*time.Hour)); n != 0 {
		t.Errorf("%d deliveries were dropped too early", n)
	}
	if n := dropBefore(t, j, c.now().Add(-time.Hour)); n != 2*stepRows+50 {
		t.Errorf("%d deliveries were dropped", n)
	}
	got, err := j.List(t.Context(), Filter{})
	if err != nil || len(got) != 1 || got[0].ID != kept.ID {
		t.Errorf("%d deliveries are left, %v", len(got), err)
	}
	if s, err := j.Stats(t.Context(), Filter{}, noBudget); err != nil || s.Attempts != 0 {
		t.Errorf("%d attempts are left, %v", s.Attempts, err)
	}
	if err := j.do(t.Context(), func(w *writer) error {
		used, err := w.used(t.Context())
		if used > 200<<10 {
			t.Errorf("%d bytes are in use", used)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}

func TestDropsEverything(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openTest(t, Options{Now: c.now})
	kept := appendTest(t, j, delivery(c.now(), "kept"))
	if n := dropBefore(t, j, c.now()); n != 0 {
		t.Errorf("%d deliveries not older than now", n)
	}
	c.add(time.Millisecond)
	if n := dropBefore(t, j, c.now()); n != 1 {
		t.Errorf("everything: %d", n)
	}
	if d := appendTest(t, j, delivery(c.now(), "kept")); d.ID <= kept.ID || d.Duplicate != nil {
		t.Errorf("after everything was dropped: %+v", d)
	}
}

// A delivery that is still owed to a target stays, however old it is and however full the journal. Its neighbours go.
func TestNothingWithAnOpenJobGoes(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]int{
		"queued": 2, "sending": 2, "waiting": 2, "delivered": 0, "failed": 0, "interrupted": 0, "dead": 0, "dropped": 0,
	} {
		c := newClock()
		said := newTold()
		j := openTest(t, Options{Now: c.now, Tell: said.tell})
		for i := range 6 {
			d := sized(fmt.Sprint("e", i), 10, i%2 == 0) // one that verified, one that was refused
			d.ReceivedAt = c.now()
			if i == 2 || i == 3 {
				d.Targets = []string{"a", "b"}
			}
			appendTest(t, j, d)
			c.add(time.Millisecond)
		}
		makeFile(t, j.Path(), "UPDATE jobs SET state = 'delivered' WHERE target = 'a'", "UPDATE jobs SET state = '"+state+"' WHERE target = 'b'")
		if n := dropBefore(t, j, c.now()); n != int64(6-want) {
			t.Errorf("%s: %d were too old", state, n)
		}
		err := j.do(t.Context(), func(w *writer) error {
			w.sayGone(true)
			w.keep.maxBytes = 1
			_, err := w.dropStep(t.Context(), time.Second, w.tooMuch)
			return err
		})
		if n := count(t, j, "e"); n != want || err != nil {
			t.Errorf("%s: %d are left, %v", state, n, err)
		}
		told := said.all("pruned")
		if len(told) != 1 || strings.Contains(told[0].Message, "2 older") != (want == 2) {
			t.Errorf("%s: told %+v", state, told)
		}
		if n := countJobs(t, j); n != 2*want {
			t.Errorf("%s: %d jobs are left", state, n)
		}
	}
}

func countJobs(t *testing.T, j *Journal) (n int) {
	t.Helper()
	if err := j.readers.QueryRowContext(t.Context(), "SELECT count(*) FROM jobs").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
