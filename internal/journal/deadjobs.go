package journal

// All dead jobs, changed together.

import (
	"context"

	"github.com/whctl/whctl/internal/record"
)

// ChangeDead changes the dead jobs of a profile, of one target or, for "", of all. It calls fn with those that it changed, as they are
// then, target by target and the oldest first. It changes some at a time, so that a listener that records deliveries meanwhile is not
// held up, and leaves jobs that die meanwhile. An error of fn ends it and is returned, others are storage faults.
func (j *Journal) ChangeDead(ctx context.Context, profile, target string, change JobChange, fn func([]record.Job) error) error {
	lanes, err := j.Lanes(ctx, profile)
	if err != nil {
		return err
	}
	for _, l := range lanes {
		if target != "" && l.Target != target || l.Dead == 0 {
			continue
		}
		if err := j.changeDead(ctx, l, change, fn); err != nil {
			return err
		}
	}
	return nil
}

// changeDead changes the dead jobs of one lane, whose index has them in order.
func (j *Journal) changeDead(ctx context.Context, l record.Lane, change JobChange, fn func([]record.Job) error) error {
	f := JobFilter{Profile: l.Profile, Target: l.Target, States: []record.JobState{record.JobDead}, Order: NewestFirst, Limit: 1}
	newest, err := j.Jobs(ctx, f)
	if err != nil || len(newest) == 0 {
		return err
	}
	end := following(newest[0].DeliveryID)
	f.Order, f.Limit = OldestFirst, walkRows
	for {
		f.Before = end
		next, err := j.Jobs(ctx, f)
		if err != nil || len(next) == 0 {
			return err
		}
		last := next[len(next)-1].DeliveryID
		some := f
		some.Before = following(last)
		changed, err := j.ChangeJobs(ctx, some, change)
		if err == nil {
			err = fn(changed)
		}
		if err != nil {
			return err
		}
		f.After = last
	}
}

// following is the id after another.
func following(id string) string {
	n, _ := parseID(id)
	return formatID(n + 1)
}
