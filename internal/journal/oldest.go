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
