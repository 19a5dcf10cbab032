package journal

// Jobs as people list them: with their event and how their last try ended.

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"time"

	"github.com/whctl/whctl/internal/record"
)

// ListedJob is a job with what people know it by.
type ListedJob struct {
	record.Job

	EventType  string
	ReceivedAt time.Time
	Status     int                // of the last answer; 0 for none
	Outcome    record.OutcomeKind // of the last attempt; "" before the first
	Error      string             // why it had no answer; JobsOf alone gives it
}

// HasQueue says whether the file is of a format with a queue. It fails with a storage fault.
func (j *Journal) HasQueue(ctx context.Context) (bool, error) {
	if j.readers == nil { // there is no file yet
		return true, nil
	}
	format, err := j.format(ctx)
	return format >= 4, err
}

// EachJob calls fn for every job that f asks for, newest first, and holds only a few in memory. What is no longer as f asks when its turn
// comes is left out. An error of fn ends it and is returned, others are storage faults.
func (j *Journal) EachJob(ctx context.Context, f JobFilter, fn func(*ListedJob) error) error {
	f.Order = NewestFirst
	keys, err := j.jobKeys(ctx, f)
	if err != nil {
		return err
	}
	for batch := range slices.Chunk(keys, walkRows) {
		jobs, err := j.listed(ctx, batch)
		if err != nil {
			return err
		}
		for i := range jobs {
			if len(f.States) > 0 && !slices.Contains(f.States, jobs[i].State) {
				continue
			}
			if err := fn(&jobs[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// CountJobs is how many jobs f asks for, whatever its limit. It fails with a storage fault.
func (j *Journal) CountJobs(ctx context.Context, f JobFilter) (n int, err error) {
	err = j.ofEachState(ctx, "count(*)", "", f, func(rows *sql.Rows, _ record.JobState) error {
		var some int
		err := rows.Scan(&some)
		n += some
		return err
	})
	return n, err
}

// ofEachState reads columns of the jobs that f asks for, in an order as SQL says it; f's own and its limit do not count. It asks for each
// state on its own, as each that is looked for often has an index. fn gets that state, "" where f has none.
func (j *Journal) ofEachState(ctx context.Context, columns, order string, f JobFilter, fn func(rows *sql.Rows, state record.JobState) error) error {
	states := f.States
	if len(states) == 0 {
		states = []record.JobState{""}
	}
	for _, s := range states {
		if f.States = []record.JobState{s}; s == "" {
			f.States = nil
		}
		where, args, err := f.where()
		if err != nil {
			return err
		}
		err = j.query(ctx, "SELECT "+columns+" FROM jobs WHERE "+where+order, args, func(rows *sql.Rows) (bool, error) { return true, fn(rows, s) })
		if err != nil {
			return err
		}
	}
	return nil
}

// jobKey is the delivery and the place of a job.
type jobKey [2]int64

// jobKeys gives the keys of the jobs that f asks for.
func (j *Journal) jobKeys(ctx context.Context, f JobFilter) (keys []jobKey, err error) {
	err = j.ofEachState(ctx, "delivery, place", f.order(), f, func(rows *sql.Rows, _ record.JobState) error {
		var k jobKey
		err := rows.Scan(&k[0], &k[1])
		keys = append(keys, k)
		return err
	})
	slices.SortFunc(keys, func(a, b jobKey) int { return cmp.Or(cmp.Compare(b[0], a[0]), cmp.Compare(b[1], a[1])) })
	if f.Limit > 0 {
		keys = keys[:min(len(keys), f.Limit)]
	}
	return keys, err
}

const listJobs = "SELECT " + jobColumns + `, d.event_type, d.received_at, coalesce(a.status, 0), coalesce(a.outcome, '')
	FROM json_each(?) AS k CROSS JOIN jobs ON jobs.delivery = json_extract(k.value, '$[0]') AND jobs.place = json_extract(k.value, '$[1]')
	JOIN deliveries AS d ON d.id = jobs.delivery LEFT JOIN attempts AS a ON a.id = jobs.last_attempt ORDER BY k.key`

// listed reads jobs by their keys.
func (j *Journal) listed(ctx context.Context, keys []jobKey) (out []ListedJob, err error) {
	list, _ := json.Marshal(keys) // numbers cannot fail
	err = j.query(ctx, listJobs, []any{string(list)}, func(rows *sql.Rows) (bool, error) {
		var l ListedJob
		var received int64
		var err error
		l.Job, err = scanJob(rows, &l.EventType, &received, &l.Status, &l.Outcome)
		l.ReceivedAt = unclock(received)
		out = append(out, l)
		return true, err
	})
	return out, err
}
