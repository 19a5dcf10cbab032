package journal

// The lanes of a queue over a real journal.

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/queue"
	"github.com/whctl/whctl/internal/queue/queuetest"
	"github.com/whctl/whctl/internal/record"
)

// laneStore shows lanes over a journal to the suite of all stores. A job of a lane is due as soon as it is recorded, so one that is due
// later is one whose try failed.
type laneStore struct {
	path    string
	journal *Journal
	backlog *Backlog
	lanes   *queue.Lanes
	targets map[string]string // of deliveries
	begun   time.Time
}

func (s *laneStore) open(t *testing.T) {
	t.Helper()
	s.journal = openAt(t, s.path, Options{})
	s.backlog = s.journal.Backlog("baanx", TakeUp)
	s.lanes = queue.NewLanes(s.backlog, queue.Policy{Width: 1, GiveUp: time.Hour, Now: time.Now, Rand: queue.NoJitter})
	s.backlog.Notify(func(jobs []record.Job, others bool) {
		if others {
			s.lanes.Missing(jobs[0].DeliveryID)
		}
		s.lanes.Added(jobs)
	})
	for _, target := range []string{"one", "two", "three"} {
		s.lanes.Own(target, false)
	}
}

func TestLanes(t *testing.T) {
	t.Parallel()
	queuetest.Run(t, func(t *testing.T) queuetest.Store {
		t.Helper()
		s := &laneStore{path: filepath.Join(t.TempDir(), "journal.db"), targets: map[string]string{}, begun: time.Now()}
		s.open(t)
		return s
	})
}

func (s *laneStore) Add(t *testing.T, target string, due time.Time) string {
	t.Helper()
	d := delivery(s.begun, fmt.Sprint("e", len(s.targets)))
	d.Targets, d.Answer = []string{target}, 200
	appendTest(t, s.journal, d)
	s.targets[d.ID] = target
	s.Again(t, d.ID, due)
	return d.ID
}

func (s *laneStore) Again(t *testing.T, id string, due time.Time) {
	t.Helper()
	s.finish(t, id, record.JobWaiting, due)
}

func (s *laneStore) End(t *testing.T, id string) {
	t.Helper()
	s.finish(t, id, record.JobDelivered, time.Time{})
}

// finish has a try of a job come to an end.
func (s *laneStore) finish(t *testing.T, id string, state record.JobState, due time.Time) {
	t.Helper()
	target := s.targets[id]
	if _, _, err := s.lanes.Due(queue.Lane{Name: target}, s.begun, 1); err != nil { // it reads them
		t.Fatal(err)
	}
	before, _, ok := s.lanes.Begin(record.Job{DeliveryID: id, Target: target})
	if !ok {
		t.Fatalf("%s is not there", id)
	}
	next := before
	next.State, next.Due = state, due
	next.Tries++
	a := &record.Attempt{DeliveryID: id, Target: target, StartedAt: s.begun, Outcome: record.OutcomeFailed}
	if err := s.backlog.AppendTry(t.Context(), a, before, next); err != nil {
		t.Fatal(err)
	}
	s.lanes.Finish(next)
}

func (s *laneStore) Due(t *testing.T, target string, now time.Time, n int) (ids []string, next time.Time) {
	t.Helper()
	jobs, next, err := s.lanes.Due(queue.Lane{Name: target}, now, n)
	if err != nil {
		t.Fatal(err)
	}
	for _, job := range jobs {
		ids = append(ids, job.DeliveryID)
	}
	return ids, next
}

func (s *laneStore) Reopen(t *testing.T) {
	t.Helper()
	if err := s.journal.Close(); err != nil {
		t.Fatal(err)
	}
	s.open(t)
}

// owed records a delivery for a target.
func owed(t *testing.T, j *Journal, target string, answer int) {
	t.Helper()
	d := delivery(j.writer.now(), "")
	d.Targets, d.Answer = []string{target}, answer
	appendTest(t, j, d)
}

func states(t *testing.T, j *Journal) (out []record.JobState) {
	t.Helper()
	jobs, err := j.Jobs(t.Context(), JobFilter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, job := range jobs {
		out = append(out, job.State)
	}
	return out
}

func wantStates(t *testing.T, when string, j *Journal, want ...record.JobState) {
	t.Helper()
	if got := states(t, j); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s the jobs are %v, want %v", when, got, want)
	}
}

