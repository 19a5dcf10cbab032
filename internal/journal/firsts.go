package journal

// Which deliveries of a commit repeat an event.

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/record"
)

// eventID is what deliveries of the same event have in common. Two events may share a key.
type eventID struct {
	key        int64
	scheme, id string
}

// knownAtOnce is how many events one query looks up.
const knownAtOnce = 16

// knownEvents gives the numbers of those parameters that are keys of events in the file. One query for many is cheaper than one for
// each, as nearly none is there.
func knownEvents() string {
	parts := make([]string, knownAtOnce)
	for i := range parts {
		parts[i] = fmt.Sprintf("SELECT %d WHERE EXISTS (SELECT 1 FROM deliveries WHERE event_key = ?)", i)
	}
	return strings.Join(parts, " UNION ALL ")
}

// first is the first delivery of an event, and what tells its bytes from others.
type first struct {
	id       int64
	sha256   string
	scrubbed int64 // places
}

const firstOfEvent = "SELECT id, sha256, scrubbed FROM deliveries WHERE event_key = ? AND scheme = ? AND event_id = ? ORDER BY id LIMIT 1"

// findFirsts looks up the events of a batch.
func (c *commit) findFirsts(ctx context.Context, batch []*op) error {
	var events []*eventID
	for _, o := range batch {
		if o.event != nil {
			events = append(events, o.event)
		}
	}
	c.firsts = make(map[eventID]first, len(events))
	for some := range slices.Chunk(events, knownAtOnce) {
		var keys [knownAtOnce]any // NULL is no key
		for i, e := range some {
			keys[i] = &e.key
		}
		var known []*eventID
		err := c.w.knownEvents.query(ctx, func(row []driver.Value) error {
			if i, ok := row[0].(int64); ok {
				known = append(known, some[i])
			}
			return nil
		}, keys[:]...)
		if err != nil {
			return err
		}
		for _, e := range known {
			err := c.w.firstOfEvent.query(ctx, func(row []driver.Value) error {
				var f first
				f.id, _ = row[0].(int64)
				f.sha256, _ = row[1].(string)
				f.scrubbed, _ = row[2].(int64)
				c.firsts[*e] = f
				return nil
			}, e.key, e.scheme, e.id)
			if err != nil {
				return err
			}
		}
	}
	return nil
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
