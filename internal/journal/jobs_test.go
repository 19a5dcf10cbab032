package journal

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
)

// handedOn records a delivery of an event for some targets, and brings its jobs to a state.
func handedOn(t testing.TB, j *Journal, at time.Time, event string, state record.JobState, targets ...string) *record.Delivery {
	t.Helper()
	d := delivery(at, event)
	d.Targets = targets
	appendTest(t, j, d)
	for place, target := range targets {
		job := record.Job{DeliveryID: d.ID, Profile: d.Profile, Target: target, Place: place, State: record.JobQueued, Due: at, Since: at}
		next := job
		next.State, next.Tries = state, 1
		if state == record.JobDead {
			next.Reason = record.ReasonRefused
		}
		a := &record.Attempt{DeliveryID: d.ID, Target: target, StartedAt: at, Status: 410, Outcome: record.OutcomeRefused, Origin: record.OriginForward}
		if err := j.Backlog(d.Profile, TakeUp).AppendTry(t.Context(), a, job, next); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// listedJobs gives the ids and states of the jobs that f asks for.
func listedJobs(t testing.TB, j *Journal, f JobFilter) (out []string) {
	t.Helper()
	err := j.EachJob(t.Context(), f, func(l *ListedJob) error {
		out = append(out, l.ID()+" "+string(l.State))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestNamedJobs(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openTest(t, Options{Now: c.now})
	first := handedOn(t, j, c.now(), "evt.1", record.JobDead, "one", "two")
	c.add(time.Hour)
	again := handedOn(t, j, c.now(), "evt.1", record.JobQueued, "one")
	c.add(time.Hour)
	refused := appendTest(t, j, delivery(c.now(), "evt.2"))
	for _, q := range []struct {
		text string
		want []string
	}{
		{first.ID, []string{first.ID + ".2", first.ID + ".1"}},
		{first.ID + ".2", []string{first.ID + ".2"}},
		{strings.ToUpper(first.ID) + ".1", []string{first.ID + ".1"}},
		{"last~2.1", []string{first.ID + ".1"}},
		{"last~1", []string{again.ID + ".1"}},
		{"evt.1", []string{again.ID + ".1", first.ID + ".2", first.ID + ".1"}},
		{shortest(again.ID, []string{first.ID, again.ID, refused.ID}), []string{again.ID + ".1"}},
	} {
		jobs, err := j.NamedJobs(t.Context(), "baanx", q.text)
		var got []string
		for i := range jobs {
			got = append(got, jobs[i].ID())
		}
		if err != nil || !slices.Equal(got, q.want) {
			t.Errorf("%s names %q, %v, want %q", q.text, got, err, q.want)
		}
	}
	for text, kind := range map[string]fault.Kind{
		"": fault.Usage, "last~x": fault.Usage, first.ID[:2]: fault.Usage,
		"nobody": fault.Refused, "evt.3": fault.Refused, "last": fault.Refused, first.ID + ".3": fault.Refused, first.ID + ".0": fault.Refused, first.ID + ".01": fault.Refused,
	} {
		jobs, err := j.NamedJobs(t.Context(), "baanx", text)
		if len(jobs) > 0 {
			t.Errorf("%q names %d jobs", text, len(jobs))
		}
		wantFault(t, err, kind)
	}
	if jobs, err := j.NamedJobs(t.Context(), "sandbox", again.ID); err != nil || len(jobs) != 1 {
		t.Errorf("a whole id is found in any profile, not %d jobs, %v", len(jobs), err)
	}
	_, err := j.NamedJobs(t.Context(), "sandbox", "evt.1")
	wantFault(t, err, fault.Refused)
}

// TestChangeDead has more dead jobs than are changed at once, of several targets.
func TestChangeDead(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openTest(t, Options{Now: c.now})
	const n = walkRows + 10
	for i := range n {
		handedOn(t, j, c.now(), fmt.Sprint("e", i), record.JobDead, "one", "two")
	}
	handedOn(t, j, c.now(), "open", record.JobQueued, "one")
	seen := map[string]int{}
	count := func(jobs []record.Job) error {
		for i := range jobs {
			if jobs[i].State == record.JobQueued && jobs[i].Tries == 0 && jobs[i].Origin == record.OriginRetry && jobs[i].Reason == "" {
				seen[jobs[i].Target]++
			}
		}
		return nil
	}
	if err := j.ChangeDead(t.Context(), "baanx", "two", RetryJobs, count); err != nil || seen["two"] != n || len(seen) != 1 {
		t.Errorf("for one target: %v, %v", seen, err)
	}
	if err := j.ChangeDead(t.Context(), "sandbox", "", RetryJobs, count); err != nil || seen["one"] != 0 {
		t.Errorf("of another profile: %v, %v", seen, err)
	}
	if err := j.ChangeDead(t.Context(), "baanx", "", RetryJobs, count); err != nil || seen["one"] != n || seen["two"] != n {
		t.Errorf("of all targets: %v, %v", seen, err)
	}
	if open := listedJobs(t, j, JobFilter{Profile: "baanx", States: []record.JobState{record.JobQueued}}); len(open) != 2*n+1 {
		t.Errorf("%d are queued", len(open))
	}
}

// TestChangeDeadOnce has jobs die again while others are tried again: each is changed once.
func TestChangeDeadOnce(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openTest(t, Options{Now: c.now})
	for range 3 {
		handedOn(t, j, c.now(), "e", record.JobDead, "one")
	}
	seen := 0
	err := j.ChangeDead(t.Context(), "baanx", "one", RetryJobs, func(jobs []record.Job) error {
		for _, job := range jobs {
			if seen++; seen > 3 {
				return fault.New(fault.Internal, "job %s is changed twice", job.ID())
			}
			dead := job
			dead.State = record.JobDead
			a := &record.Attempt{DeliveryID: job.DeliveryID, Target: job.Target, StartedAt: c.now(), Outcome: record.OutcomeRefused, Origin: job.Origin}
			if err := j.Backlog("baanx", TakeUp).AppendTry(t.Context(), a, job, dead); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || seen != 3 {
		t.Errorf("%d were changed, %v", seen, err)
	}
}

// TestEachJob lists more jobs than are read at once, newest first, by state.
func TestEachJob(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openTest(t, Options{Now: c.now})
	states := []record.JobState{record.JobQueued, record.JobDead, record.JobDelivered, record.JobWaiting}
	var all, due []string
	for i := range 2*walkRows + 3 {
		s := states[i%len(states)]
		d := handedOn(t, j, c.now(), "e", s, "one")
		all = append(all, d.ID+".1 "+string(s))
		if s != record.JobDelivered {
			due = append(due, d.ID+".1 "+string(s))
		}
	}
	slices.Reverse(all)
	slices.Reverse(due)
	if got := listedJobs(t, j, JobFilter{}); !slices.Equal(got, all) {
		t.Errorf("%d jobs, want %d, the first %q", len(got), len(all), got[:3])
	}
	open := []record.JobState{record.JobDead, record.JobWaiting, record.JobQueued}
	if got := listedJobs(t, j, JobFilter{Profile: "baanx", Target: "one", States: open}); !slices.Equal(got, due) {
		t.Errorf("%d jobs in some states, want %d", len(got), len(due))
	}
	if got := listedJobs(t, j, JobFilter{States: open, Limit: 2}); !slices.Equal(got, due[:2]) {
		t.Errorf("the newest are %q, want %q", got, due[:2])
	}
}

// TestLaneOwner asks who owns a lane: it is told of an owner in this process, and keeps nobody from becoming one.
func TestLaneOwner(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
	b := j.Backlog("baanx", TakeUp)
	if _, owned, err := j.LaneOwner("baanx", "one"); owned || err != nil {
		t.Errorf("before anybody owns it: %t, %v", owned, err)
	}
	lane, err := b.Own(t.Context(), "one")
	if lane == nil || err != nil {
		t.Fatal(lane, err)
	}
	for _, q := range []struct {
		profile, target string
		want            bool
	}{{"baanx", "one", true}, {"baanx", "two", false}, {"sandbox", "one", false}} {
		if _, owned, err := j.LaneOwner(q.profile, q.target); owned != q.want || err != nil {
			t.Errorf("%s of %s: %t, %v", q.target, q.profile, owned, err)
		}
	}
	lane.Release()
	for range 100 {
		if _, owned, err := j.LaneOwner("baanx", "one"); owned || err != nil {
			t.Fatalf("after its owner let go: %t, %v", owned, err)
		}
		lane, err := b.Own(t.Context(), "one")
		if lane == nil || err != nil {
			t.Fatal(lane, err)
		}
		lane.Release()
	}
}

// TestQueueOfOldFormats reads files of earlier versions, the first three of which have no queue, and has the jobs of such a file tried again once it is migrated:
// they come into the lane of their delivery's profile.
func TestQueueOfOldFormats(t *testing.T) {
	t.Parallel()
	for format := 1; format < schemaVersion; format++ {
		path := oldFile(t, format)
		old := openAt(t, path, Options{ReadOnly: true})
		if has, err := old.HasQueue(t.Context()); has != (format >= 4) || err != nil {
			t.Errorf("format %d: %t, %v", format, has, err)
		}
		j := openAt(t, path, Options{MaxAge: -1})
		if has, err := j.HasQueue(t.Context()); !has || err != nil {
			t.Errorf("format %d, migrated: %t, %v", format, has, err)
		}
		jobs, err := j.NamedJobs(t.Context(), "baanx", "evt_10")
		if err != nil || len(jobs) != 1 || jobs[0].State != record.JobFailed {
			t.Fatalf("format %d: %v, %v", format, jobs, err)
		}
		changed, err := j.ChangeJobs(t.Context(), JobFilter{Delivery: jobs[0].DeliveryID}, RetryJobs)
		if err != nil || len(changed) != 1 || changed[0].Profile != "baanx" || changed[0].Size != 41 {
			t.Errorf("format %d: %+v, %v", format, changed, err)
		}
		if queued, err := j.Backlog("baanx", TakeUp).Queued(t.Context(), jobs[0].Target, 10); err != nil || len(queued) != 1 {
			t.Errorf("format %d: %d jobs wait in the lane, %v", format, len(queued), err)
		}
	}
}
