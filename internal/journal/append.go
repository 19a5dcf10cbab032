package journal

// Recording deliveries and attempts.

import (
	"context"
	"database/sql"
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
	event *eventID                                   // looked up before it is written; nil for none
	run   func(w *writer) error                      // is work between two commits
	late  bool                                       // may wait for others to share a commit with
	done  chan error
}

// commit is what the appends of one transaction share.
type commit struct {
	w            *writer
	lastDelivery int64 // ids, in the file and in this commit
	lastAttempt  int64
	firsts       map[eventID]first // the first delivery of each event, in the file and in this commit
	unanswered   []*deliveryEntry  // duplicates of this commit whose first delivery was not answered when they were written
}

// deliveryEntry is a delivery to be written, with its jobs.
type deliveryEntry struct {
	row       deliveryRow
	event     eventID // its id is "" for none, and for a replay
	jobs      []record.Job
	at        int64 // the id that belongs to its time
	duplicate *record.Duplicate
}

func newDeliveryEntry(d *record.Delivery) *deliveryEntry {
	e := &deliveryEntry{at: idAt(d.ReceivedAt), jobs: d.Jobs(), row: deliveryRow{
		Delivery: d, received: clock(d.ReceivedAt), signed: encodeTime(d.Verdict.SignedAt),
		detail: d.Verdict.Detail.String(), header: encodeHeader(d.Header), params: encodeParams(d.Params),
		replayOf: numberOf(d.ReplayOf), conflict: numberOf(d.Conflict),
	}}
	if d.EventID != "" && d.ReplayOf == "" { // a replay says nothing about what was sent
		e.event = eventID{key: eventKey(d.Verdict.Scheme, d.EventID), scheme: d.Verdict.Scheme, id: d.EventID}
	}
	return e
}

// op is the delivery as the writer takes it.
func (e *deliveryEntry) op() *op {
	size := int64(len(e.row.Body) + len(e.row.header) + len(e.row.Path) + len(e.row.params) + 500 + 100*len(e.jobs))
	o := &op{doing: "record the delivery", size: size, write: e.write}
	if e.event.id != "" {
		o.event = &e.event
	}
	return o
}

func (e *deliveryEntry) write(ctx context.Context, c *commit) error {
	c.lastDelivery = max(nextID(c.lastDelivery, c.w.now()), e.at)
	e.row.id = c.lastDelivery
	if err := c.repeats(ctx, e); err != nil {
		return err
	}
	c.w.delivery.take(&e.row)
	if err := c.w.insertDelivery.insert(ctx, c.w.delivery.columns); err != nil {
		return err
	}
	c.w.known.add(e.row.id, e.key())
	return c.enqueue(ctx, e.row.id, e.jobs)
}

// key is the one by which later deliveries of the event are known to repeat it, nil for none. A forged event must not make the real one a
// duplicate.
func (e *deliveryEntry) key() *int64 {
	if e.event.id == "" || !e.row.Verdict.OK {
		return nil
	}
	return &e.event.key
}

// AppendDelivery records d with a job for each of its targets, the first of which answers the sender if d.Answer is 0. It returns once that is durable. It sets d.ID, d.Seq, d.Duplicate and d.Conflict.
// A context cancelled after d was accepted changes nothing. It fails with a storage fault.
func (j *Journal) AppendDelivery(ctx context.Context, d *record.Delivery) error {
	return j.appendDelivery(ctx, newDeliveryEntry(d))
}

func (j *Journal) appendDelivery(ctx context.Context, e *deliveryEntry) error {
	o, d := e.op(), e.row.Delivery
	if o.size > maxRecord {
		return fault.New(fault.Storage, "a delivery of %d bytes is more than the journal can hold", o.size)
	}
	if err := j.submit(ctx, o); err != nil {
		return err
	}
	d.ID, d.Seq, d.Duplicate, d.Conflict = formatID(e.row.id), e.row.id, e.duplicate, nameOf(e.row.conflict)
	return nil
}

// attemptEntry is an attempt to be written, and what it makes of its job.
type attemptEntry struct {
	row        attemptRow
	settlement settlement
	at         int64 // the id that belongs to its time
}

func newAttemptEntry(a *record.Attempt, s settlement) (*attemptEntry, error) {
	kept := *a
	e := &attemptEntry{settlement: s, at: idAt(a.StartedAt), row: attemptRow{
		Attempt: &kept, started: clock(a.StartedAt), hint: a.Hint.String(), header: encodeHeader(a.Header),
	}}
	var ok bool
	if e.row.delivery, ok = parseID(a.DeliveryID); !ok {
		return nil, fault.New(fault.Internal, "an attempt of no recorded delivery (%q)", a.DeliveryID)
	}
	if e.size() > maxRecord {
		return nil, fault.New(fault.Storage, "an answer of %d bytes is more than the journal can hold", e.size())
	}
	return e, nil
}

func (e *attemptEntry) size() int64 { return int64(len(e.row.Body) + len(e.row.header) + 200) }

func (e *attemptEntry) write(ctx context.Context, c *commit) error {
	c.lastAttempt = max(nextID(c.lastAttempt, c.w.now()), e.at)
	e.row.id = c.lastAttempt
	if e.row.Number == 0 {
		n, err := c.w.nextNumber.number(ctx, e.row.delivery, e.row.Target)
		if err != nil {
			return err
		}
		e.row.Number = int(n)
	}
	c.w.attempt.take(&e.row)
	if err := c.w.insertAttempt.insert(ctx, c.w.attempt.columns); err != nil {
		return err
	}
	return c.settle(ctx, &e.row, e.settlement)
}

// tell gives a what it is recorded with.
func (e *attemptEntry) tell(a *record.Attempt) {
	a.ID, a.Seq, a.Number = formatID(e.row.id), e.row.id, e.row.Number
}

// AppendAttempts records attempts, each the only try of its job, and brings the jobs to the states that follow from the outcomes. It
// returns once all of that is durable, or none. The senders have their answers by then, so it waits some milliseconds for others to
// share a commit with. It sets ID, Seq, and a Number that is 0: it counts the attempts of a delivery at a target. It fails with a
// storage fault.
func (j *Journal) AppendAttempts(ctx context.Context, attempts ...*record.Attempt) error {
	entries := make([]*attemptEntry, len(attempts))
	o := &op{doing: "record the attempts", late: true}
	for i, a := range attempts {
		e, err := newAttemptEntry(a, settlement{state: a.Outcome.Once(), tries: 1})
		if err != nil {
			return err
		}
		entries[i], o.size = e, o.size+e.size()
	}
	o.write = func(ctx context.Context, c *commit) error {
		for _, e := range entries {
			if err := e.write(ctx, c); err != nil {
				return err
			}
		}
		return nil
	}
	if err := j.submit(ctx, o); err != nil {
		return err
	}
	for i, a := range attempts {
		entries[i].tell(a)
	}
	return nil
}

// insert writes a batch inside the transaction that is open.
func (w *writer) insert(ctx context.Context, batch []*op) error {
	w.enqueued = w.enqueued[:0]
	if err := w.sync(ctx); err != nil {
		return err
	}
	c := commit{w: w, lastDelivery: w.lastDelivery, lastAttempt: w.lastAttempt}
	if err := c.findFirsts(ctx, batch); err != nil {
		return err
	}
	for _, o := range batch {
		if err := o.write(ctx, &c); err != nil {
			return err
		}
	}
	w.lastDelivery, w.lastAttempt = c.lastDelivery, c.lastAttempt
	if err := c.markDuplicates(ctx); err != nil {
		return err
	}
	return w.sealFull(ctx)
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
