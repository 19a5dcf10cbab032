package journal

// What goes when the journal is full.

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
)

const (
	// mostRefused is how many of the newest refused deliveries stay when the journal is full, as far as they fit into
	// their share.
	mostRefused = 1000
	// refusedShare is the part of the cap that is theirs.
	refusedShare = 8
	// saySizeEvery and sayAgeEvery are the least time between two lines about what was dropped for size or age.
	saySizeEvery = 10 * time.Second
	sayAgeEvery  = time.Hour
)

// isRefused holds for a delivery that somebody without the key can have sent: its signature did not hold, or the listener
// refused it. It does not hold where there was no key to verify with.
const isRefused = "ok = 0 AND (reason <> 'unverified' OR answer BETWEEN 400 AND 499)"

// refusedIDs lists refused deliveries beyond an id in an order, from the two indexes that know them.
func refusedIDs(beyond, order string) string {
	part := func(index, where string) string {
		return "SELECT * FROM (SELECT id FROM deliveries INDEXED BY " + index + " WHERE " + where + " AND " + isRefused + " AND " + notOwed +
			" AND id " + beyond + " ?1 ORDER BY id " + order + " LIMIT ?2)"
	}
	return part("deliveries_refused", "ok = 0 AND reason <> 'unverified'") + " UNION " +
		part("deliveries_answered", "answer BETWEEN 400 AND 499") + " ORDER BY id " + order + " LIMIT ?2"
}

// tooMuch finds what is over the size. Refused deliveries have a share of their own and go first: a flood without the key never
// pushes out what verified. The others have no part in that share, so the newest refusals always have room.
func (w *writer) tooMuch(ctx context.Context) (victims, error) {
	most := w.keep.maxBytes
	if most < 0 {
		return victims{}, nil
	}
	share := most / refusedShare
	used, err := w.used(ctx)
	if err != nil || used <= most-share {
		return victims{}, err
	}
	refused, oldest, err := w.newestRefused(ctx, share)
	if err != nil {
		return victims{}, err
	}
	over := used - refused - (most - share) // what the others take beyond their share, once older refusals are gone
	v, err := w.pick(ctx, refusedIDs("<", "ASC"), max(over, used-most), oldest, stepRows)
	if v.why = refusedTooMuch; err != nil || len(v.ids) > 0 {
		return v, err
	}
	v, err = w.pick(ctx, "SELECT id FROM deliveries WHERE NOT ("+isRefused+") AND "+notOwed+" ORDER BY id LIMIT ?1", over, stepRows)
	v.why = tooMuch
	return v, err
}

// newestRefused weighs the newest refused deliveries that stay. Those older than the id it gives may go.
func (w *writer) newestRefused(ctx context.Context, share int64) (bytes, oldest int64, err error) {
	oldest = math.MaxInt64
	query := "SELECT r.id, " + weight + " FROM (" + refusedIDs("<=", "DESC") + ") AS r ORDER BY r.id DESC" //nolint:gosec // all of it is written here
	rows, err := w.conn.QueryContext(ctx, query, int64(math.MaxInt64), mostRefused)
	if err != nil {
		return 0, oldest, err
	}
	err = pairs(rows, func(id, size int64) bool {
		if bytes+size > share {
			return false
		}
		bytes, oldest = bytes+size, id
		return true
	})
	return bytes, oldest, err
}

// gone counts what was dropped and is not told yet.
type gone struct {
	n    [reasons]int64
	said [reasons]time.Time
	owed int64 // older ones that stayed, the last time
}

// sayGone tells what was dropped: at once, then now and again, and at the end.
func (w *writer) sayGone(atEnd bool) {
	now := time.Now()
	for why := range reasons {
		n, every := w.gone.n[why], saySizeEvery
		if why == tooOld {
			every = sayAgeEvery
		}
		if n == 0 || !atEnd && now.Sub(w.gone.said[why]) < every {
			continue
		}
		w.gone.n[why], w.gone.said[why] = 0, now
		message := w.goneWords(why, n)
		if w.gone.owed > 0 {
			message += fmt.Sprintf("; %d older with open jobs stay", w.gone.owed)
		}
		w.tell(record.Changed{State: record.Pruned, Count: int(n), Message: message})
	}
}

func (w *writer) goneWords(why reason, n int64) string {
	were := "were"
	if n == 1 {
		were = "was"
	}
	switch why {
	case tooOld:
		return fmt.Sprintf("%s %s dropped from the journal, older than %s", fault.Plural(n, "delivery"), were, fault.Plural(int64(w.keep.maxAge/aDay), "day"))
	case refusedTooMuch:
		return fmt.Sprintf("%s %s dropped from the journal, which is full (%d MiB)", fault.Plural(n, "refused delivery"), were, w.keep.full>>20)
	default:
		return fmt.Sprintf("%d of the oldest deliveries %s dropped from the journal, which is full (%d MiB)", n, were, w.keep.full>>20)
	}
}
