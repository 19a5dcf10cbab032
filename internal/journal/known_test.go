package journal

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"modernc.org/sqlite"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// world is one journal that several writers have open, and what must be in it.
type world struct {
	t       *testing.T
	r       *rand.Rand
	path    string
	writers []*Journal
	there   []*record.Delivery // oldest first
	last    string             // the id that was given out last
}

// at is the time of all that they record, so that nothing but the file tells which ids were given out.
func at() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

const longestRun = 5

func (w *world) open() {
	w.writers = append(w.writers, openRunsAt(w.t, w.path, 1+w.r.Int64N(longestRun), at))
}

// any gives one of the writers.
func (w *world) any() *Journal { return w.writers[w.r.IntN(len(w.writers))] }

// append has a writer record a delivery, which must name the first of its event that is there.
func (w *world) append() {
	d := delivery(at(), fmt.Sprint("e", w.r.IntN(12)))
	d.Body = fmt.Append(nil, w.r.IntN(2))
	d.BodySHA256 = hash(d.Body)
	switch w.r.IntN(6) {
	case 0:
		d.Verdict.OK, d.Verdict.Reason = false, sign.Mismatch
	case 1:
		d.EventID = ""
	case 2:
		d.ReplayOf = formatID(1)
	}
	i := slices.IndexFunc(w.there, func(f *record.Delivery) bool {
		return d.EventID != "" && d.ReplayOf == "" && f.EventID == d.EventID && f.ReplayOf == "" && f.Verdict.OK
	})
	appendTest(w.t, w.any(), d)
	want, conflict := "", ""
	if i >= 0 {
		want = w.there[i].ID
		if d.Verdict.OK && w.there[i].BodySHA256 != d.BodySHA256 {
			conflict = want
		}
	}
	got := ""
	if d.Duplicate != nil {
		got = d.Duplicate.ID
	}
	if got != want || d.Conflict != conflict {
		w.t.Errorf("%s of %s: duplicate of %q, want %q, conflict %q, want %q", d.ID, d.EventID, got, want, d.Conflict, conflict)
	}
	if w.last >= d.ID {
		w.t.Errorf("%s comes after %s", d.ID, w.last)
	}
	w.last, w.there = d.ID, append(w.there, d)
}

// prune drops the deliveries of one event, or the newest ones.
func (w *world) prune() {
	j, f := w.any(), Filter{Event: fmt.Sprint("e", w.r.IntN(12)), Replays: true}
	if w.r.IntN(2) == 0 {
		n := w.r.IntN(min(len(w.there), 4) + 1)
		if err := dropIDs(w.t, j, w.there[len(w.there)-n:]); err != nil {
			w.t.Fatal(err)
		}
		w.there = w.there[:len(w.there)-n]
		return
	}
	p, err := j.Prunable(w.t.Context(), f)
	if err == nil && p.Deliveries > 0 {
		err = j.Prune(w.t.Context(), f, p, func(int) {})
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.there = slices.DeleteFunc(w.there, func(d *record.Delivery) bool { return d.EventID == f.Event })
}

// dropIDs drops deliveries as pruning does.
func dropIDs(t *testing.T, j *Journal, ds []*record.Delivery) error {
	t.Helper()
	if len(ds) == 0 {
		return nil
	}
	var ids []int64
	for _, d := range ds {
		ids = append(ids, d.Seq)
	}
	return j.do(t.Context(), func(w *writer) error {
		return w.transact(t.Context(), time.Second, func() error {
			_, err := w.drop(t.Context(), ids)
			return err
		})
	})
}

// age drops the oldest, as retention does.
func (w *world) age() {
	n := w.r.IntN(len(w.there)/4 + 1)
	if err := dropIDs(w.t, w.any(), w.there[:n]); err != nil {
		w.t.Fatal(err)
	}
	w.there = w.there[n:]
}

// kill goes on with what a kill of all writers leaves: the file and its log as they stand.
func (w *world) kill() {
	dir := w.t.TempDir()
	for name, b := range snapshot(w.t, filepath.Dir(w.path)) {
		if name == "journal.db" || name == "journal.db-wal" {
			write(w.t, filepath.Join(dir, name), b)
		}
	}
	w.path, w.writers = filepath.Join(dir, "journal.db"), nil
	w.open()
}

// Whatever several writers, kills, prunings and retention do, each delivery names the first one of its event that is there.
func TestWritersKnowWhatOthersWrote(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := &world{t: t, r: rand.New(rand.NewPCG(seed, 1)), path: filepath.Join(t.TempDir(), "journal.db")}
			w.open()
			for range 150 {
				switch n := w.r.IntN(40); {
				case n == 0:
					w.kill()
				case n <= 2 && len(w.writers) < 3:
					w.open()
				case n <= 5:
					w.prune()
				case n == 6:
					w.age()
				default:
					w.append()
				}
			}
			got, err := w.writers[0].List(t.Context(), Filter{Replays: true})
			if err != nil || len(got) != len(w.there) {
				t.Errorf("%d deliveries, want %d, %v", len(got), len(w.there), err)
			}
		})
	}
}

