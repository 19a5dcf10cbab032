package journal

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
)

// column is a column of a table, and the field that it is read into and written from. Each table has one list of them.
type column struct {
	name  string
	field any    // a pointer
	old   string // what gives it in a file of format 1 or 2; "": the column of that name
}

// listed are the columns as a statement lists them.
func listed(columns []column) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.name
	}
	return strings.Join(list, ", ")
}

// selected are the columns as a query of a file of this format asks for them.
func selected(columns []column, format int) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		if list[i] = c.name; c.old != "" && format < 3 {
			list[i] = c.old
		}
	}
	return strings.Join(list, ", ")
}

func fields(columns []column) []any {
	list := make([]any, len(columns))
	for i, c := range columns {
		list[i] = c.field
	}
	return list
}

// deliveryRow is a delivery as it stands in the file.
type deliveryRow struct {
	record.Delivery

	id, received   int64
	signed         sql.NullString
	header, params string

	eventKey    sql.NullInt64 // of verified deliveries alone: a forged event must not make the real one a duplicate
	duplicateOf sql.NullInt64
	answered    bool // what it duplicates had been answered 2xx
	targets     labels
}

// columns are those that are written as they are read. body may be left out for reading.
func (r *deliveryRow) columns(body bool) []column {
	d, v := &r.Delivery, &r.Verdict
	list := []column{
		{name: "id", field: &r.id},
		{name: "received_at", field: &r.received},
		{name: "profile", field: &d.Profile},
		{name: "ok", field: &v.OK},
		{name: "reason", field: &v.Reason},
		{name: "scheme", field: &v.Scheme},
		{name: "event_type", field: &d.EventType},
		{name: "event_id", field: &d.EventID},
		{name: "event_time", field: &d.EventTime},
		{name: "key_index", field: &v.KeyIndex},
		{name: "signed_at", field: &r.signed},
		{name: "skew", field: &v.Skew},
		{name: "message_id", field: &v.ID},
		{name: "detail", field: &v.Detail},
		{name: "remote_addr", field: &d.RemoteAddr},
		{name: "method", field: &d.Method},
		{name: "path", field: &d.Path},
		{name: "host", field: &d.Host},
		{name: "size", field: &d.Size},
		{name: "sha256", field: &d.BodySHA256},
		{name: "answer", field: &d.Answer},
		{name: "header", field: &r.header},
		{name: "key_name", field: &d.KeyName, old: "''"},
		{name: "public_url", field: &d.PublicURL, old: "''"},
		{name: "params", field: &r.params, old: "''"},
		{name: "route", field: &d.Route, old: "''"},
	}
	if body {
		list = append(list, column{name: "body", field: &d.Body})
	}
	return list
}

// written are the columns of an insert. What the delivery duplicates is looked up by the statement.
func (r *deliveryRow) written() []column {
	return append(r.columns(true), column{name: "event_key", field: &r.eventKey})
}

// jobTargets gives the targets of a delivery, which stand in its jobs.
const jobTargets = "(SELECT group_concat(target, char(0) ORDER BY place) FROM jobs WHERE delivery = deliveries.id)"

// read are the columns of a query.
func (r *deliveryRow) read(body bool) []column {
	return append(r.columns(body),
		column{name: "duplicate_of", field: &r.duplicateOf},
		column{name: "duplicate_answered", field: &r.answered},
		column{name: jobTargets, field: &r.targets, old: oldTargets})
}

// labels are names of targets. They are read as one text with NUL between them.
type labels []string

// Scan reads them; anything but a text is a mistake.
func (l *labels) Scan(src any) error {
	switch text := src.(type) {
	case nil:
		return nil
	case string:
		*l = strings.Split(text, "\x00")
		return nil
	default:
		return fmt.Errorf("the targets are %T", src)
	}
}

// deliveryColumns are what scanDelivery reads of the table deliveries.
func deliveryColumns(format int, body bool) string {
	return selected(new(deliveryRow).read(body), format)
}

// scanDelivery reads a row. The id is given with an error too, when it is known.
func scanDelivery(rows *sql.Rows, body bool) (record.Delivery, error) {
	var r deliveryRow
	err := rows.Scan(fields(r.read(body))...)
	d := &r.Delivery
	d.ID, d.ReceivedAt, d.Targets = formatID(r.id), unclock(r.received), r.targets
	if err != nil {
		return *d, fmt.Errorf("delivery %s: %w: %w", d.ID, errRow, err)
	}
	if r.duplicateOf.Valid {
		d.Duplicate = &record.Duplicate{ID: formatID(r.duplicateOf.Int64), Answered: r.answered}
	}
	if d.Verdict.SignedAt, err = decodeTime(r.signed.String); err == nil {
		d.Header, err = decodeHeader(r.header)
	}
	if err == nil {
		d.Params, err = decodeParams(r.params)
	}
	if err != nil {
		return *d, fmt.Errorf("delivery %s: %w", d.ID, err)
	}
	d.BodyDamaged = body && bodyDamaged(d)
	return *d, nil
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

// attemptRow is an attempt as it stands in the file.
type attemptRow struct {
	record.Attempt

	id, delivery, started int64
	hint, header          string
}

func (r *attemptRow) columns() []column {
	a := &r.Attempt
	return []column{
		{name: "id", field: &r.id},
		{name: "delivery", field: &r.delivery},
		{name: "number", field: &a.Number},
		{name: "answer", field: &a.Answer},
		{name: "target", field: &a.Target},
		{name: "started_at", field: &r.started},
		{name: "duration", field: &a.Duration},
		{name: "status", field: &a.Status},
		{name: "body_size", field: &a.BodySize},
		{name: "error", field: &a.Error},
		{name: "hint", field: &r.hint},
		{name: "header", field: &r.header, old: oldHeader},
		{name: "body", field: &a.Body},
		{name: "origin", field: &a.Origin, old: "'forward'"},
		{name: "outcome", field: &a.Outcome, old: oldOutcome},
		{name: "repeated", field: &a.Repeated, old: oldRepeated},
	}
}

func scanAttempt(rows *sql.Rows) (record.Attempt, error) {
	var r attemptRow
	err := rows.Scan(fields(r.columns())...)
	a := &r.Attempt
	if err != nil {
		return *a, err
	}
	a.ID, a.DeliveryID, a.StartedAt, a.Hint = formatID(r.id), formatID(r.delivery), unclock(r.started), fault.StoredStep(r.hint)
	a.Duration = max(a.Duration, 0) // another program may have written here
	if a.Header, err = decodeHeader(r.header); err != nil {
		return *a, fmt.Errorf("attempt %s: %w", a.ID, err)
	}
	return *a, nil
}
