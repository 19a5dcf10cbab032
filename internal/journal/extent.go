package journal

// How far back the journal goes, and how much it holds.

import (
	"context"
	"database/sql"
	"time"
)

// Oldest is when the oldest delivery of a profile was received; "" means of all profiles. It is zero where there is none.
func (j *Journal) Oldest(ctx context.Context, profile string) (at time.Time, err error) {
	where, args := "", []any{}
	if profile != "" {
		where, args = " WHERE profile = ?", []any{profile}
	}
	err = j.query(ctx, "SELECT received_at FROM deliveries"+where+" ORDER BY id LIMIT 1", args, func(rows *sql.Rows) (bool, error) {
		var ns int64
		err := rows.Scan(&ns)
		at = unclock(ns)
		return false, err
	})
	return at, err
}

// Extent is how much a journal holds.
type Extent struct {
	Deliveries     int // replays too
	Oldest, Newest time.Time
}

// Extent counts the deliveries of all profiles. It reads no row but the first and the last, so that it is quick. It fails with a storage
// fault.
func (j *Journal) Extent(ctx context.Context) (e Extent, err error) {
	const query = `SELECT (SELECT count(*) FROM deliveries), (SELECT received_at FROM deliveries ORDER BY id LIMIT 1),
		(SELECT received_at FROM deliveries ORDER BY id DESC LIMIT 1)`
	err = j.query(ctx, query, nil, func(rows *sql.Rows) (bool, error) {
		var first, last sql.NullInt64
		err := rows.Scan(&e.Deliveries, &first, &last)
		if first.Valid && last.Valid {
			e.Oldest, e.Newest = unclock(first.Int64), unclock(last.Int64)
		}
		return false, err
	})
	return e, err
}
