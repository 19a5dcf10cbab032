package journal

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"

	"github.com/whctl/whctl/internal/record"
)

// scanDelivery reads a row. The id is given with an error too, when it is known.
func scanDelivery(rows *sql.Rows, body bool) (record.Delivery, error) {
	var d record.Delivery
	var id, received int64
	var of sql.NullInt64
	var answered bool
	var signed, targets sql.NullString
	var header string
	v := &d.Verdict
	dest := []any{
		&id, &of, &answered, &received, &d.Profile, &v.OK, &v.Reason, &v.Scheme, &d.EventType, &d.EventID,
		&d.EventTime, &v.KeyIndex, &signed, &v.Skew, &v.ID, &v.Detail, &d.RemoteAddr, &d.Method, &d.Path, &d.Host,
		&d.Size, &d.BodySHA256, &d.Answer, &targets, &header,
	}
	if body {
		dest = append(dest, &d.Body)
	}
	err := rows.Scan(dest...)
	d.ID, d.ReceivedAt = formatID(id), unclock(received)
	if err != nil {
		return d, fmt.Errorf("delivery %s: %w: %w", d.ID, errRow, err)
	}
	if of.Valid {
		d.Duplicate = &record.Duplicate{ID: formatID(of.Int64), Answered: answered}
	}
	if v.SignedAt, err = decodeTime(signed.String); err != nil {
		return d, fmt.Errorf("delivery %s: %w", d.ID, err)
	}
	if d.Targets, err = decodeTargets(targets.String); err != nil {
		return d, fmt.Errorf("delivery %s: %w", d.ID, err)
	}
	if d.Header, err = decodeHeader(header); err != nil {
		return d, fmt.Errorf("delivery %s: %w", d.ID, err)
	}
	d.BodyDamaged = body && bodyDamaged(&d)
	return d, nil
}

// leastRefused is the lowest answer of a delivery whose body may have been cut off when it was recorded. All others are kept whole.
const leastRefused = 400

// bodyDamaged says whether the stored body is not what was received any more. What was cut off when it was recorded has no
// hash of its own.
func bodyDamaged(d *record.Delivery) bool {
	if int64(len(d.Body)) < d.Size {
		return d.Answer < leastRefused
	}
	if len(d.BodySHA256) != 2*sha256.Size {
		return false
	}
	sum := sha256.Sum256(d.Body)
	return hex.EncodeToString(sum[:]) != d.BodySHA256
}
