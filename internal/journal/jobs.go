package journal

// Jobs: written with their delivery, settled with their attempt.

import (
	"context"

	"github.com/whctl/whctl/internal/record"
)

const (
	insertJob = "INSERT OR IGNORE INTO jobs (delivery, target, place, state, due, tries, origin) VALUES (?, ?, ?, ?, ?, 0, ?)"
	settleJob = "UPDATE jobs SET state = ?, tries = tries + 1, last_attempt = ? WHERE delivery = ? AND target = ?"

	// notOwed holds for a delivery without an open job, which alone may be dropped.
	notOwed = "NOT EXISTS (SELECT 1 FROM jobs WHERE delivery = deliveries.id AND state IN ('queued', 'sending', 'waiting'))"

	// countOwed counts the deliveries before an id that were passed over when others were dropped.
	countOwed = "SELECT count(DISTINCT delivery) FROM jobs WHERE delivery < ? AND state IN ('queued', 'sending', 'waiting')"
)

// enqueue writes the jobs of a delivery of this commit.
func (c *commit) enqueue(ctx context.Context, delivery int64, jobs []record.Job) error {
	for place, job := range jobs {
		_, err := c.w.insertJob.ExecContext(ctx, delivery, job.Target, place, string(job.State), clock(job.Due), string(job.Origin))
		if err != nil {
			return err
		}
	}
	return nil
}

// settle ends the job of an attempt of this commit. Each job is tried once.
func (c *commit) settle(ctx context.Context, r *attemptRow) error {
	_, err := c.w.settleJob.ExecContext(ctx, string(r.Outcome.Once()), r.id, r.delivery, r.Target)
	return err
}
