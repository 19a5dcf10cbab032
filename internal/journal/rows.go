package journal

// The columns of deliveries and attempts, and the fields that they are read into.

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// column is a column of a table, and the field that it is read into and written from. Each table has one list of them.
type column struct {
	name  string
	field any // a pointer
}

// selected are the columns as a statement on a file of this format lists them.
func selected(columns []column, format int) string {
	list, old := make([]string, len(columns)), oldColumns(format)
	for i, c := range columns {
		list[i] = c.name
		if text, is := old[c.name]; is {
			list[i] = text
		}
	}
	return strings.Join(list, ", ")
}

// fields are where a row is read into.
func fields(columns []column) []any {
	list := make([]any, len(columns))
	for i, c := range columns {
		list[i] = c.field
	}
	return list
}

// insertInto is a statement that writes a row.
func insertInto(table string, columns []column) string {
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ")
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, selected(columns, schemaVersion), marks)
}

// deliveryRow is a delivery as it stands in the file.
type deliveryRow struct {
	*record.Delivery

	id, received   int64
	signed         sql.NullString
	detail         string // in words
	header, params string

	duplicateOf sql.NullInt64
	answered    bool // what it duplicates had been answered 2xx
	replayOf    sql.NullInt64
	conflict    sql.NullInt64
	targets     labels
}

func newDeliveryRow() *deliveryRow { return &deliveryRow{Delivery: new(record.Delivery)} }

// columns are those that are written as they are read. body may be left out for reading.
func (r *deliveryRow) columns(body bool) []column {
	d, v := r.Delivery, &r.Verdict
	list := []column{
		{"id", &r.id},
		{"received_at", &r.received},
		{"profile", &d.Profile},
		{"ok", &v.OK},
		{"reason", &v.Reason},
		{"scheme", &v.Scheme},
		{"event_type", &d.EventType},
		{"event_id", &d.EventID},
		{"event_time", &d.EventTime},
		{"key_index", &v.KeyIndex},
		{"signed_at", &r.signed},
		{"skew", &v.Skew},
		{"message_id", &v.ID},
		{"detail", &r.detail},
		{"remote_addr", &d.RemoteAddr},
		{"method", &d.Method},
		{"path", &d.Path},
		{"host", &d.Host},
		{"size", &d.Size},
		{"sha256", &d.BodySHA256},
		{"answer", &d.Answer},
		{"header", &r.header},
		{"key_name", &d.KeyName},
		{"public_url", &d.PublicURL},
		{"params", &r.params},
		{"route", &d.Route},
		{"skipped", &d.Skipped},
		{"replay_of", &r.replayOf},
		{"conflict", &r.conflict},
		{"scrubbed", &d.Scrubbed},
		{"late", &d.Late},
		{"out_of_order", &d.OutOfOrder},
	}
	if body {
		list = append(list, column{"body", &d.Body})
	}
	return list
}

// writtenDelivery is where the statement that writes a delivery takes its values from. The writer has one, so that nothing is made anew
// for each row.
type writtenDelivery struct {
	row     *deliveryRow
	columns []column
}

func newWrittenDelivery() writtenDelivery {
	r := newDeliveryRow()
	return writtenDelivery{r, append(r.columns(true),
		column{"duplicate_of", &r.duplicateOf},
		column{"duplicate_answered", &r.answered})}
}

// take copies a row to where its values are taken from.
func (w *writtenDelivery) take(r *deliveryRow) {
	d := w.row.Delivery
	*d, *w.row = *r.Delivery, *r
	w.row.Delivery = d
}

// jobTargets gives the targets of a delivery, which stand in its jobs.
const jobTargets = "(SELECT group_concat(target, char(0) ORDER BY place) FROM jobs WHERE delivery = deliveries.id)"

// read are the columns of a query.
func (r *deliveryRow) read(body bool) []column {
	return append(r.columns(body),
		column{"duplicate_of", &r.duplicateOf},
		column{"duplicate_answered", &r.answered},
		column{jobTargets, &r.targets})
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
	return selected(newDeliveryRow().read(body), format)
}

// scanDelivery reads a row. The id is given with an error too, when it is known.
func scanDelivery(rows *sql.Rows, body bool) (record.Delivery, error) {
	r := newDeliveryRow()
	err := rows.Scan(fields(r.read(body))...)
	d := r.Delivery
	d.ID, d.Seq, d.ReceivedAt, d.Targets = formatID(r.id), r.id, unclock(r.received), r.targets
	if err != nil {
		return *d, fmt.Errorf("delivery %s: %w: %w", d.ID, errRow, err)
	}
	if r.duplicateOf.Valid {
		d.Duplicate = &record.Duplicate{ID: formatID(r.duplicateOf.Int64), Answered: r.answered}
	}
	d.ReplayOf, d.Conflict = nameOf(r.replayOf), nameOf(r.conflict)
	d.Verdict.Detail = sign.Words(r.detail)
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

// nameOf is the id of another delivery as text, "" for none.
func nameOf(id sql.NullInt64) string {
	if !id.Valid {
		return ""
	}
	return formatID(id.Int64)
}

// numberOf is what nameOf reads.
func numberOf(name string) (id sql.NullInt64) {
	id.Int64, id.Valid = parseID(name)
	return id
}

// leastRefused is the lowest answer of a delivery whose body may have been cut off when it was recorded. All others are kept whole.
const leastRefused = 400

// bodyDamaged says whether the stored body is no longer what was received. What was cut off when it was recorded has no
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
	*record.Attempt

	id, delivery, started int64
	hint, header          string
}

func newAttemptRow() *attemptRow { return &attemptRow{Attempt: new(record.Attempt)} }

func (r *attemptRow) columns() []column {
	a := r.Attempt
	return []column{
		{"id", &r.id},
		{"delivery", &r.delivery},
		{"number", &a.Number},
		{"answer", &a.Answer},
		{"target", &a.Target},
		{"started_at", &r.started},
		{"duration", &a.Duration},
		{"status", &a.Status},
		{"body_size", &a.BodySize},
		{"error", &a.Error},
		{"hint", &r.hint},
		{"header", &r.header},
		{"body", &a.Body},
		{"origin", &a.Origin},
		{"outcome", &a.Outcome},
		{"repeated", &a.Repeated},
		{"signing", &a.Signing},
		{"overtook", &a.Overtook},
	}
}

// writtenAttempt is to attempts what writtenDelivery is to deliveries.
type writtenAttempt struct {
	row     *attemptRow
	columns []column
}

func newWrittenAttempt() writtenAttempt {
	r := newAttemptRow()
	return writtenAttempt{r, r.columns()}
}

func (w *writtenAttempt) take(r *attemptRow) {
	a := w.row.Attempt
	*a, *w.row = *r.Attempt, *r
	w.row.Attempt = a
}

func scanAttempt(rows *sql.Rows) (record.Attempt, error) {
	r := newAttemptRow()
	err := rows.Scan(fields(r.columns())...)
	a := r.Attempt
	if err != nil {
		return *a, err
	}
	a.ID, a.Seq, a.DeliveryID = formatID(r.id), r.id, formatID(r.delivery)
	a.StartedAt, a.Hint = unclock(r.started), fault.StoredStep(r.hint)
	a.Duration = max(a.Duration, 0) // another program may have written here
	if a.Header, err = decodeHeader(r.header); err != nil {
		return *a, fmt.Errorf("attempt %s: %w", a.ID, err)
	}
	return *a, nil
}
