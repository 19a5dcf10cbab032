package journal

// Jobs: written with their delivery, settled with their attempt.

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
)

// Jobs are written with the delivery that makes them and with each attempt at them. The jobs of one profile and one target are a
// lane.

const (
	insertJob = `INSERT OR IGNORE INTO jobs (delivery, target, place, state, due, tries, origin, profile, since, size)
		VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?)`
	// settleJob leaves a job dropped that a user dropped during the try, unless it was delivered.
	settleJob = `UPDATE jobs SET state = iif(state = 'dropped' AND ? <> 'delivered', state, ?), tries = tries + ?, due = coalesce(?, due),
		reason = ?, last_attempt = ? WHERE delivery = ? AND target = ?`

	// notOwed holds for a delivery without an open job, which alone may be dropped.
	notOwed = "NOT EXISTS (SELECT 1 FROM jobs WHERE delivery = deliveries.id AND state IN ('queued', 'sending', 'waiting'))"

	// countOwed counts the deliveries before an id that were passed over when others were dropped.
	countOwed = "SELECT count(DISTINCT delivery) FROM jobs WHERE delivery < ? AND state IN ('queued', 'sending', 'waiting')"
)

// enqueue writes the jobs of a delivery of this commit.
func (c *commit) enqueue(ctx context.Context, delivery int64, jobs []record.Job) error {
	for _, job := range jobs {
		err := c.w.insertJob.exec(ctx, delivery, job.Target, job.Place, string(job.State), clock(job.Due), string(job.Origin),
			job.Profile, clock(job.Since), job.Size)
		if err != nil {
			return err
		}
		if job.State == record.JobQueued {
			job.DeliveryID = formatID(delivery)
			c.w.enqueued = append(c.w.enqueued, job)
		}
	}
	return nil
}

// settlement is what an attempt makes of its job.
type settlement struct {
	state  record.JobState
	tries  int       // how many the attempt counts as: 0 or 1
	due    time.Time // zero: as it was
	reason record.JobReason
}

// settle brings the job of an attempt of this commit to its next state.
func (c *commit) settle(ctx context.Context, r *attemptRow, s settlement) error {
	var due sql.NullInt64
	if !s.due.IsZero() {
		due = sql.NullInt64{Int64: clock(s.due), Valid: true}
	}
	return c.w.settleJob.exec(ctx, string(s.state), string(s.state), s.tries, due, string(s.reason), r.id, r.delivery, r.Target)
}

// JobFilter says which jobs are asked for. Zero values ask for all.
type JobFilter struct {
	Profile  string
	Target   string
	States   []record.JobState
	Delivery string    // its id
	Place    int       // from 1; 0: any
	Before   string    // only jobs of earlier deliveries than this one
	After    string    // only jobs of later deliveries than this one
	Since    time.Time // only jobs whose time began earlier
	Limit    int       // 0: no limit
	Order    JobOrder
}

// JobOrder is the order in which jobs are given.
type JobOrder int

// The orders. Jobs of one delivery are in the order of its targets, or the other way round.
const (
	OldestFirst JobOrder = iota // by delivery
	NewestFirst
	DueFirst
)

// sql is the order as SQL.
func (o JobOrder) sql() string {
	switch o {
	case NewestFirst:
		return "delivery DESC, place DESC"
	case DueFirst:
		return "due, delivery, place"
	case OldestFirst:
	}
	return "delivery, place"
}

// order is what stands behind the conditions.
func (f *JobFilter) order() string {
	text := " ORDER BY " + f.Order.sql()
	if f.Limit > 0 {
		text += fmt.Sprintf(" LIMIT %d", f.Limit)
	}
	return text
}

