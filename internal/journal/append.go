package journal

// Recording deliveries and attempts.

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
)

// maxRecord is the most one record may hold, in bytes. SQLite ends at a billion.
const maxRecord = 512 << 20

// op is one thing for the writer to do. The caller prepares it on its own processor. One of write and run is set.
type op struct {
	doing string                                     // for errors
	size  int64                                      // about what it adds to the file, in bytes
	until time.Time                                  // when it has waited long enough for other processes
	write func(ctx context.Context, c *commit) error // appends, inside the transaction of a commit
	run   func(w *writer) error                      // is work between two commits
	done  chan error
}

// commit is what the appends of one transaction share.
type commit struct {
	w             *writer
	lastDelivery  int64 // ids, in the file and in this commit
	lastAttempt   int64
	firstDelivery int64            // the lowest that this commit can give out
	events        []*deliveryEntry // deliveries that may be duplicates
}

// deliveryEntry is a delivery to be written, with its jobs.
type deliveryEntry struct {
	row       deliveryRow
	args      []any
	jobs      []record.Job
	at        int64 // the id that belongs to its time
	duplicate *record.Duplicate
}

// insertDelivery looks up the event of every delivery, and stores the key of verified ones alone: a forged event must not
// make the real one a duplicate.
func insertDelivery() string {
	columns := newDeliveryRow().written()
	return fmt.Sprintf(`INSERT INTO deliveries (%s, duplicate_of) VALUES (%s,
		(SELECT id FROM deliveries WHERE event_key = ? AND scheme = ? AND event_id = ? ORDER BY id LIMIT 1))`,
		selected(columns, schemaVersion), marks(len(columns)))
}

func newDeliveryEntry(d *record.Delivery) *deliveryEntry {
	e := &deliveryEntry{at: idAt(d.ReceivedAt), row: deliveryRow{
		Delivery: d, received: clock(d.ReceivedAt), signed: encodeTime(d.Verdict.SignedAt),
		detail: d.Verdict.Detail.String(), header: encodeHeader(d.Header), params: encodeParams(d.Params),
	}}
	var sought sql.NullInt64
	if d.EventID != "" {
		sought = sql.NullInt64{Int64: eventKey(d.Verdict.Scheme, d.EventID), Valid: true}
	}
	if d.Verdict.OK {
		e.row.eventKey = sought
	}
	e.args = append(values(e.row.written()), sought, d.Verdict.Scheme, d.EventID)
	for place, target := range d.Targets {
		job := record.Job{
			Profile: d.Profile, Target: target, Place: place, State: record.JobQueued,
			Due: d.ReceivedAt, Since: d.ReceivedAt, Size: int64(len(d.Body)), Origin: record.OriginForward,
		}
		if place == 0 && d.Answer == 0 { // it answers the sender
			job.State = record.JobSending
		}
		e.jobs = append(e.jobs, job)
	}
	return e
}

// op is the delivery as the writer takes it.
func (e *deliveryEntry) op() *op {
	size := int64(len(e.row.Body) + len(e.row.header) + len(e.row.Path) + len(e.row.params) + 500 + 100*len(e.jobs))
	return &op{doing: "record the delivery", size: size, write: e.write}
}

func (e *deliveryEntry) write(ctx context.Context, c *commit) error {
	c.lastDelivery = max(nextID(c.lastDelivery, c.w.now()), e.at)
	e.row.id, e.args[0] = c.lastDelivery, c.lastDelivery
	if _, err := c.w.insertDelivery.ExecContext(ctx, e.args...); err != nil {
		return err
	}
	if e.row.EventID != "" {
		c.events = append(c.events, e)
	}
	return c.enqueue(ctx, e.row.id, e.jobs)
}

// AppendDelivery records d with a job for each of its targets, the first of which answers the sender if d.Answer is 0. It returns once that is durable. It sets d.ID, d.Seq and d.Duplicate.
// A context cancelled after d was accepted changes nothing. It fails with a storage fault.
func (j *Journal) AppendDelivery(ctx context.Context, d *record.Delivery) error {
	e := newDeliveryEntry(d)
	o := e.op()
	if o.size > maxRecord {
		return fault.New(fault.Storage, "a delivery of %d bytes is more than the journal can hold", o.size)
	}
	if err := j.submit(ctx, o); err != nil {
		return err
	}
	d.ID, d.Seq, d.Duplicate = formatID(e.row.id), e.row.id, e.duplicate
	return nil
}

