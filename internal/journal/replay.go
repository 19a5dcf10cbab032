package journal

// Replays: deliveries that were sent again. Each is a delivery of its own that names its original.

import (
	"context"
	"database/sql"
	"time"

	"github.com/whctl/whctl/internal/record"
)

// AppendReplay records d, which names its original, with the given jobs in place of those that its targets make. It returns once that is
// durable. It sets d.ID and d.Seq. It fails with a storage fault.
func (j *Journal) AppendReplay(ctx context.Context, d *record.Delivery, jobs []record.Job) error {
	e := newDeliveryEntry(d)
	e.jobs = jobs
	return j.appendDelivery(ctx, e)
}

// Replay says where a delivery was sent again.
type Replay struct {
	Of     string // the id of the original
	ID     string
	Target string
	State  record.JobState
}

// Replays returns the replays that were recorded at or after a time, oldest first. It fails with a storage fault.
func (j *Journal) Replays(ctx context.Context, since time.Time) (list []Replay, err error) {
	format, err := j.format(ctx)
	if err != nil || format < 5 {
		return nil, err
	}
	const query = `SELECT deliveries.id, replay_of, target, state FROM deliveries JOIN jobs ON delivery = deliveries.id
		WHERE deliveries.id >= ? AND received_at >= ? AND replay_of IS NOT NULL ORDER BY deliveries.id`
	err = j.query(ctx, query, []any{idAt(since), clock(since)}, func(rows *sql.Rows) (bool, error) {
		var r Replay
		var id, of int64
		err := rows.Scan(&id, &of, &r.Target, &r.State)
		r.ID, r.Of = formatID(id), formatID(of)
		list = append(list, r)
		return true, err
	})
	return list, err
}

// ReplaysOf returns the ids of the replays of a delivery, oldest first. It fails with a storage fault.
func (j *Journal) ReplaysOf(ctx context.Context, id string) (ids []string, err error) {
	original, ok := parseID(id)
	format, err := j.format(ctx)
	if err != nil || format < 5 || !ok {
		return nil, err
	}
	const query = "SELECT id FROM deliveries INDEXED BY deliveries_facts WHERE id > ? AND replay_of = ? ORDER BY id" // a replay is newer than its original
	err = j.query(ctx, query, []any{original, original}, func(rows *sql.Rows) (bool, error) {
		var replay int64
		err := rows.Scan(&replay)
		ids = append(ids, formatID(replay))
		return true, err
	})
	return ids, err
}

// Newest says whether the file has the newest format. One that is not there yet has. It fails with a storage fault.
func (j *Journal) Newest(ctx context.Context) (bool, error) {
	if j.readers == nil {
		return true, nil
	}
	format, err := j.format(ctx)
	return format == schemaVersion, err
}
