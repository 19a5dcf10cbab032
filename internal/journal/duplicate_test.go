package journal

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// openRuns opens a journal that makes a run of the keys of so many deliveries.
func openRuns(t *testing.T, path string, deliveries int64) *Journal {
	t.Helper()
	return openRunsAt(t, path, deliveries, time.Now)
}

func openRunsAt(t *testing.T, path string, deliveries int64, now func() time.Time) *Journal {
	t.Helper()
	tune := defaultTuning()
	tune.runDeliveries = deliveries
	j, err := open(t.Context(), path, Options{MaxAge: -1, Now: now}, tune)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return j
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{1, 3, runDeliveries} { // what it repeats is in a run, or not yet
		t.Run(fmt.Sprint("runs of ", n), func(t *testing.T) {
			t.Parallel()
			duplicates(t, openRuns(t, filepath.Join(t.TempDir(), "journal.db"), n))
		})
	}
}

func duplicates(t *testing.T, j *Journal) {
	t.Helper()
	at := time.Now()
	with := func(event string, change func(d *record.Delivery)) *record.Delivery {
		t.Helper()
		d := delivery(at, event)
		change(d)
		return appendTest(t, j, d)
	}
	same := func(*record.Delivery) {}
	refuse := func(d *record.Delivery) { d.Verdict.OK, d.Verdict.Reason = false, sign.Mismatch }
	want := func(name string, d, of *record.Delivery, answered bool) {
		t.Helper()
		var dup *record.Duplicate
		if of != nil {
			dup = &record.Duplicate{ID: of.ID, Answered: answered}
		}
		got, _, err := j.Get(t.Context(), "", d.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, have := range []*record.Duplicate{d.Duplicate, got.Duplicate} {
			if (have == nil) != (dup == nil) || have != nil && *have != *dup {
				t.Errorf("%s: duplicate %v, want %v", name, have, dup)
			}
		}
	}

	first := with("e", same)
	want("the first", first, nil, false)
	want("again", with("e", same), first, false)
	want("another event", with("f", same), nil, false)
	want("no event", with("", same), nil, false)
	want("no event again", with("", same), nil, false)
	want("another scheme", with("e", func(d *record.Delivery) { d.Verdict.Scheme = "stripe" }), nil, false)
	want("another profile", with("e", func(d *record.Delivery) { d.Profile = "other" }), first, false)
	want("a refused one", with("e", refuse), first, false)

	forged := with("g", refuse)
	want("a forged one", forged, nil, false)
	genuine := with("g", same)
	want("the real one after a forged one", genuine, nil, false)
	want("a retry of the real one", with("g", same), genuine, false)

	none := with("h", func(d *record.Delivery) { d.Verdict = sign.Verdict{Reason: sign.Unverified, KeyIndex: -1} })
	want("unverified", none, nil, false)
	want("unverified again", with("h", func(d *record.Delivery) { d.Verdict = none.Verdict }), nil, false)

	answered := with("i", func(d *record.Delivery) { d.Answer = 200 })
	want("after an own answer", with("i", same), answered, true)
	bad := with("j", func(d *record.Delivery) { d.Answer = 500 })
	want("after an own refusal", with("j", same), bad, false)

	forwarded := with("k", same)
	attempt := func(status, answer int) {
		t.Helper()
		a := &record.Attempt{DeliveryID: forwarded.ID, Target: "t", Status: status, Answer: answer}
		if err := j.AppendAttempts(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	attempt(200, 0)
	want("answered by a target the sender did not hear", with("k", same), forwarded, false)
	attempt(500, 500)
	want("after a 500", with("k", same), forwarded, false)
	attempt(299, 299)
	want("after a 299", with("k", same), forwarded, true)
}

// Two events whose index keys are equal are still two events.
func TestEqualKeysAreNotEqualEvents(t *testing.T) {
	t.Parallel()
	j := openRuns(t, filepath.Join(t.TempDir(), "journal.db"), 4)
	a := appendTest(t, j, delivery(time.Now(), "a"))
	err := j.do(t.Context(), func(w *writer) error {
		w.known.newest[eventKey("baanx", "b")] = w.known.newest[eventKey("baanx", "a")]
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b := appendTest(t, j, delivery(time.Now(), "b"))
	if b.Duplicate != nil {
		t.Errorf("duplicate %v", b.Duplicate)
	}
	for i := range 8 { // both are in a run after some of them
		d, want := appendTest(t, j, delivery(time.Now(), "a")), a.ID
		if i%2 == 0 {
			d, want = appendTest(t, j, delivery(time.Now(), "b")), b.ID
		}
		if d.Duplicate == nil || d.Duplicate.ID != want {
			t.Errorf("%d: duplicate %v, want %s", i, d.Duplicate, want)
		}
	}
	if n := numberIn(t, j, "SELECT count(*) FROM event_runs"); n == 0 {
		t.Error("nothing is in a run")
	}
}

// numberIn is what a query gives.
func numberIn(t *testing.T, j *Journal, query string) (n int64) {
	t.Helper()
	if err := j.readers.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// inOneCommit records deliveries with one commit.
func inOneCommit(t *testing.T, j *Journal, ds []*record.Delivery) (entries []*deliveryEntry) {
	t.Helper()
	var ops []*op
	for _, d := range ds {
		e := newDeliveryEntry(d)
		o := e.op()
		o.until, o.done = time.Now().Add(time.Minute), make(chan error, 1)
		ops, entries = append(ops, o), append(entries, e)
	}
	hold := make(chan struct{})
	held := make(chan error, 1)
	go func() {
		held <- j.do(t.Context(), func(*writer) error {
			<-hold
			return nil
		})
	}()
	for _, o := range ops {
		j.writer.ops <- o
	}
	close(hold)
	for _, o := range ops {
		if err := <-o.done; err != nil {
			t.Fatal(err)
		}
	}
	if err := <-held; err != nil {
		t.Error(err)
	}
	return entries
}

func TestDuplicatesWithinOneCommit(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
	const n = 40
	var ds []*record.Delivery
	for i := range n {
		ds = append(ds, delivery(time.Now(), fmt.Sprint("e", i/2)))
	}
	entries := inOneCommit(t, j, ds)
	for i, e := range entries {
		if i%2 == 0 && e.duplicate != nil {
			t.Errorf("%d: the first of %s is a duplicate of %v", i, ds[i].EventID, e.duplicate)
		}
		if i%2 == 1 && (e.duplicate == nil || e.duplicate.ID != formatID(entries[i-1].row.id)) {
			t.Errorf("%d: duplicate %v, want %s", i, e.duplicate, formatID(entries[i-1].row.id))
		}
	}
}

// A commit that repeats events of earlier ones finds the right one for each, between new events and refused deliveries.
func TestACommitOfDuplicates(t *testing.T) {
	t.Parallel()
	j := openRuns(t, filepath.Join(t.TempDir(), "journal.db"), 8)
	const n = 53
	firsts := map[string]string{}
	for i := 0; i < n; i += 2 {
		d := delivery(time.Now(), fmt.Sprint("e", i))
		d.Answer = 200 + 300*(i/2%2)
		firsts[d.EventID] = appendTest(t, j, d).ID
	}
	var ds []*record.Delivery
	for i := range n {
		d := delivery(time.Now(), fmt.Sprint("e", i))
		if i%3 == 0 {
			d.Verdict.OK, d.Verdict.Reason = false, sign.Mismatch
		}
		ds = append(ds, d)
	}
	for i, e := range inOneCommit(t, j, ds) {
		got, _, err := j.Get(t.Context(), "", formatID(e.row.id))
		if err != nil {
			t.Fatal(err)
		}
		first, is := firsts[ds[i].EventID]
		for _, d := range []*record.Duplicate{e.duplicate, got.Duplicate} {
			if (d != nil) != is || is && (d.ID != first || d.Answered != (i%4 == 0)) {
				t.Errorf("%s: duplicate %+v, want %q", ds[i].EventID, d, first)
			}
		}
	}
}

// A replay is recorded with the marks it is given. It is neither a duplicate nor the first delivery of its event.
func TestReplaysAndMarks(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
	at := time.Now()
	first := appendTest(t, j, delivery(at, "e"))
	marked := delivery(at, "e")
	marked.ReplayOf, marked.Conflict, marked.Scrubbed, marked.Late, marked.OutOfOrder = first.ID, first.ID, 3, time.Hour, true
	appendTest(t, j, marked)
	early := delivery(at, "f")
	early.ReplayOf = first.ID
	appendTest(t, j, early)
	if next := appendTest(t, j, delivery(at, "f")); next.Duplicate != nil {
		t.Errorf("a delivery repeats a replay: %+v", next.Duplicate)
	}
	got, _, err := j.Get(t.Context(), "", marked.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.Duplicate != nil || got.ReplayOf != first.ID || got.Conflict != first.ID || got.Scrubbed != 3 || got.Late != time.Hour || !got.OutOfOrder {
		t.Errorf("%+v", got)
	}
	if got, _, err := j.Get(t.Context(), "", first.ID); err != nil || got.ReplayOf != "" || got.Conflict != "" {
		t.Errorf("%+v, %v", got, err)
	}
}