func insertAttempt() string {
	columns := newAttemptRow().columns()
	return fmt.Sprintf("INSERT INTO attempts (%s) VALUES (%s)", selected(columns, schemaVersion), marks(len(columns)))
}

// AppendAttempt records a, the only try of its job, and brings the job to the state that follows from the outcome. It returns once
// that is durable. It sets a.ID, a.Seq, and a.Number when that is 0: it counts the attempts of a delivery at a target. It fails
// with a storage fault.
func (j *Journal) AppendAttempt(ctx context.Context, a *record.Attempt) error {
	return j.appendAttempt(ctx, a, settlement{state: a.Outcome.Once(), tries: 1})
}

func (j *Journal) appendAttempt(ctx context.Context, a *record.Attempt, s settlement) error {
	kept := *a
	r := attemptRow{Attempt: &kept, started: clock(a.StartedAt), hint: a.Hint.String(), header: encodeHeader(a.Header)}
	var ok bool
	if r.delivery, ok = parseID(a.DeliveryID); !ok {
		return fault.New(fault.Internal, "an attempt of no recorded delivery (%q)", a.DeliveryID)
	}
	size := int64(len(a.Body) + len(r.header) + 200)
	if size > maxRecord {
		return fault.New(fault.Storage, "an answer of %d bytes is more than the journal can hold", size)
	}
	args, at := values(r.columns()), idAt(a.StartedAt)
	err := j.submit(ctx, &op{doing: "record the attempt", size: size, write: func(ctx context.Context, c *commit) error {
		c.lastAttempt = max(nextID(c.lastAttempt, c.w.now()), at)
		r.id = c.lastAttempt
		if r.Number == 0 {
			if err := c.w.nextNumber.QueryRowContext(ctx, r.delivery, r.Target).Scan(&r.Number); err != nil {
				return err
			}
			args = values(r.columns())
		}
		args[0] = r.id
		if _, err := c.w.insertAttempt.ExecContext(ctx, args...); err != nil {
			return err
		}
		return c.settle(ctx, &r, s)
	}})
	if err != nil {
		return err
	}
	a.ID, a.Seq, a.Number = formatID(r.id), r.id, r.Number
	return nil
}

// insert writes a batch inside the transaction that is open.
func (w *writer) insert(ctx context.Context, batch []*op) error {
	var delivery, attempt sql.NullInt64
	if err := w.lastIDs.QueryRowContext(ctx).Scan(&delivery, &attempt); err != nil {
		return err
	}
	// Another process may have written the newest ids, or a pruning may have taken those that this one gave out.
	c := commit{w: w, lastDelivery: max(delivery.Int64, w.lastDelivery), lastAttempt: max(attempt.Int64, w.lastAttempt)}
	c.firstDelivery = c.lastDelivery + 1
	w.enqueued = w.enqueued[:0]
	for _, o := range batch {
		if err := o.write(ctx, &c); err != nil {
			return err
		}
	}
	w.lastDelivery, w.lastAttempt = c.lastDelivery, c.lastAttempt
	return c.findDuplicates(ctx)
}

// findDuplicates tells the deliveries of a commit which of them repeat an event. One query for all is cheaper than having
// every insert answer, as nearly none is a duplicate.
func (c *commit) findDuplicates(ctx context.Context) error {
	if len(c.events) == 0 {
		return nil
	}
	rows, err := c.w.duplicates.QueryContext(ctx, c.firstDelivery, c.lastDelivery)
	if err != nil {
		return err
	}
	found := map[int64]int64{} // the first delivery of the event, by the id of the duplicate
	err = pairs(rows, func(id, first int64) bool {
		found[id] = first
		return true
	})
	if err != nil || len(found) == 0 {
		return err
	}
	for _, e := range c.events {
		first, is := found[e.row.id]
		if !is {
			continue
		}
		e.duplicate = &record.Duplicate{ID: formatID(first)}
		if err := c.w.answered.QueryRowContext(ctx, first).Scan(&e.duplicate.Answered); err != nil {
			return err
		}
		if e.duplicate.Answered {
			if _, err := c.w.markAnswered.ExecContext(ctx, e.row.id); err != nil {
				return err
			}
		}
	}
	return nil
}

// pairs hands each row of two numbers to fn until that says to stop, and closes the rows.
func pairs(rows *sql.Rows, fn func(a, b int64) (more bool)) error {
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var a, b int64
		if err := rows.Scan(&a, &b); err != nil {
			return err
		}
		if !fn(a, b) {
			break
		}
	}
	return rows.Err()
}

// marks are placeholders for n values, each with a comma behind it save the last.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }
