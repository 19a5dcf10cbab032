package journal

// Dropping what is too old or too much.

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"time"
)

const (
	stepRows = 256      // deliveries that one step of pruning looks at
	walRoom  = 24 << 20 // kept free of the limit for the write-ahead log
	// ageEvery is how often the age limit is checked while deliveries come in.
	ageEvery = time.Minute
)

// retention decides when the writer drops deliveries.
type retention struct {
	full     int64 // bytes that the file and its log may hold
	maxBytes int64 // bytes that the file alone may hold; negative: no limit
	maxAge   time.Duration
	settle   int64

	pending   bool  // there is, or may be, something to do
	unchecked int64 // bytes written since the last check
	checked   time.Time
}

func newRetention(o Options, t tuning) retention {
	k := retention{full: o.MaxBytes, maxBytes: o.MaxBytes, maxAge: o.MaxAge, settle: t.settle}
	if k.maxBytes > 0 {
		k.maxBytes -= min(k.maxBytes/8, walRoom)
	}
	return k
}

// wrote counts what a commit added.
func (k *retention) wrote(size int64, now time.Time) {
	k.unchecked += size
	if k.unchecked >= k.settle || now.Sub(k.checked) >= ageEvery || now.Before(k.checked) {
		k.pending = true
	}
}

// keepWithin takes one small step towards the limits. A failure waits for the next step: its cause fails an append as well,
// and is told there.
func (w *writer) keepWithin() {
	now := w.now()
	k := &w.keep
	k.pending, k.unchecked, k.checked = false, 0, now
	if w.watch.gone != nil {
		return
	}
	v, err := w.dropStep(context.Background(), 0, func(ctx context.Context) (victims, error) { return w.beyond(ctx, now) })
	k.pending = err == nil && v.more
	w.sayGone(false)
}

// beyond finds what is too old, then what is too much.
func (w *writer) beyond(ctx context.Context, now time.Time) (victims, error) {
	if w.keep.maxAge > 0 {
		since, err := w.trusted(ctx, now)
		if err != nil {
			return victims{}, err
		}
		if v, err := w.older(ctx, since.Add(-w.keep.maxAge)); err != nil || len(v.ids) > 0 {
			v.why = tooOld
			return v, err
		}
	}
	return w.tooMuch(ctx)
}

// aDay is how long a clock must tell a time before anything is old by it.
const aDay = 24 * time.Hour

// trusted is the time by which deliveries are old. A clock may be wrong for a moment: a bad time server, a resumed machine, an
// empty battery. So this time is at most a day later than the newest delivery that is a day old: a delivery that came under a
// wrong clock does not count until the clock has stayed there for a day.
func (w *writer) trusted(ctx context.Context, now time.Time) (time.Time, error) {
	var received int64
	err := w.conn.QueryRowContext(ctx, "SELECT received_at FROM deliveries WHERE id <= ? ORDER BY id DESC LIMIT 1",
		idAt(now.Add(-aDay))).Scan(&received)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return time.Unix(0, 0), nil
	case err != nil:
		return now, err
	}
	if last := unclock(received).Add(aDay); last.Before(now) {
		return last, nil
	}
	return now, nil
}

// older finds the oldest deliveries received before a time. An id is never earlier than its delivery, so a delivery that a wrong
// clock put into the past is as old as its neighbours.
func (w *writer) older(ctx context.Context, before time.Time) (victims, error) {
	return w.pick(ctx, "SELECT id FROM deliveries WHERE id < ?1 AND received_at < ?2 AND "+notOwed+" ORDER BY id LIMIT ?3", math.MaxInt64,
		idAt(before), clock(before), stepRows)
}

// victims are deliveries to drop. None of them has an open job.
type victims struct {
	ids  []int64
	why  reason
	more bool // there may be more of them
}

// reason is what made deliveries go.
type reason int

const (
	tooOld reason = iota
	tooMuch
	refusedTooMuch
	reasons // how many there are
)

// dropStep deletes the deliveries that find names, a bounded number of them, with all that belongs to them.
func (w *writer) dropStep(ctx context.Context, wait time.Duration, find func(context.Context) (victims, error)) (v victims, err error) {
	var dropped, owed int64
	err = w.transact(ctx, wait, func() (err error) {
		if v, err = find(ctx); err != nil || len(v.ids) == 0 {
			return err
		}
		if err = w.conn.QueryRowContext(ctx, countOwed, slices.Max(v.ids)).Scan(&owed); err != nil {
			return err
		}
		dropped, err = w.drop(ctx, v.ids)
		return err
	})
	if err != nil || dropped == 0 {
		return victims{}, err
	}
	w.gone.n[v.why] += dropped
	w.gone.owed = owed
	return v, nil
}

// drop deletes deliveries with all that belongs to them, inside the transaction that is open, and counts them.
func (w *writer) drop(ctx context.Context, ids []int64) (dropped int64, err error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return 0, err
	}
	err = w.dropKeeping(ctx, ids, func() error {
		dropped, err = w.deleteAll(ctx, string(list))
		return err
	})
	return dropped, err
}

// deleteAll deletes the deliveries of a JSON list of ids, and counts them.
func (w *writer) deleteAll(ctx context.Context, list string) (dropped int64, err error) {
	for _, statement := range []string{
		"DELETE FROM attempts WHERE delivery IN (SELECT value FROM json_each(?))",
		"DELETE FROM jobs WHERE delivery IN (SELECT value FROM json_each(?))",
		"DELETE FROM diagnoses WHERE delivery IN (SELECT value FROM json_each(?))",
		"DELETE FROM deliveries WHERE id IN (SELECT value FROM json_each(?))",
	} {
		res, err := w.conn.ExecContext(ctx, statement, list)
		if err != nil {
			return 0, err
		}
		if dropped, err = res.RowsAffected(); err != nil {
			return 0, err
		}
	}
	return dropped, nil
}

// weight is about how many bytes a delivery and all that belongs to it take in the file.
const weight = `(SELECT coalesce(octet_length(body), 0) + octet_length(header) + octet_length(path) + 200 +
	(SELECT coalesce(sum(coalesce(octet_length(body), 0) + octet_length(header) + 200), 0) FROM attempts WHERE delivery = d.id) +
	(SELECT coalesce(sum(octet_length(found)), 0) FROM diagnoses WHERE delivery = d.id) FROM deliveries AS d WHERE d.id = r.id)`

// pick gives the ids that a query finds, in its order, until they weigh so many bytes.
func (w *writer) pick(ctx context.Context, query string, bytes int64, args ...any) (victims, error) {
	var v victims
	query = "SELECT r.id, " + weight + " FROM (" + query + ") AS r"
	rows, err := w.conn.QueryContext(ctx, query, args...)
	if err != nil {
		return v, err
	}
	err = pairs(rows, func(id, size int64) bool {
		if bytes > 0 {
			v.ids = append(v.ids, id)
		}
		bytes -= size
		return bytes > 0
	})
	v.more = len(v.ids) == stepRows
	return v, err
}

// used is how much of the file is taken, in bytes.
func (w *writer) used(ctx context.Context) (int64, error) {
	var pages, free, size int64
	err := w.conn.QueryRowContext(ctx, `SELECT page_count, freelist_count, page_size
		FROM pragma_page_count, pragma_freelist_count, pragma_page_size`).Scan(&pages, &free, &size)
	return (pages - free) * size, err
}
