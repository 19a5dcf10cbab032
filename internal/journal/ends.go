package journal

// How far back the journal goes.

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

// Ends are when the oldest and the newest delivery of all profiles were received; zero without any. It fails with a storage fault.
func (j *Journal) Ends(ctx context.Context) (oldest, newest time.Time, err error) {
	const query = `SELECT (SELECT received_at FROM deliveries ORDER BY id LIMIT 1), (SELECT received_at FROM deliveries ORDER BY id DESC LIMIT 1)`
	err = j.query(ctx, query, nil, func(rows *sql.Rows) (bool, error) {
		var first, last sql.NullInt64
		err := rows.Scan(&first, &last)
		if first.Valid && last.Valid {
			oldest, newest = unclock(first.Int64), unclock(last.Int64)
		}
		return false, err
	})
	return oldest, newest, err
}
