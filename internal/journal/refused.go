package journal

import (
	"context"
	"database/sql"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
)

// refusals are indexes, as most of a journal is no refusal and is not to be read through for the newest one. They are no
// format of their own: any whctl that knows the tables keeps them up, and a file without them reads the same, only slower.
const refusals = `
CREATE INDEX IF NOT EXISTS deliveries_answered ON deliveries(id) WHERE answer BETWEEN 400 AND 499;
CREATE INDEX IF NOT EXISTS attempts_refused ON attempts(delivery) WHERE status IN (400, 401, 403, 498);
CREATE INDEX IF NOT EXISTS attempts_turned ON attempts(delivery) WHERE status IN (301, 302, 303, 307, 308, 419, 422);
`

// LastRefused gives the newest delivery that somebody refused, with its body, or a refused fault when there is none: its
// signature did not hold, the listener answered it 4xx by itself, or a target answered so (see refusal.Is). A delivery that
// nobody had a key for was not refused by that. profile "" means all.
func (j *Journal) LastRefused(ctx context.Context, profile string) (record.Delivery, error) {
	newest, err := j.newest(ctx, "deliveries", "deliveries_refused", "ok = 0 AND reason <> 'unverified'", "id", profile)
	if err != nil {
		return record.Delivery{}, err
	}
	answered, err := j.newest(ctx, "deliveries", "deliveries_answered", "answer BETWEEN 400 AND 499", "id", profile)
	if err != nil {
		return record.Delivery{}, err
	}
	handedOn, err := j.newest(ctx, "attempts", "attempts_refused", "status IN (400, 401, 403, 498)", "delivery", profile)
	if err != nil {
		return record.Delivery{}, err
	}
	turned, err := j.newest(ctx, "attempts", "attempts_turned", "status IN (301, 302, 303, 307, 308, 419, 422)", "delivery", profile)
	if err != nil {
		return record.Delivery{}, err
	}
	found, err := j.some(ctx, " WHERE id = ?", []any{max(newest, answered, handedOn, turned)})
	if err == nil && len(found) == 0 {
		err = fault.New(fault.Refused, "no refused delivery in the journal%s", of(profile))
		if profile != "" {
			return record.Delivery{}, fault.Hint(err, "look in every profile, that of a sandbox too, with: whctl why --all")
		}
		err = fault.Hint(err, "list what there is with: whctl journal list --all")
	}
	if err != nil {
		return record.Delivery{}, err
	}
	return found[0], nil
}

// newest gives the id of the newest delivery that a row of the table names in its column of, -1 when none does. The index
// is asked for by name where it is there: the planner would read through everything from the newest on.
func (j *Journal) newest(ctx context.Context, table, index, where, of, profile string) (int64, error) {
	newest := int64(-1)
	take := func(rows *sql.Rows) (bool, error) { return false, rows.Scan(&newest) }
	indexed := false
	err := j.query(ctx, "SELECT count(*) > 0 FROM sqlite_schema WHERE name = ?", []any{index}, func(rows *sql.Rows) (bool, error) {
		return false, rows.Scan(&indexed)
	})
	if err != nil {
		return newest, err
	}
	query, args := "SELECT "+of+" FROM "+table+" AS r", []any{}
	if indexed {
		query += " INDEXED BY " + index
	}
	query += " WHERE " + where
	if profile != "" {
		query, args = query+" AND EXISTS (SELECT 1 FROM deliveries WHERE id = r."+of+" AND profile = ?)", []any{profile}
	}
	err = j.query(ctx, query+" ORDER BY "+of+" DESC LIMIT 1", args, take) // fills newest in
	return newest, err
}