// where is the filter as SQL with its arguments. States stand in the text, so that SQLite finds the index of each.
func (f *JobFilter) where() (string, []any, error) {
	list := []string{"true"}
	var args []any
	add := func(condition string, arg any) {
		list, args = append(list, condition), append(args, arg)
	}
	if f.Profile != "" {
		add("jobs.profile = ?", f.Profile)
	}
	if f.Target != "" {
		add("target = ?", f.Target)
	}
	if len(f.States) > 0 {
		var in []string
		for _, s := range f.States {
			in = append(in, "'"+string(s)+"'")
		}
		if len(in) == 1 {
			list = append(list, "state = "+in[0])
		} else {
			list = append(list, "state IN ("+strings.Join(in, ", ")+")")
		}
	}
	for _, at := range []struct{ id, condition string }{{f.Delivery, "delivery = ?"}, {f.Before, "delivery < ?"}, {f.After, "delivery > ?"}} {
		if at.id == "" {
			continue
		}
		n, ok := parseID(at.id)
		if !ok {
			return "", nil, fault.New(fault.Internal, "%q is no id of a delivery", at.id)
		}
		add(at.condition, n)
	}
	if !f.Since.IsZero() {
		add("since < ?", clock(f.Since))
	}
	if f.Place > 0 {
		add("place = ?", f.Place-1)
	}
	return strings.Join(list, " AND "), args, nil
}

// Jobs returns the jobs that f asks for. It fails with a storage fault.
func (j *Journal) Jobs(ctx context.Context, f JobFilter) ([]record.Job, error) {
	where, args, err := f.where()
	if err != nil {
		return nil, err
	}
	var out []record.Job
	err = j.query(ctx, "SELECT "+jobColumns+" FROM jobs WHERE "+where+f.order(), args, func(rows *sql.Rows) (bool, error) {
		job, err := scanJob(rows)
		out = append(out, job)
		return true, err
	})
	return out, err
}

// jobColumns are what scanJob reads.
const jobColumns = "jobs.delivery, jobs.profile, jobs.target, place, state, due, since, tries, jobs.size, jobs.origin, jobs.reason"

// scanJob reads a row. more are where columns behind those of the job are read into.
func scanJob(rows *sql.Rows, more ...any) (record.Job, error) {
	var job record.Job
	var delivery, due, since int64
	err := rows.Scan(append([]any{
		&delivery, &job.Profile, &job.Target, &job.Place, &job.State, &due, &since, &job.Tries, &job.Size, &job.Origin, &job.Reason,
	}, more...)...)
	job.DeliveryID, job.Due, job.Since = formatID(delivery), unclock(due), unclock(since)
	return job, err
}

// Lanes returns the lanes of a profile, or of all for "", that have an open or a dead job, or are paused. It fails with a storage fault.
func (j *Journal) Lanes(ctx context.Context, profile string) ([]record.Lane, error) {
	const query = `SELECT profile, target, sum(open), sum(bytes), min(oldest), sum(dead), sum(paused) FROM (
		SELECT profile, target, count(*) AS open, sum(size) AS bytes, min(delivery) AS oldest, 0 AS dead, 0 AS paused
			FROM jobs WHERE state = 'queued' GROUP BY profile, target UNION ALL
		SELECT profile, target, count(*), sum(size), min(delivery), 0, 0 FROM jobs WHERE state = 'waiting' GROUP BY profile, target UNION ALL
		SELECT profile, target, 0, 0, NULL, count(*), 0 FROM jobs WHERE state = 'dead' GROUP BY profile, target UNION ALL
		SELECT profile, target, 0, 0, NULL, 0, 1 FROM lanes) WHERE ?1 IN ('', profile) GROUP BY profile, target ORDER BY profile, target`
	var out []record.Lane
	err := j.query(ctx, query, []any{profile}, func(rows *sql.Rows) (bool, error) {
		var l record.Lane
		var oldest sql.NullInt64
		err := rows.Scan(&l.Profile, &l.Target, &l.Open, &l.Bytes, &oldest, &l.Dead, &l.Paused)
		if oldest.Valid {
			l.Oldest = timeOf(oldest.Int64)
		}
		out = append(out, l)
		return true, err
	})
	return out, err
}