// keysIn gives the deliveries that the runs of a journal have, with how often.
func keysIn(t *testing.T, j *Journal) map[int64]int {
	t.Helper()
	ids := map[int64]int{}
	err := j.do(t.Context(), func(w *writer) error {
		return w.transact(t.Context(), time.Second, func() error {
			if err := w.sync(t.Context()); err != nil {
				return err
			}
			for _, r := range w.known.runs {
				all, err := w.entries(t.Context(), r.last)
				if err != nil {
					return err
				}
				for _, e := range all {
					ids[e.id]++
				}
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// Pruning leaves no key of what it dropped, wherever that was.
func TestPruningDropsKeys(t *testing.T) {
	t.Parallel()
	j := openRuns(t, filepath.Join(t.TempDir(), "journal.db"), 4)
	stay := map[int64]int{}
	for i := range 75 {
		d := appendTest(t, j, delivery(time.Now(), fmt.Sprint("e", i%3)))
		if i%3 > 0 {
			stay[d.Seq] = 1
		}
	}
	f := Filter{Event: "e0"}
	p, err := j.Prunable(t.Context(), f)
	if err == nil {
		err = j.Prune(t.Context(), f, p, func(int) {})
	}
	if err != nil || p.Deliveries != 25 {
		t.Fatalf("%+v, %v", p, err)
	}
	if got := keysIn(t, j); !maps.Equal(got, stay) {
		t.Errorf("%d keys, want %d", len(got), len(stay))
	}
	if d := appendTest(t, j, delivery(time.Now(), "e0")); d.Duplicate != nil {
		t.Errorf("duplicate %+v of a delivery that was dropped", d.Duplicate)
	}
}

// Runs go with their deliveries. The last one stays, as it says which ids were given out.
func TestRunsGoWithTheirDeliveries(t *testing.T) {
	t.Parallel()
	j := openRuns(t, filepath.Join(t.TempDir(), "journal.db"), 2)
	var all []*record.Delivery
	for i := range 200 {
		all = append(all, appendTest(t, j, delivery(time.Now(), fmt.Sprint("e", i))))
	}
	runs := numberIn(t, j, "SELECT count(*) FROM event_runs")
	if most := int64(len(all) / runsInOne); runs < 2 || runs > most {
		t.Errorf("%d runs of %d deliveries, want at most %d", runs, len(all), most)
	}
	if err := dropIDs(t, j, all[:150]); err != nil {
		t.Fatal(err)
	}
	if n := numberIn(t, j, "SELECT count(*) FROM event_runs"); n >= runs || n == 0 {
		t.Errorf("%d runs of %d are left", n, runs)
	}
	if err := dropIDs(t, j, all[150:]); err != nil {
		t.Fatal(err)
	}
	if n := numberIn(t, j, "SELECT count(*) FROM event_runs"); n != 1 {
		t.Errorf("%d runs of nothing", n)
	}
	if n := numberIn(t, j, "SELECT count(*) FROM event_keys WHERE part / 1024 NOT IN (SELECT last FROM event_runs)"); n != 0 {
		t.Errorf("%d parts of no run", n)
	}
}

// A disk that is full while a run is written fails that record, and none is lost or taken for new once there is room.
func TestNoRoomForARun(t *testing.T) {
	t.Parallel()
	const n = 300
	j := openRuns(t, filepath.Join(t.TempDir(), "journal.db"), n)
	var all []*record.Delivery
	for i := range n - 1 {
		all = append(all, appendTest(t, j, delivery(time.Now(), fmt.Sprint("e", i))))
	}
	limit := func(pages string) {
		t.Helper()
		if err := j.do(t.Context(), func(w *writer) error { return w.set(t.Context(), "PRAGMA max_page_count = "+pages) }); err != nil {
			t.Fatal(err)
		}
	}
	limit("1") // as many as there are
	d := delivery(time.Now(), "e0")
	if err := j.AppendDelivery(t.Context(), d); err == nil || fault.KindOf(err) != fault.Storage {
		t.Fatalf("a record without room: %v", err)
	}
	limit("1073741823")
	for i, first := range all {
		if d := appendTest(t, j, delivery(time.Now(), fmt.Sprint("e", i))); d.Duplicate == nil || d.Duplicate.ID != first.ID {
			t.Fatalf("%d: duplicate %+v, want %s", i, d.Duplicate, first.ID)
		}
	}
	if n := numberIn(t, j, "SELECT count(*) FROM event_runs"); n == 0 {
		t.Error("no run was made")
	}
}

// A run whose transaction does not come to its end is none.
func TestCommitOfARunFails(t *testing.T) {
	t.Parallel()
	j := openRuns(t, filepath.Join(t.TempDir(), "journal.db"), 3)
	first := appendTest(t, j, delivery(time.Now(), "e"))
	appendTest(t, j, delivery(time.Now(), "f"))
	var fails atomic.Int32
	fails.Store(1)
	if err := j.do(t.Context(), func(w *writer) error {
		return w.conn.Raw(func(driverConn any) error {
			hooks, ok := driverConn.(sqlite.HookRegisterer)
			if !ok {
				return errDriver
			}
			hooks.RegisterCommitHook(fails.Load)
			return nil
		})
	}); err != nil {
		t.Fatal(err)
	}
	if err := j.AppendDelivery(t.Context(), delivery(time.Now(), "g")); err == nil {
		t.Fatal("the commit did not fail")
	}
	fails.Store(0)
	for event, want := range map[string]string{"e": first.ID, "g": ""} {
		d := appendTest(t, j, delivery(time.Now(), event))
		if (d.Duplicate != nil) != (want != "") || d.Duplicate != nil && d.Duplicate.ID != want {
			t.Errorf("%s: duplicate %+v, want %q", event, d.Duplicate, want)
		}
	}
}

// The events of a file of an older format are known after the migration, which makes runs of them.
func TestEventsOfOldFormatsAreKnown(t *testing.T) {
	t.Parallel()
	for format := 1; format < schemaVersion; format++ {
		path := bigOldFile(t, format)
		j := openRuns(t, path, 50)
		rows, err := j.readers.QueryContext(t.Context(), "SELECT event_id, scheme, min(id) FROM deliveries WHERE ok AND event_id <> '' GROUP BY event_id, scheme")
		if err != nil {
			t.Fatal(err)
		}
		type event struct{ id, scheme string }
		firsts := map[event]int64{}
		for rows.Next() {
			var e event
			var id int64
			if err := rows.Scan(&e.id, &e.scheme, &id); err != nil {
				t.Fatal(err)
			}
			firsts[e] = id
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil || len(firsts) < 10 {
			t.Fatalf("%d events, %v", len(firsts), err)
		}
		if n := numberIn(t, j, "SELECT count(*) FROM event_runs"); n < 2 {
			t.Errorf("format %d: %d runs", format, n)
		}
		for e, id := range firsts {
			d := delivery(time.Now(), e.id)
			d.Verdict.Scheme = e.scheme
			if appendTest(t, j, d); d.Duplicate == nil || d.Duplicate.ID != formatID(id) {
				t.Errorf("format %d: %v is a duplicate of %+v, want %s", format, e, d.Duplicate, formatID(id))
			}
		}
	}
}

// Keys that cannot be what a writer wrote fail a record that asks for them.
func TestDamagedRuns(t *testing.T) {
	t.Parallel()
	for _, change := range []string{"UPDATE event_runs SET filter = zeroblob(9)", "UPDATE event_runs SET filter = 1", "UPDATE event_keys SET keys = zeroblob(17)"} {
		path := filepath.Join(t.TempDir(), "journal.db")
		j := openRuns(t, path, 1)
		appendTest(t, j, delivery(time.Now(), "e"))
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		makeFile(t, path, change)
		j = openRuns(t, path, 1)
		err := j.AppendDelivery(t.Context(), delivery(time.Now(), "e"))
		if !errors.Is(err, errDamaged) {
			t.Errorf("%s: %v", change, err)
		}
	}
}

// A filter has what was added, and little else, also where keys differ in few bits.
func TestFilter(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 5, 1000, 65_536} {
		f := newFilter(n)
		for i := range n {
			f.add(spread(eventKey("s", fmt.Sprint("evt_", i))))
		}
		wrong := 0
		for i := range 100_000 {
			has := f.has(spread(eventKey("s", fmt.Sprint("evt_", i))))
			if i < n && !has {
				t.Fatalf("%d of %d is missing", i, n)
			}
			if i >= n && has {
				wrong++
			}
		}
		if wrong > 300 {
			t.Errorf("%d keys: %d others seem to be there", n, wrong)
		}
	}
}

// What a listener does at its first delivery is bounded, whoever wrote before it: a file full of deliveries without any run.
func TestManyDeliveriesWithoutRuns(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	j := openRuns(t, path, 1000)
	var ds []*record.Delivery
	for i := range 100 {
		ds = append(ds, delivery(time.Now(), fmt.Sprint("e", i)))
	}
	appendMany(t, j, ds)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = openRuns(t, path, 7)
	if d := appendTest(t, j, delivery(time.Now(), "e3")); d.Duplicate == nil || d.Duplicate.ID != ds[3].ID {
		t.Errorf("duplicate %+v, want %s", d.Duplicate, ds[3].ID)
	}
	if n := numberIn(t, j, "SELECT count(*) FROM event_runs"); n < 2 {
		t.Errorf("%d runs", n)
	}
}
