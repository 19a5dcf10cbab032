package journal

// Dropping the deliveries that a person names by a filter. It is done in small steps, each a transaction of its own, so that a
// listener that records meanwhile waits for one of them at most.

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"slices"

	"github.com/whctl/whctl/internal/record"
)

// Prunable is what a pruning would drop.
type Prunable struct {
	Deliveries int
	Bytes      int64  // that they take in the file, about
	Owed       int    // others that the filter names, which stay: a job of theirs is open
	Newest     string // the id of the newest that the filter names, owed or not
}

// Prunable says what Prune would drop. It fails with a storage fault, or with the error of the filter's Match.
func (j *Journal) Prunable(ctx context.Context, f Filter) (p Prunable, err error) {
	err = j.eachStep(ctx, f, "", func(found []named) error {
		p.Newest = formatID(found[len(found)-1].id)
		for _, n := range found {
			if n.owed {
				p.Owed++
				continue
			}
			p.Deliveries++
			p.Bytes += n.bytes
		}
		return nil
	})
	return p, err
}

// Prune drops the deliveries that the filter names, with their attempts, jobs and diagnoses, up to the newest of p. Those with an open
// job stay. It calls fn after each step with how many that dropped. Then it makes the file smaller, and overwrites what it held. It
// fails with a storage fault, or with the error of the filter's Match; what was dropped until then is gone.
func (j *Journal) Prune(ctx context.Context, f Filter, p Prunable, fn func(dropped int)) error {
	if err := j.do(ctx, func(w *writer) error { return w.set(ctx, overwrite) }); err != nil {
		return err
	}
	some := false
	err := j.eachStep(ctx, f, p.Newest, func(found []named) error {
		var dropped int64
		err := j.do(ctx, func(w *writer) (err error) {
			dropped, err = w.dropFree(ctx, found)
			return err
		})
		some = some || dropped > 0
		fn(int(dropped))
		if err != nil {
			return storage(err, j.path, "prune the journal")
		}
		return pause(ctx)
	})
	if err == nil && some {
		err = j.dropKeys(ctx)
	}
	if err == nil {
		err = j.shrink(ctx)
	}
	return cmp.Or(err, j.do(ctx, func(w *writer) error { return w.set(ctx, leave) }))
}

// named is a delivery that a filter names.
type named struct {
	id    int64
	owed  bool  // it has an open job
	bytes int64 // that it takes in the file, about
}

// eachStep hands on what the filter names, up to the delivery newest unless that is "", a few at a time and the oldest first. It reads
// nothing meanwhile.
func (j *Journal) eachStep(ctx context.Context, f Filter, newest string, fn func([]named) error) error {
	end := int64(idMax)
	if newest != "" {
		end, _ = parseID(newest)
	}
	for after, more := int64(-1), true; more; {
		found, err := j.step(ctx, f, after, end)
		if err != nil {
			return err
		}
		if more = len(found) == stepRows; more {
			after = found[len(found)-1].id
		}
		if found, err = j.matching(ctx, f, found); err != nil {
			return err
		}
		if len(found) == 0 {
			continue
		}
		if err := fn(found); err != nil {
			return err
		}
	}
	return nil
}

// step reads one step after an id, as far as SQL can tell what the filter names.
func (j *Journal) step(ctx context.Context, f Filter, after, end int64) (found []named, err error) {
	format, err := j.format(ctx)
	if err != nil {
		return nil, err
	}
	owed, bytes := "NOT "+notOwed, weight
	if format < 3 {
		owed, bytes = "0", "0"
	}
	c := f.where(format)
	c.add("id > ? AND id <= ?", after, end)
	query := "SELECT r.id, r.owed, " + bytes + " FROM (SELECT id, " + owed + " AS owed FROM deliveries" + c.where() + " ORDER BY id LIMIT ?) AS r"
	err = j.query(ctx, withJobs(format, query), append(c.args, stepRows), func(rows *sql.Rows) (bool, error) {
		var n named
		err := rows.Scan(&n.id, &n.owed, &n.bytes)
		found = append(found, n)
		return true, err
	})
	return found, err
}

// matching gives those that the filter's Match takes.
func (j *Journal) matching(ctx context.Context, f Filter, found []named) ([]named, error) {
	if f.Match == nil || len(found) == 0 {
		return found, nil
	}
	matches := map[int64]bool{}
	err := j.eachID(ctx, idsOf(found), func(d *record.Delivery) (err error) {
		matches[d.Seq], err = f.Match(ctx, d)
		return err
	})
	return slices.DeleteFunc(found, func(n named) bool { return !matches[n.id] }), err
}

func idsOf(found []named) []int64 {
	ids := make([]int64, len(found))
	for i, n := range found {
		ids[i] = n.id
	}
	return ids
}

// eachID reads deliveries with their bodies, the newest first. It leaves out what cannot be read; the error then comes at the end.
func (j *Journal) eachID(ctx context.Context, ids []int64, fn func(*record.Delivery) error) error {
	format, err := j.format(ctx)
	if err != nil {
		return err
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	query := "SELECT " + deliveryColumns(format, true) + " FROM deliveries WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id DESC"
	var broken error
	err = j.query(ctx, query, []any{string(list)}, func(rows *sql.Rows) (bool, error) {
		d, err := scanDelivery(rows, true)
		if err != nil {
			broken = cmp.Or(broken, err)
			return true, nil
		}
		return true, fn(&d)
	})
	return cmp.Or(err, broken)
}

// dropFree drops deliveries, save those that have an open job by now.
func (w *writer) dropFree(ctx context.Context, found []named) (dropped int64, err error) {
	list, err := json.Marshal(idsOf(found))
	if err != nil {
		return 0, err
	}
	err = w.transact(ctx, w.tuning.stepWait, func() error {
		rows, err := w.conn.QueryContext(ctx, "SELECT id, 0 FROM deliveries WHERE id IN (SELECT value FROM json_each(?)) AND "+notOwed, string(list))
		if err != nil {
			return err
		}
		var free []int64
		err = pairs(rows, func(id, _ int64) bool {
			free = append(free, id)
			return true
		})
		if err != nil || len(free) == 0 {
			return err
		}
		dropped, err = w.drop(ctx, free)
		return err
	})
	return dropped, err
}