// JobTargets returns the targets that jobs of a profile have or had. It reads all jobs. It fails with a storage fault.
func (j *Journal) JobTargets(ctx context.Context, profile string) (out []string, err error) {
	err = j.query(ctx, "SELECT DISTINCT target FROM jobs WHERE profile = ? ORDER BY target", []any{profile}, func(rows *sql.Rows) (bool, error) {
		var name string
		err := rows.Scan(&name)
		out = append(out, name)
		return true, err
	})
	return out, err
}

// JobChange is what a user does to jobs. None of them touches a job that is answering a sender.
type JobChange int

// The changes.
const (
	RetryJobs  JobChange = iota // it is tried at once, with all its time before it
	DropJobs                    // it is not tried any more
	DropOpen                    // the same, unless it is over
	CutOff                      // it was answering a sender when its process ended
	ExpireJobs                  // the time to deliver it is over
)

// statement is the change as SQL, and the states that it applies to.
func (c JobChange) statement() (set string, from string) {
	switch c {
	case RetryJobs: // jobs that were over before there was a queue have no lane yet
		return `state = 'queued', tries = 0, reason = '', origin = 'retry', due = ?, since = ?,
			profile = coalesce((SELECT profile FROM deliveries WHERE id = delivery), profile),
			size = coalesce((SELECT size FROM deliveries WHERE id = delivery), size)`, "state NOT IN ('queued', 'sending', 'delivered')"
	case DropJobs:
		return "state = 'dropped', reason = ''", "state IN ('queued', 'waiting', 'dead', 'failed', 'interrupted')"
	case DropOpen:
		return "state = 'dropped'", "state IN ('queued', 'waiting')"
	case CutOff:
		return "state = 'interrupted'", "state = 'sending'"
	case ExpireJobs:
		return "state = 'dead', reason = 'expired'", "state IN ('queued', 'waiting')"
	}
	return "", ""
}

// ChangeJobs changes the jobs that f asks for, as far as their state allows it, and returns them as they are then. It fails with a
// storage fault.
func (j *Journal) ChangeJobs(ctx context.Context, f JobFilter, change JobChange) (changed []record.Job, err error) {
	where, args, err := f.where()
	if err != nil {
		return nil, err
	}
	set, from := change.statement()
	err = j.do(ctx, func(w *writer) error {
		args := args
		if change == RetryJobs {
			now := clock(w.now())
			args = append([]any{now, now}, args...)
		}
		return w.transact(ctx, w.tuning.stepWait, func() error {
			changed = nil
			rows, err := w.conn.QueryContext(ctx, fmt.Sprintf("UPDATE jobs SET %s WHERE %s AND %s RETURNING %s", set, from, where, jobColumns), args...)
			if err != nil {
				return err
			}
			defer func() { _ = rows.Close() }()
			for rows.Next() {
				job, err := scanJob(rows)
				if err != nil {
					return err
				}
				changed = append(changed, job)
			}
			return rows.Err()
		})
	})
	sort.Slice(changed, func(i, j int) bool {
		a, b := &changed[i], &changed[j]
		return cmp.Or(cmp.Compare(a.DeliveryID, b.DeliveryID), cmp.Compare(a.Place, b.Place)) < 0
	})
	return changed, storage(err, j.path, "change the jobs")
}

// PauseLane keeps the owner of a lane from sending, until ResumeLane or the owner's next start. It fails with a storage fault.
func (j *Journal) PauseLane(ctx context.Context, profile, target string) error {
	return j.setLane(ctx, "INSERT OR IGNORE INTO lanes (profile, target) VALUES (?, ?)", profile, target)
}

// ResumeLane undoes PauseLane. It fails with a storage fault.
func (j *Journal) ResumeLane(ctx context.Context, profile, target string) error {
	return j.setLane(ctx, "DELETE FROM lanes WHERE profile = ? AND target = ?", profile, target)
}

func (j *Journal) setLane(ctx context.Context, statement, profile, target string) error {
	err := j.do(ctx, func(w *writer) error {
		return w.transact(ctx, w.tuning.stepWait, func() error {
			_, err := w.conn.ExecContext(ctx, statement, profile, target)
			return err
		})
	})
	return storage(err, j.path, "change the lane")
}
