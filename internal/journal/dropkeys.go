package journal

// Dropping the keys of events with the deliveries that had them.

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"
)

// dropKeeping has drop drop deliveries, and then does what their keys need, inside the transaction that is open. If some of them came after
// the last run, it makes a run of the rest, up to the last id that was given out: then no later delivery has such an id, and no process
// knows a key that another one dropped.
func (w *writer) dropKeeping(ctx context.Context, ids []int64, drop func() error) error {
	var end sql.NullInt64
	if err := w.conn.QueryRowContext(ctx, "SELECT max(last) FROM event_runs").Scan(&end); err != nil {
		return err
	}
	newest := !end.Valid || slices.Max(ids) > end.Int64
	if newest {
		if err := w.sync(ctx); err != nil {
			return err
		}
	}
	if err := drop(); err != nil {
		return err
	}
	if newest {
		if err := w.seal(ctx, ids...); err != nil {
			return err
		}
	}
	return w.removeRuns(ctx)
}

// removeRuns takes away the runs that are older than all deliveries, save the last one, which says which ids were given out.
func (w *writer) removeRuns(ctx context.Context) error {
	const before = "min((SELECT coalesce(min(id), ?1) FROM deliveries), (SELECT max(last) FROM event_runs))"
	for _, statement := range []string{
		"DELETE FROM event_keys WHERE part < ?2 * " + before,
		"DELETE FROM event_runs WHERE last < " + before,
	} {
		if _, err := w.conn.ExecContext(ctx, statement, idMax, partsInRun); err != nil {
			return err
		}
	}
	return nil
}

// dropKeys takes the keys of deliveries that are not there any more out of the runs, one run after the other.
func (j *Journal) dropKeys(ctx context.Context) error {
	for end := int64(noRun); ; {
		more := false
		err := j.do(ctx, func(w *writer) error {
			return w.transact(ctx, w.tuning.stepWait, func() (err error) {
				end, more, err = w.rewriteRun(ctx, end)
				return err
			})
		})
		if err != nil || !more {
			return storage(err, j.path, "prune the journal")
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

// rewriteRun writes the run that comes after the end of another one again if some of its deliveries are gone. It gives its end, and
// whether there is one.
func (w *writer) rewriteRun(ctx context.Context, after int64) (end int64, more bool, err error) {
	var had int64
	err = w.conn.QueryRowContext(ctx, "SELECT last, deliveries FROM event_runs WHERE last > ? ORDER BY last LIMIT 1", after).Scan(&end, &had)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	if err == nil {
		err = w.prepareInserts(ctx)
	}
	if err != nil {
		return 0, false, err
	}
	var ids []int64
	err = w.idsBetween.query(ctx, func(row []driver.Value) error {
		id, _ := row[0].(int64)
		ids = append(ids, id)
		return nil
	}, after, end)
	if has := int64(len(ids)); err == nil && has < had {
		err = w.rewrite(ctx, keyRun{last: end, deliveries: has}, ids)
	}
	return end, err == nil, err
}

// rewrite writes a run again with what it has of some deliveries.
func (w *writer) rewrite(ctx context.Context, r keyRun, ids []int64) error {
	entries, err := w.entries(ctx, r.last)
	if err == nil {
		err = w.removeRun(ctx, r.last)
	}
	if err != nil {
		return err
	}
	return w.writeRun(ctx, &r, slices.DeleteFunc(entries, func(e entry) bool {
		_, is := slices.BinarySearch(ids, e.id)
		return !is
	}))
}

const idsBetween = "SELECT id FROM deliveries INDEXED BY deliveries_facts WHERE id > ? AND id <= ? ORDER BY id"
