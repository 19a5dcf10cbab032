package journal

// Which deliveries of a commit repeat an event.

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"github.com/whctl/whctl/internal/record"
)

// eventID is what deliveries of the same event have in common. Two events may share a key.
type eventID struct {
	key        int64
	scheme, id string
}

// first is the first delivery of an event, and what tells its bytes from others.
type first struct {
	id       int64
	sha256   string
	scrubbed int64 // places
}

const firstOfEvent = "SELECT sha256, scrubbed FROM deliveries WHERE id = ? AND scheme = ? AND event_id = ?"

// findFirsts looks up the events of a batch.
func (c *commit) findFirsts(ctx context.Context, batch []*op) error {
	c.firsts = make(map[eventID]first, len(batch))
	for _, o := range batch {
		if o.event == nil {
			continue
		}
		f, err := c.w.firstOf(ctx, o.event)
		if err != nil {
			return err
		}
		if f != nil {
			c.firsts[*o.event] = *f
		}
	}
	return nil
}

// firstOf gives the first delivery of an event in the file, nil if there is none.
func (w *writer) firstOf(ctx context.Context, e *eventID) (*first, error) {
	h := spread(e.key)
	for i := range w.known.runs {
		r := &w.known.runs[i]
		if !r.filter.has(h) {
			continue
		}
		ids, err := w.inRun(ctx, r, e.key)
		if err != nil {
			return nil, err
		}
		if f, err := w.oldestOf(ctx, ids, e); f != nil || err != nil {
			return f, err
		}
	}
	return w.oldestOf(ctx, w.known.newest[e.key], e)
}

// oldestOf gives the first of some deliveries with its key that is there and is of the event.
func (w *writer) oldestOf(ctx context.Context, ids []int64, e *eventID) (f *first, err error) {
	for _, id := range ids {
		err := w.firstOfEvent.query(ctx, func(row []driver.Value) error {
			f = &first{id: id}
			f.sha256, _ = row[0].(string)
			f.scrubbed, _ = row[1].(int64)
			return nil
		}, id, e.scheme, e.id)
		if f != nil || err != nil {
			return f, err
		}
	}
	return nil, nil
}

// repeats makes the delivery a duplicate if its event has come before. Only a verified one is the first of its event: a forged event must
// not make the real one a duplicate. For the same reason only a verified one contradicts it.
func (c *commit) repeats(ctx context.Context, e *deliveryEntry) error {
	if e.event.id == "" {
		return nil
	}
	f, is := c.firsts[e.event]
	switch {
	case !is && e.row.Verdict.OK:
		c.firsts[e.event] = first{e.row.id, e.row.BodySHA256, int64(e.row.Scrubbed)}
	case is:
		answered, err := c.w.wasAnswered.number(ctx, f.id)
		if err != nil {
			return err
		}
		e.row.duplicateOf.Int64, e.row.duplicateOf.Valid = f.id, true
		e.row.answered, e.row.conflict = answered != 0, e.contradicts(f)
		e.duplicate = &record.Duplicate{ID: formatID(f.id), Answered: e.row.answered}
		if !e.row.answered {
			c.unanswered = append(c.unanswered, e)
		}
	}
	return nil
}

// contradicts names the first delivery of the event if this one has other bytes. What was scrubbed otherwise cannot be compared, and
// what --events or --filter leaves out concerns nobody.
func (e *deliveryEntry) contradicts(f first) (conflict sql.NullInt64) {
	if e.row.Verdict.OK && e.row.Skipped != record.SkipFiltered && e.row.BodySHA256 != f.sha256 && int64(e.row.Scrubbed) == f.scrubbed {
		conflict.Int64, conflict.Valid = f.id, true
	}
	return conflict
}

const (
	wasAnswered = `SELECT answer BETWEEN 200 AND 299 OR EXISTS (SELECT 1 FROM attempts
		WHERE delivery = deliveries.id AND answer BETWEEN 200 AND 299) FROM deliveries WHERE id = ?`
	markAnswered = "UPDATE deliveries SET duplicate_answered = 1 WHERE id = ?"
)

// markDuplicates marks the duplicates whose first delivery was answered by an attempt of the same commit. It rewrites their rows, bodies
// and all, so those that were known to be answered before are written as such.
func (c *commit) markDuplicates(ctx context.Context) error {
	for _, e := range c.unanswered {
		answered, err := c.w.wasAnswered.number(ctx, e.row.duplicateOf.Int64)
		if err != nil {
			return err
		}
		if e.duplicate.Answered = answered != 0; !e.duplicate.Answered {
			continue
		}
		if err := c.w.markAnswered.exec(ctx, e.row.id); err != nil {
			return err
		}
	}
	return nil
}
