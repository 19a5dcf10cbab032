package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// TestFollowShowsWhatAnotherProcessRecords follows a journal that a listener writes, from the newest two on.
func TestFollowShowsWhatAnotherProcessRecords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := okTarget(t)
	l := w.listen("--forward", app.addr)
	for i := range 3 {
		exchange(t, l.addr, delivery(event(fmt.Sprint("before", i))))
	}
	follow := w.spawn("journal", "list", "--follow", "--limit", "2", "-o", "json")
	people := w.spawn("journal", "list", "--follow", "--limit", "1")
	if line := people.awaitLine(); !strings.Contains(line, "before2") {
		t.Fatalf("people see %q first", line)
	}
	for _, want := range []string{"before1", "before2"} {
		if d := follow.awaitObject(); d.str("eventId") != want || d.str("type") != "delivery" {
			t.Fatalf("first came %v, want %s", d, want)
		}
	}
	filtered := w.spawn("journal", "list", "--follow", "--event", "after1", "-o", "json")
	w.spawn("journal", "list", "--follow", "--outcome", "failed").says("later outcomes are not waited for")
	for i := range 3 {
		exchange(t, l.addr, delivery(event(fmt.Sprint("after", i))))
		if d := follow.awaitObject(); d.str("eventId") != fmt.Sprint("after", i) {
			t.Fatalf("then came %v, want after%d", d, i)
		}
	}
	if d := filtered.awaitObject(); d.str("eventId") != "after1" {
		t.Errorf("the filter let %v through", d)
	}
	if line := people.awaitLine(); !strings.Contains(line, "✓ valid") || !strings.Contains(line, "after0") || !strings.Contains(line, "200 in ") {
		t.Errorf("people see %q", line)
	}
	follow.interrupt()
	if code := follow.wait(); code != 130 {
		t.Errorf("^C ends it with %d", code)
	}
}

// TestFollowGoesOnInAnotherFile begins before there is a journal, and has it moved away and replaced.
func TestFollowGoesOnInAnotherFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	follow := w.spawn("journal", "list", "--follow", "-o", "json")
	follow.says("there is no journal yet")
	record := func(id string) {
		l := w.listen()
		exchange(t, l.addr, delivery(event(id)))
		if d := follow.awaitObject(); d.str("eventId") != id {
			t.Fatalf("got %v, want %s", d, id)
		}
		l.stop()
	}
	file := filepath.Join(w.path("data"), "journal.db")
	away := func() {
		for _, side := range []string{"-wal", "-shm", ""} {
			try(t, os.Rename(file+side, file+".old"+side))
		}
	}
	record("one")
	follow.says("the journal is there now")
	away()
	follow.says("was removed")
	record("two")
	other := newWorld(t) // whose journal takes the place of the first one
	l := other.listen()
	exchange(t, l.addr, delivery(event("three")))
	l.stop()
	away()
	try(t, os.Rename(filepath.Join(other.path("data"), "journal.db"), file))
	if d := follow.awaitObject(); d.str("eventId") != "three" {
		t.Fatalf("got %v, want three", d)
	}
	follow.interrupt()
	if code := follow.wait(); code != 130 {
		t.Errorf("^C ends it with %d", code)
	}
}

// TestFollowWaitsForAFileThatHoldsNothing begins with an empty file at the journal's place, which is opened again and again: it is no
// other file each time.
func TestFollowWaitsForAFileThatHoldsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	try(t, os.MkdirAll(w.path("data"), 0o700))
	try(t, os.WriteFile(filepath.Join(w.path("data"), "journal.db"), nil, 0o600))
	follow := w.spawn("journal", "list", "--follow", "-o", "json")
	newWorld(t).must(0, "listen", "--addr", "127.0.0.1:0", "--for", "1s") // meanwhile it looks five times
	l := w.listen()
	exchange(t, l.addr, delivery(event("a")))
	exchange(t, l.addr, delivery(event("b")))
	for _, want := range []string{"a", "b"} {
		if d := follow.awaitObject(); d.str("eventId") != want {
			t.Fatalf("got %v, want %s", d, want)
		}
	}
	if said := follow.errs.String(); said != "" {
		t.Errorf("it said %q", said)
	}
	follow.interrupt()
	follow.wait()
}

// TestFollowEndsWithItsReader closes the pipe that it writes into.
func TestFollowEndsWithItsReader(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen()
	exchange(t, l.addr, delivery(event("a")))
	r, out, err := os.Pipe()
	try(t, err)
	try(t, r.Close())
	if got := w.runTo(out, "journal", "list", "--follow"); got.code != 0 || got.err != "" {
		t.Errorf("%d, %q", got.code, got.err)
	}
	r, out, err = os.Pipe()
	try(t, err)
	try(t, r.Close())
	if got := w.runTo(out, "journal", "search", "a"); got.code != 0 || got.err != "" {
		t.Errorf("search: %d, %q", got.code, got.err)
	}
}

// TestPruneBesideAListener prunes many deliveries while a listener takes new ones.
func TestPruneBesideAListener(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	filled(t, w, 3000, 2000)
	l := w.listen()
	done := make(chan result)
	go func() { done <- w.run("journal", "prune", "--older", "0s", "--yes", "-o", "json") }()
	sent := 0
	for over := false; !over; sent++ {
		began := time.Now()
		if m := exchange(t, l.addr, delivery(event(fmt.Sprint("new", sent)))); m.status != 200 {
			t.Fatalf("answered %s", m.start)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("a sender waited %s", took)
		}
		select {
		case r := <-done:
			over = true
			if v := jsonOf[object](t, r); r.code != 0 || v.num("dropped") < 3000 || v.num("dropped") > 3000+sent || v.num("fileBytes") > 3<<20 {
				t.Errorf("%d, %v, %s", r.code, v, r.err)
			}
		default:
		}
	}
	l.stop()
	if left := len(jsonOf[[]object](t, w.must(0, "journal", "list", "--limit", "0", "-o", "json"))); left > sent {
		t.Errorf("%d are left of %d", left, sent)
	}
}

// TestAListenerDropsWhatIsTooOld finds deliveries of months ago in its journal.
func TestAListenerDropsWhatIsTooOld(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const day = 24 * time.Hour
	var clock atomic.Int64 // the writer reads it too
	clock.Store(time.Now().Add(-90 * day).UnixNano())
	j, err := journal.Open(t.Context(), filepath.Join(w.path("data"), "journal.db"), journal.Options{MaxAge: -1, Now: func() time.Time { return time.Unix(0, clock.Load()) }})
	try(t, err)
	for _, age := range []time.Duration{90 * day, 40 * day, 32 * day, 20 * day, 2 * day} {
		at := time.Now().Add(-age)
		clock.Store(at.UnixNano())
		try(t, j.AppendDelivery(t.Context(), &record.Delivery{
			Profile: "baanx", ReceivedAt: at, Method: "POST", Path: "/", EventID: fmt.Sprint(int(age / day)), Answer: 200,
			Verdict: sign.Verdict{OK: true, Reason: sign.Valid, Scheme: "baanx"},
		}))
	}
	try(t, j.Close())
	l := w.listen()
	exchange(t, l.addr, delivery(event("now")))
	for l.await("state").str("state") != "pruned" {
		continue
	}
	l.stop()
	var left []string
	for _, d := range jsonOf[[]object](t, w.must(0, "journal", "list", "-o", "json")) {
		left = append(left, d.str("eventId"))
	}
	if strings.Join(left, " ") != "now 2 20" {
		t.Errorf("left are %v", left)
	}
}
