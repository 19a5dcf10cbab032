package journal

import (
	"context"
	"database/sql"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
)

// maxRecord is the most one record may hold, in bytes. SQLite ends at a billion.
const maxRecord = 512 << 20

// op is one thing for the writer to do: an append, or work of another kind when run is set. The caller fills in the
// arguments, on its own processor; the writer fills in the results before it signals done.
type op struct {
	kind     kind
	args     []any // of the insert statement; the first one, the id, is the writer's, save of a diagnosis
	at       int64 // the id that belongs to its time
	size     int64 // about what it adds to the file, in bytes
	hasEvent bool  // it may be a duplicate
	wantsNum bool  // its number is to be told
	run      func(w *writer) error
	until    time.Time // when it has waited long enough for other processes

	id        int64
	number    int
	duplicate *record.Duplicate
	done      chan error
}

// kind is what an op appends.
type kind int

const (
	aDelivery kind = iota
	anAttempt
	aDiagnosis
)

func (o *op) doing() string {
	switch {
	case o.run != nil:
		return "tidy the journal"
	case o.kind == anAttempt:
		return "record the attempt"
	case o.kind == aDiagnosis:
		return "record the diagnosis"
	default:
		return "record the delivery"
	}
}

// An event key is stored for verified deliveries alone, which keeps the others out of the index: a forged event must
// not make the real one a duplicate. It is looked up for all.
const insertDelivery = `INSERT INTO deliveries (id, event_key, received_at, profile, ok, reason, scheme, event_type,
	event_id, event_time, key_index, signed_at, skew, message_id, detail, remote_addr, method, path, host, size, sha256,
	answer, targets, header, body, duplicate_of)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
	(SELECT id FROM deliveries WHERE event_key = ? AND scheme = ? AND event_id = ? ORDER BY id LIMIT 1))`

func deliveryOp(d *record.Delivery) (*op, error) {
	v := &d.Verdict
	var stored, sought any
	if d.EventID != "" {
		sought = eventKey(v.Scheme, d.EventID)
		if v.OK {
			stored = sought
		}
	}
	header := encodeHeader(d.Header)
	o := &op{
		at:       idAt(d.ReceivedAt),
		size:     int64(len(d.Body) + len(header) + len(d.Path) + 500),
		hasEvent: sought != nil,
		done:     make(chan error, 1),
	}
	if o.size > maxRecord {
		return nil, fault.New(fault.Storage, "a delivery of %d bytes is more than the journal can hold", o.size)
	}
	o.args = []any{
		nil, stored, clock(d.ReceivedAt), d.Profile, v.OK, string(v.Reason), v.Scheme, d.EventType,
		d.EventID, d.EventTime, v.KeyIndex, encodeTime(v.SignedAt), int64(v.Skew), v.ID, v.Detail, d.RemoteAddr, d.Method,
		d.Path, d.Host, d.Size, d.BodySHA256, d.Answer, encodeTargets(d.Targets), header, d.Body,
		sought, v.Scheme, d.EventID,
	}
	return o, nil
}

const insertAttempt = `INSERT INTO attempts (id, delivery, answer, target, started_at, duration, status, body_size,
	error, hint, header, body, number)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
	coalesce(nullif(?, 0), (SELECT max(number) + 1 FROM attempts WHERE delivery = ? AND target = ?), 1))`

func attemptOp(a *record.Attempt) (*op, error) {
	delivery, ok := parseID(a.DeliveryID)
	if !ok {
		return nil, fault.New(fault.Internal, "an attempt of no recorded delivery (%q)", a.DeliveryID)
	}
	header := encodeHeader(withRepeated(a.Header, a.Repeated))
	o := &op{
		kind:     anAttempt,
		at:       idAt(a.StartedAt),
		size:     int64(len(a.Body) + len(header) + 200),
		wantsNum: a.Number == 0,
		number:   a.Number,
		done:     make(chan error, 1),
	}
	if o.size > maxRecord {
		return nil, fault.New(fault.Storage, "an answer of %d bytes is more than the journal can hold", o.size)
	}
	o.args = []any{
		nil, delivery, a.Answer, a.Target, clock(a.StartedAt), int64(a.Duration), a.Status, a.BodySize,
		a.Error, a.Hint.String(), header, a.Body, a.Number, delivery, a.Target,
	}
	return o, nil
}

