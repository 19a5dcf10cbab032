package journal

// What the writer knows of the file, so that it need not ask at each commit: the newest ids, the keys of the events of the newest
// deliveries, and which runs may have a key. The deliveries themselves are what is true: others may have written them, so whatever they
// wrote is read first, and a run is made of what is read, or known to be there.

import (
	"context"
	"database/sql/driver"
	"slices"

	"modernc.org/sqlite"
)

const (
	// runDeliveries is after how many deliveries a run is made. So many at most are read at a start, which takes some milliseconds.
	runDeliveries = 1 << 13
	// runsInOne is how many times as many a run may have.
	runsInOne = 8
)

// noRun is before all deliveries.
const noRun = -1

// known is true of the file when that has a version.
type known struct {
	current bool   // it was read
	version uint32 // of the file, as SQLite counts for this connection

	runs   []keyRun          // oldest first
	seen   int64             // the last delivery whose key is known
	rows   int64             // deliveries after the last run
	newest map[int64][]int64 // the ids of those by the keys of their events, oldest first
}

// end is the last delivery that is in a run. No delivery after it was ever dropped, so nobody gives out an id up to it again.
func (k *known) end() int64 {
	if len(k.runs) == 0 {
		return noRun
	}
	return k.runs[len(k.runs)-1].last
}

// begin lets go of the newest keys, so that those after the last run are read again.
func (k *known) begin() {
	k.seen, k.rows, k.newest = k.end(), 0, map[int64][]int64{}
}

// add takes a delivery. key is nil when it has no event.
func (k *known) add(id int64, key *int64) {
	k.seen = id
	k.rows++
	if key != nil {
		k.newest[*key] = append(k.newest[*key], id)
	}
}

const (
	lastIDs = "SELECT (SELECT max(id) FROM deliveries), (SELECT max(id) FROM attempts), (SELECT max(last) FROM event_runs)"

	// eventsAfter says which deliveries have a key: a forged event must not make the real one a duplicate, and a replay says nothing about
	// what was sent.
	eventsAfter = `SELECT id, ok = 1 AND replay_of IS NULL AND event_id <> '', scheme, event_id FROM deliveries INDEXED BY deliveries_facts
		WHERE id > ? ORDER BY id LIMIT ?`
)

// sync learns what others have written since the last transaction of this writer. It is called inside one.
func (w *writer) sync(ctx context.Context) error {
	if err := w.prepareInserts(ctx); err != nil {
		return err
	}
	version, err := w.version()
	if err != nil || w.known.current && version == w.known.version {
		return err
	}
	var delivery, attempt, run int64
	err = w.lastIDs.query(ctx, func(row []driver.Value) error {
		run = noRun
		for i, last := range []*int64{&delivery, &attempt, &run} {
			if n, ok := row[i].(int64); ok {
				*last = n
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	delivery = max(delivery, run)
	w.others = w.others || delivery > w.lastDelivery
	w.lastDelivery, w.lastAttempt = max(delivery, w.lastDelivery), max(attempt, w.lastAttempt)
	if err := w.know(ctx, run); err != nil {
		return err
	}
	w.known.current, w.known.version = true, version
	return nil
}

// know brings what is known up to the last delivery. run is the last run of the file.
func (w *writer) know(ctx context.Context, run int64) error {
	k := &w.known
	if !k.current || run != k.end() {
		runs, err := w.readRuns(ctx)
		if err != nil {
			return err
		}
		k.runs = runs
		k.begin()
	}
	return w.learn(ctx)
}

// learn reads the keys of deliveries that are not known yet. Where they are many, as in a file of an older format, runs are made of them.
func (w *writer) learn(ctx context.Context) error {
	k := &w.known
	for more := true; more; {
		before := k.rows
		err := w.eventsAfter.query(ctx, func(row []driver.Value) error {
			id, _ := row[0].(int64)
			var key *int64
			if is, _ := row[1].(int64); is != 0 {
				scheme, _ := row[2].(string)
				event, _ := row[3].(string)
				key = new(eventKey(scheme, event))
			}
			k.add(id, key)
			return nil
		}, k.seen, w.tuning.runDeliveries)
		if err != nil {
			return err
		}
		more = k.rows-before == w.tuning.runDeliveries
		if err := w.sealFull(ctx); err != nil {
			return err
		}
	}
	return nil
}

// sealFull makes a run of the newest keys when there are enough.
func (w *writer) sealFull(ctx context.Context) error {
	if w.known.rows < w.tuning.runDeliveries {
		return nil
	}
	return w.seal(ctx)
}

// seal makes a run of the newest keys, save those of some deliveries. It ends with the last delivery that was seen. A run before it that
// is still short becomes part of it: the fewer there are, the less is asked for each event.
func (w *writer) seal(ctx context.Context, without ...int64) error {
	k := &w.known
	run := keyRun{last: k.seen, deliveries: k.rows}
	var entries []entry
	for key, ids := range k.newest {
		for _, id := range ids {
			entries = append(entries, entry{key, id})
		}
	}
	if n := len(k.runs); n > 0 && k.runs[n-1].deliveries+k.rows <= runsInOne*w.tuning.runDeliveries {
		before, err := w.entries(ctx, k.end())
		if err == nil {
			err = w.removeRun(ctx, k.end())
		}
		if err != nil {
			return err
		}
		run.deliveries += k.runs[n-1].deliveries
		entries, k.runs = append(before, entries...), k.runs[:n-1]
	}
	entries = slices.DeleteFunc(entries, func(e entry) bool { return slices.Contains(without, e.id) })
	if err := w.writeRun(ctx, &run, entries); err != nil {
		return err
	}
	k.runs = append(k.runs, run)
	k.begin()
	return nil
}

// forget lets go of everything: a transaction in which it was learnt did not come to its end.
func (k *known) forget() { *k = known{} }

// version changes with each transaction of any connection: sqlite.org/c3ref/c_fcntl_begin_atomic_write.html#sqlitefcntldataversion
func (w *writer) version() (version uint32, err error) {
	err = w.conn.Raw(func(driverConn any) error {
		c, ok := driverConn.(sqlite.FileControl)
		if !ok {
			return errDriver
		}
		version, err = c.FileControlDataVersion("main")
		return err
	})
	return version, err
}

// knowVersion is called when a transaction of this writer has come to its end, with all that it wrote known.
func (w *writer) knowVersion() {
	version, err := w.version()
	if w.known.version = version; err != nil {
		w.known.forget()
	}
}
