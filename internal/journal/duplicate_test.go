package journal

import (
	"fmt"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

func TestDuplicates(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
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
		if err := j.AppendAttempt(t.Context(), a); err != nil {
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
	j := openTest(t, Options{})
	appendTest(t, j, delivery(time.Now(), "a"))
	err := j.do(t.Context(), func(w *writer) error {
		_, err := w.conn.ExecContext(t.Context(), "UPDATE deliveries SET event_key = ?", eventKey("baanx", "b"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := appendTest(t, j, delivery(time.Now(), "b")); d.Duplicate != nil {
		t.Errorf("duplicate %v", d.Duplicate)
	}
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
	j := openTest(t, Options{})
	const n = 3*knownAtOnce + 5
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
