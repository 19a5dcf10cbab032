package journal

// The newest delivery that was not taken.

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
)

// newestRefused finds the newest delivery that its signature or the listener refused, or that a target did not take and has not taken
// since. An index has each kind, and the plus signs keep SQLite from taking the one by profile. The first %s is a condition on a delivery,
// the second the outcome of an attempt.
const newestRefused = `SELECT max(id) FROM (
	SELECT max(id) AS id FROM deliveries WHERE ok = 0 AND reason <> 'unverified' AND %[1]s
	UNION ALL SELECT max(id) FROM deliveries WHERE answer BETWEEN 400 AND 499 AND %[1]s
	UNION ALL SELECT max(delivery) FROM attempts WHERE %[2]s = 'refused'
		AND EXISTS (SELECT 1 FROM deliveries WHERE id = attempts.delivery AND %[1]s)` + notSince + `
	UNION ALL SELECT max(delivery) FROM attempts WHERE (%[2]s = 'failed' OR %[2]s = 'unreachable' OR %[2]s = 'timeout')
		AND EXISTS (SELECT 1 FROM deliveries WHERE id = attempts.delivery AND %[1]s)` + notSince + `)`

// notSince adds the condition that a target has not taken a delivery since. A broker that takes one gives no status.
const notSince = ` AND NOT EXISTS (SELECT 1 FROM attempts AS later WHERE later.delivery = attempts.delivery
	AND later.target = attempts.target AND later.id > attempts.id AND %[2]s = 'delivered')`

// LastRefused gives the newest delivery that somebody did not take, with its body, or a refused fault when there is none: its
// signature did not hold, the listener answered it 4xx by itself, or a target refused it, failed or gave no answer, and did not take it at
// a later try. A delivery that nobody had a key for was not refused by that. profile "" means all.
func (j *Journal) LastRefused(ctx context.Context, profile string) (record.Delivery, error) {
	format, err := j.format(ctx)
	if err != nil {
		return record.Delivery{}, err
	}
	wanted, outcome, args := "?1 = ''", "outcome", []any{profile}
	if profile != "" {
		wanted = "+profile = ?1"
	}
	if format < 3 {
		outcome = oldOutcome
	}
	var newest sql.NullInt64
	err = j.query(ctx, fmt.Sprintf(newestRefused, wanted, outcome), args, func(rows *sql.Rows) (bool, error) {
		return false, rows.Scan(&newest)
	})
	if err != nil {
		return record.Delivery{}, err
	}
	missing := fault.Hint(fault.New(fault.Refused, "no delivery in the journal was refused, and none failed"), "list what there is with: whctl journal list --all")
	if profile != "" {
		missing = fault.Hint(fault.New(fault.Refused, "no delivery in the journal was refused for profile %s, and none failed", profile),
			"look in every profile, that of a sandbox too, with: whctl why --all")
	}
	return j.selected(ctx, " WHERE id = ?", []any{newest}, missing)
}
