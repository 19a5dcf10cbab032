package journal

import (
	"context"
	"fmt"
	"time"

	"github.com/whctl/whctl/internal/fault"
)

const (
	stepRows  = 256      // deliveries that one step of pruning looks at
	stepPages = 256      // pages that one step of giving room back moves
	walRoom   = 24 << 20 // kept free of the limit for the write-ahead log
	// lookEvery bounds how long an age limit goes unlooked at while deliveries come in.
	lookEvery = time.Minute
)

// retention decides when the writer looks for deliveries that have to go.
type retention struct {
	maxBytes int64 // negative: no limit
	maxAge   time.Duration
	settle   int64

	pending  bool  // there is, or may be, something to do
	unlooked int64 // bytes written since the last look
	looked   time.Time
}

func newRetention(o Options, t tuning) retention {
	k := retention{maxBytes: o.MaxBytes, maxAge: o.MaxAge, settle: t.settle}
	if k.maxBytes > 0 {
		k.maxBytes -= min(k.maxBytes/8, walRoom)
	}
	return k
}

// wrote counts what a commit added.
func (k *retention) wrote(size int64, now time.Time) {
	k.unlooked += size
	if k.unlooked >= k.settle || now.Sub(k.looked) >= lookEvery || now.Before(k.looked) {
		k.pending = true
	}
}

// keepWithin does one small step towards the limits. A failure is left to the next look: what made it fail will
// fail an append as well, and be told there.
func (w *writer) keepWithin() {
	now := w.now()
	k := &w.keep
	k.pending, k.unlooked, k.looked = false, 0, now
	cut := limits{maxBytes: k.maxBytes}
	if k.maxAge > 0 {
		cut.before = clock(now.Add(-k.maxAge))
	}
	gone, err := w.dropStep(context.Background(), cut)
	k.pending = err == nil && gone.more
}

// limits are what a step of pruning keeps to.
type limits struct {
	before   int64 // received before this goes, nanoseconds since 1970; 0: no limit
	maxBytes int64 // the oldest go while the file holds more; negative: no limit
}

type dropped struct {
	deliveries, attempts int64
	more                 bool // the step ended for its own size, not for want of work
}

// dropStep deletes the oldest deliveries that are beyond the limits, a bounded number of them.
func (w *writer) dropStep(ctx context.Context, cut limits) (dropped, error) {
	var out dropped
	err := w.transact(ctx, func() error {
		last, more, err := w.oldest(ctx, cut)
		if err != nil || last == 0 {
			return err
		}
		if out.deliveries, err = w.delete(ctx, "DELETE FROM deliveries WHERE id <= ?", last); err != nil {
			return err
		}
		out.more = more
		if out.attempts, err = w.delete(ctx, "DELETE FROM attempts WHERE delivery <= ?", last); err != nil {
			return err
		}
		_, err = w.delete(ctx, "DELETE FROM diagnoses WHERE delivery <= ?", last)
		return err
	})
	return out, err
}

func (w *writer) delete(ctx context.Context, query string, last int64) (int64, error) {
	res, err := w.conn.ExecContext(ctx, query, last)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// oldest finds the id up to which a step deletes, 0 for none. Deliveries go in the order they came.
func (w *writer) oldest(ctx context.Context, cut limits) (last int64, more bool, err error) {
	over := int64(0)
	if cut.maxBytes >= 0 {
		used, err := w.used(ctx)
		if err != nil {
			return 0, false, err
		}
		over = used - cut.maxBytes
	}
	if over <= 0 && cut.before == 0 {
		return 0, false, nil
	}
	rows, err := w.conn.QueryContext(ctx, `SELECT id, received_at, coalesce(length(body), 0) + length(header) + 200 +
		(SELECT coalesce(sum(coalesce(length(body), 0) + 200), 0) FROM attempts WHERE delivery = deliveries.id) +
		(SELECT coalesce(sum(length(found)), 0) FROM diagnoses WHERE delivery = deliveries.id)
		FROM deliveries ORDER BY id LIMIT ?`, stepRows)
	if err != nil {
		return 0, false, err
	}
	defer func() { _ = rows.Close() }()
	seen := 0
	for rows.Next() {
		var id, at, size int64
		if err := rows.Scan(&id, &at, &size); err != nil {
			return 0, false, err
		}
		if over <= 0 && (cut.before == 0 || at >= cut.before) {
			return last, false, rows.Err()
		}
		over -= size
		last = id
		seen++
	}
	return last, seen == stepRows, rows.Err()
}

// used is how much of the file is taken, in bytes.
func (w *writer) used(ctx context.Context) (int64, error) {
	var pages, free, size int64
	err := w.conn.QueryRowContext(ctx, `SELECT page_count, freelist_count, page_size
		FROM pragma_page_count, pragma_freelist_count, pragma_page_size`).Scan(&pages, &free, &size)
	return (pages - free) * size, err
}

// Pruned is what a pruning took away.
type Pruned struct {
	Deliveries int64
	Attempts   int64
}

// Prune deletes every delivery received longer ago than olderThan, with its attempts, and gives the room back to the
// disk. It works in small steps between the appends of this and other processes; ctx ends it between two of them,
// and what was deleted until then is told beside the error.
func (j *Journal) Prune(ctx context.Context, olderThan time.Duration) (Pruned, error) {
	var out Pruned
	if olderThan < 0 {
		return out, fault.New(fault.Usage, "an age of %s lies in the future", olderThan)
	}
	if j.writer == nil {
		return out, fault.New(fault.Storage, "the journal %s is open for reading only", j.path)
	}
	cut := limits{before: clock(j.writer.now().Add(-olderThan)), maxBytes: -1}
	for more := true; more; {
		err := j.do(ctx, func(w *writer) error {
			gone, err := w.dropStep(ctx, cut)
			out.Deliveries += gone.deliveries
			out.Attempts += gone.attempts
			more = gone.more
			return err
		})
		if err != nil {
			return out, err
		}
	}
	return out, j.shrink(ctx)
}

// shrink gives free pages back to the disk, in steps.
func (j *Journal) shrink(ctx context.Context) error {
	free := int64(1)
	for free > 0 {
		before := free
		err := j.do(ctx, func(w *writer) error {
			var err error
			free, err = w.shrinkStep(ctx)
			return err
		})
		if err != nil {
			return err
		}
		if before > 1 && free >= before {
			break // another process frees as fast, or fills; what is left will be used again
		}
	}
	return j.do(ctx, func(w *writer) error {
		_ = w.fold(ctx) // failing that, the log goes with the last one that closes it
		return nil
	})
}

// shrinkStep cuts some free pages off the file and says how many are left.
func (w *writer) shrinkStep(ctx context.Context) (free int64, err error) {
	err = w.transact(ctx, func() error {
		if _, err := w.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA incremental_vacuum(%d)", stepPages)); err != nil {
			return err
		}
		return w.conn.QueryRowContext(ctx, "PRAGMA freelist_count").Scan(&free)
	})
	return free, err
}

// do has the writer run f between two commits.
func (j *Journal) do(ctx context.Context, f func(w *writer) error) error {
	return j.submit(ctx, &op{run: f, done: make(chan error, 1)})
}
