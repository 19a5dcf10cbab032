package journal

// What the targets answered to many deliveries.

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"

	"github.com/whctl/whctl/internal/record"
)

const jobsOf = "SELECT " + jobColumns + `, coalesce(a.status, 0), coalesce(a.outcome, ''), coalesce(a.error, '')
	FROM json_each(?) AS k CROSS JOIN jobs ON jobs.delivery = k.value LEFT JOIN attempts AS a ON a.id = jobs.last_attempt ORDER BY jobs.delivery, place`

// JobsOf gives the jobs of some deliveries by the delivery's id, in the order of its targets, each with how its last attempt ended. A file
// of a format without a queue has them as its attempts tell. It fails with a storage fault.
func (j *Journal) JobsOf(ctx context.Context, deliveries []*record.Delivery) (map[string][]ListedJob, error) {
	format, err := j.format(ctx)
	if err != nil {
		return nil, err
	}
	if format < 4 {
		return j.attemptedJobs(ctx, deliveries)
	}
	seqs := make([]int64, len(deliveries))
	for i, d := range deliveries {
		seqs[i] = d.Seq
	}
	list, _ := json.Marshal(seqs) // numbers cannot fail
	out := map[string][]ListedJob{}
	err = j.query(ctx, jobsOf, []any{string(list)}, func(rows *sql.Rows) (bool, error) {
		var l ListedJob
		var err error
		l.Job, err = scanJob(rows, &l.Status, &l.Outcome, &l.Error)
		out[l.DeliveryID] = append(out[l.DeliveryID], l)
		return true, err
	})
	return out, err
}

// attemptedJobs makes jobs of the targets of deliveries and of their attempts.
func (j *Journal) attemptedJobs(ctx context.Context, deliveries []*record.Delivery) (map[string][]ListedJob, error) {
	out := map[string][]ListedJob{}
	for _, d := range deliveries {
		attempts, err := j.Attempts(ctx, d.ID)
		if err != nil {
			return nil, err
		}
		for place, target := range d.Targets {
			l := ListedJob{Job: record.Job{DeliveryID: d.ID, Profile: d.Profile, Target: target, Place: place, State: record.JobInterrupted}}
			for i := range attempts {
				if a := &attempts[i]; a.Target == target {
					l.Tries, l.State, l.Status, l.Outcome, l.Error = a.Number, a.Outcome.Once(), a.Status, a.Outcome, a.Error
				}
			}
			out[d.ID] = append(out[d.ID], l)
		}
	}
	return out, nil
}

// MostTelling is the job that says most about what came of a delivery: one that is dead before one that failed, that waits, that was
// dropped, and one that was delivered last. It is nil without jobs.
func MostTelling(jobs []ListedJob) (most *ListedJob) {
	for i := range jobs {
		if l := &jobs[i]; most == nil || telling(l.State) < telling(most.State) {
			most = l
		}
	}
	return most
}

func telling(s record.JobState) int {
	return slices.Index([]record.JobState{
		record.JobDead, record.JobFailed, record.JobInterrupted, record.JobWaiting, record.JobSending, record.JobQueued, record.JobDropped, record.JobDelivered,
	}, s)
}
