package journal

import (
	"slices"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/record"
)

// TestReplaysNameTheirOriginal records replays as a lane and as whoever sends directly records them, and asks for those of a run.
func TestReplaysNameTheirOriginal(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openTest(t, Options{Now: c.now})
	first := appendTest(t, j, delivery(c.now(), "evt.1"))
	replay := func(state record.JobState, target string) *record.Delivery {
		t.Helper()
		d := delivery(c.now(), "evt.1")
		d.ReplayOf, d.Targets = first.ID, []string{target}
		job := d.Job(target, record.OriginReplay)
		job.State = state
		if err := j.AppendReplay(t.Context(), d, []record.Job{job}); err != nil {
			t.Fatal(err)
		}
		return d
	}
	replay(record.JobQueued, "before")
	c.add(time.Minute)
	begun := c.now()
	queued, sent := replay(record.JobQueued, "lane"), replay(record.JobSending, "direct")
	cut := replay(record.JobSending, "direct")
	err := j.AppendAttempts(t.Context(), &record.Attempt{DeliveryID: sent.ID, Target: "direct", StartedAt: begun, Origin: record.OriginReplay, Status: 200, Outcome: record.OutcomeDelivered})
	if err != nil {
		t.Fatal(err)
	}
	got, err := j.Replays(t.Context(), begun)
	want := []Replay{
		{first.ID, queued.ID, "lane", record.JobQueued}, {first.ID, sent.ID, "direct", record.JobDelivered}, {first.ID, cut.ID, "direct", record.JobSending},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("replays %v, %v, want %v", got, err, want)
	}
	if queued.Duplicate != nil {
		t.Errorf("a replay is a duplicate: %v", queued.Duplicate)
	}
	jobs, err := j.Jobs(t.Context(), JobFilter{Delivery: queued.ID})
	if err != nil || len(jobs) != 1 || jobs[0].Origin != record.OriginReplay || jobs[0].Size != queued.Size {
		t.Errorf("jobs %v, %v", jobs, err)
	}
	if newest, err := j.Newest(t.Context()); err != nil || !newest {
		t.Errorf("newest: %v, %v", newest, err)
	}
}