// TestOneOwnerOfALane has two listeners on one journal. The second takes the lane over when the first ends. What the first left is cut
// off or goes on, whatever the second recorded meanwhile; a user's pause stays.
func TestOneOwnerOfALane(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	one, two := openAt(t, path, Options{}), openAt(t, path, Options{})
	first, second := one.Backlog("baanx", TakeUp), two.Backlog("baanx", TakeUp)
	lane, err := first.Own(t.Context(), "a")
	if err != nil || lane == nil {
		t.Fatalf("the first owns %+v, %v", lane, err)
	}
	if l, err := second.Own(t.Context(), "a"); err != nil || l != nil {
		t.Errorf("the second owns %+v, %v", l, err)
	}
	if l, err := second.Own(t.Context(), "b"); err != nil || l == nil {
		t.Errorf("the second owns no other lane: %v", err)
	}
	owed(t, one, "a", 0)   // it answers its sender
	owed(t, one, "a", 200) // it is queued
	owed(t, one, "b", 0)
	if err := one.PauseLane(t.Context(), "baanx", "a"); err != nil {
		t.Fatal(err)
	}
	lane.Release()
	taken, err := second.Own(t.Context(), "a")
	if err != nil || taken == nil || taken.Interrupted != 1 || taken.Dropped != 0 || !taken.Paused {
		t.Errorf("the second takes over %+v, %v", taken, err)
	}
	wantStates(t, "then", two, record.JobInterrupted, record.JobQueued, record.JobSending)
	if err := second.Resume(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	taken.Release()
	if again, err := first.Own(t.Context(), "a"); err != nil || again == nil || again.Paused || again.Interrupted != 0 {
		t.Errorf("the first takes it back: %+v, %v", again, err)
	}
}

// TestLanesOfOthers: whoever can write in the folder of the locks could own any lane, so that it is not used.
func TestLanesOfOthers(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	b := openAt(t, path, Options{}).Backlog("baanx", TakeUp)
	if err := os.Mkdir(path+"-lanes", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path+"-lanes", 0o777); err != nil {
		t.Fatal(err)
	}
	if lane, err := b.Own(t.Context(), "a"); fault.KindOf(err) != fault.Storage || lane != nil {
		t.Errorf("%+v, %v", lane, err)
	}
}

// TestJobsOfOtherRuns are dropped by a run that has nothing to do with them.
func TestJobsOfOtherRuns(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openTest(t, Options{Now: c.now})
	owed(t, j, "a", 200)
	owed(t, j, "b", 200)
	c.add(time.Second)
	b := j.Backlog("baanx", DropThem)
	c.add(time.Second)
	owed(t, j, "a", 200)
	lane, err := b.Own(t.Context(), "a")
	if err != nil || lane == nil || lane.Dropped != 1 {
		t.Errorf("it takes over %+v, %v", lane, err)
	}
	wantStates(t, "then", j, record.JobDropped, record.JobQueued, record.JobQueued)
}

// TestExpire gives up what is too old of one target, in steps.
func TestExpire(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openTest(t, Options{Now: c.now})
	b := j.Backlog("baanx", TakeUp)
	for range 5 {
		owed(t, j, "a", 200)
	}
	owed(t, j, "b", 200)
	c.add(time.Hour)
	owed(t, j, "a", 200)
	var gone []string
	for range 3 {
		jobs, err := b.Expire(t.Context(), "a", c.now(), 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, job := range jobs {
			if job.State != record.JobDead || job.Reason != record.ReasonExpired {
				t.Errorf("it gives %+v", job)
			}
			gone = append(gone, job.DeliveryID)
		}
	}
	if len(gone) != 5 {
		t.Errorf("%d were given up: %v", len(gone), gone)
	}
	wantStates(t, "then", j, "dead", "dead", "dead", "dead", "dead", "queued", "queued")
}

// A process that sends a lane does not pass over what another one recorded before its own delivery, although it looks for that only
// now and then.
func TestOrderOfTwoProcesses(t *testing.T) {
	t.Parallel()
	s := &laneStore{path: filepath.Join(t.TempDir(), "journal.db"), targets: map[string]string{}, begun: time.Now()}
	s.open(t)
	others := openAt(t, s.path, Options{})
	var want []string
	for i := range 12 {
		d := delivery(s.begun, fmt.Sprint("e", i))
		d.Targets, d.Answer = []string{"one"}, 200
		from := others
		if i%3 == 2 { // after two of others
			from = s.journal
		}
		appendTest(t, from, d)
		want = append(want, d.ID)
		if from == others {
			continue
		}
		due, _, err := s.lanes.Due(queue.Lane{Name: "one"}, time.Now(), 100)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, job := range due {
			got = append(got, job.DeliveryID)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("after %d deliveries these are due: %v, want %v", i+1, got, want)
		}
	}
}