// insert writes a batch inside the transaction that is open.
func (w *writer) insert(ctx context.Context, batch []*op) error {
	lastD, lastA, err := w.lastIDs(ctx)
	if err != nil {
		return err
	}
	firstD, firstA := lastD+1, lastA+1
	events, numbers := false, false
	for _, o := range batch {
		if err := w.insertOne(ctx, o, &lastD, &lastA); err != nil {
			return err
		}
		events, numbers = events || o.hasEvent, numbers || o.wantsNum
	}
	if events {
		err = w.findDuplicates(ctx, batch, firstD, lastD)
	}
	if numbers && err == nil {
		err = w.findNumbers(ctx, batch, firstA, lastA)
	}
	return err
}

func (w *writer) insertOne(ctx context.Context, o *op, lastD, lastA *int64) error {
	var stmt *sql.Stmt
	switch o.kind {
	case aDelivery:
		*lastD = max(nextID(*lastD, w.now()), o.at)
		o.id, o.args[0] = *lastD, *lastD
		stmt = w.insertDelivery
	case anAttempt:
		*lastA = max(nextID(*lastA, w.now()), o.at)
		o.id, o.args[0] = *lastA, *lastA
		stmt = w.insertAttempt
	case aDiagnosis:
		stmt = w.insertDiagnosis
	}
	_, err := stmt.ExecContext(ctx, o.args...)
	return err
}

// lastIDs are the newest ids in the file, which another process may have written, or those this process gave out
// before a pruning took them.
func (w *writer) lastIDs(ctx context.Context) (delivery, attempt int64, err error) {
	var d, a sql.NullInt64
	if err := w.lastIDsStmt.QueryRowContext(ctx).Scan(&d, &a); err != nil {
		return 0, 0, err
	}
	return max(d.Int64, w.lastDelivery), max(a.Int64, w.lastAttempt), nil
}

// findDuplicates tells the batch which of its deliveries repeat an event. One query for the whole batch is cheaper
// than having every insert answer, as nearly none is a duplicate.
func (w *writer) findDuplicates(ctx context.Context, batch []*op, first, last int64) error {
	found := map[int64]int64{}
	err := w.pairs(ctx, w.duplicatesStmt, first, last, func(id, of int64) { found[id] = of })
	if err != nil || len(found) == 0 {
		return err
	}
	for _, o := range batch {
		of, ok := found[o.id]
		if !ok || o.kind != aDelivery {
			continue
		}
		o.duplicate = &record.Duplicate{ID: formatID(of)}
		if err := w.answeredStmt.QueryRowContext(ctx, of).Scan(&o.duplicate.Answered); err != nil {
			return err
		}
		if o.duplicate.Answered {
			if _, err := w.markAnswered.ExecContext(ctx, o.id); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *writer) findNumbers(ctx context.Context, batch []*op, first, last int64) error {
	found := map[int64]int64{}
	err := w.pairs(ctx, w.numbersStmt, first, last, func(id, n int64) { found[id] = n })
	if err != nil {
		return err
	}
	for _, o := range batch {
		if o.kind == anAttempt {
			o.number = int(found[o.id])
		}
	}
	return nil
}

func (w *writer) pairs(ctx context.Context, stmt *sql.Stmt, first, last int64, each func(a, b int64)) error {
	rows, err := stmt.QueryContext(ctx, first, last)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var a, b int64
		if err := rows.Scan(&a, &b); err != nil {
			return err
		}
		each(a, b)
	}
	return rows.Err()
}
