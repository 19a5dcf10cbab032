package queue_test

// Lanes: what they hold of their jobs in memory.

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/queue"
	"github.com/whctl/whctl/internal/record"
)

func byDelivery(a, b record.Job) int { return strings.Compare(a.DeliveryID, b.DeliveryID) }

func (b *backing) in(target string, state record.JobState, n int, order func(a, b record.Job) int) ([]record.Job, error) {
	b.reads++
	all := slices.SortedFunc(maps.Values(b.jobs), byDelivery)
	all = slices.DeleteFunc(all, func(job record.Job) bool { return job.Target != target || job.State != state })
	slices.SortStableFunc(all, order)
	return all[:min(n, len(all))], b.err
}

// open compares how many jobs are open, and their bytes, with what the backing has.
func (b *bench) open(t *testing.T, when string) {
	t.Helper()
	want, wantBytes, _ := b.backing.Size(t.Context(), lane)
	if jobs, bytes := b.Open(); jobs != want || bytes != wantBytes {
		t.Errorf("%s: %d jobs of %d bytes are open, want %d of %d", when, jobs, bytes, want, wantBytes)
	}
}

// TestMoreThanMemory has far more jobs than a lane keeps: each is sent once, in order, and all of them count.
func TestMoreThanMemory(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	const n = 5000
	for range n / 2 {
		b.backing.add(lane, b.now)
	}
	b.Reread()
	b.due(t, 1)
	b.open(t, "at the start")
	b.add(n / 2)
	b.open(t, "once more have come")
	for i := range n {
		job, _ := b.begin(t)
		if want := fmt.Sprintf("%04d", i+1); job.DeliveryID != want {
			t.Fatalf("%s was sent in the place of %s", job.DeliveryID, want)
		}
		b.end(job, delivered())
	}
	b.open(t, "at the end")
	if ids, next := b.due(t, 1); len(ids) > 0 || next != 0 {
		t.Errorf("left are %v", ids)
	}
}

// TestMoreWaitThanMemory has more jobs that wait than a lane keeps.
func TestMoreWaitThanMemory(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	const n = 3000
	for range n {
		job := b.backing.add(lane, b.now)
		job.State, job.Due, job.Tries = record.JobWaiting, b.now.Add(time.Hour), 1
		b.backing.jobs[job.DeliveryID] = job
	}
	b.Reread()
	if ids, next := b.due(t, 1); len(ids) > 0 || next != time.Hour {
		t.Fatalf("due are %v, others in %s", ids, next)
	}
	b.now = b.now.Add(time.Hour)
	seen := map[string]bool{}
	for range n {
		job, _ := b.begin(t)
		if seen[job.DeliveryID] {
			t.Fatalf("%s was sent twice", job.DeliveryID)
		}
		seen[job.DeliveryID] = true
		b.end(job, delivered())
	}
	b.open(t, "at the end")
}

// TestOvertaking marks a job that is sent while one of an earlier delivery waits.
func TestOvertaking(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	b.add(3)
	first, overtakes := b.begin(t)
	if overtakes {
		t.Error("the first overtakes nothing")
	}
	first, _ = b.end(first, answer(500))
	for range 2 {
		job, overtakes := b.begin(t)
		if !overtakes {
			t.Errorf("%s overtook the first", job.DeliveryID)
		}
		b.end(job, delivered())
	}
	b.now = first.Due
	if job, overtakes := b.begin(t); overtakes || job.DeliveryID != first.DeliveryID || job.Tries != 1 {
		t.Errorf("then %+v, overtaking: %v", job, overtakes)
	}
}

// TestOldestFirst has a job become due again while later ones have not been tried: it goes first.
func TestOldestFirst(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	b.add(3)
	first, _ := b.try(t, answer(500))
	b.now = first.Due
	if ids, _ := b.due(t, 3); !slices.Equal(ids, []string{"0001", "0002", "0003"}) {
		t.Errorf("due are %v", ids)
	}
}

// TestAddedTwice has a commit told of after the lane has read its jobs: they count once, and are sent once.
func TestAddedTwice(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	job, sent := b.backing.add(lane, b.now), b.backing.add(lane, b.now)
	b.Reread()
	b.due(t, 1)
	b.Added([]record.Job{job})
	b.open(t, "told late")
	first, _ := b.begin(t)
	b.end(first, delivered())
	second, _ := b.begin(t)
	b.Added([]record.Job{sent})
	b.end(second, delivered())
	b.open(t, "told while it was sent")
	if ids, _ := b.due(t, 1); len(ids) > 0 {
		t.Errorf("due are %v", ids)
	}
}

// TestChangedByOthers has a user drop jobs: one that waits for its turn, and one that is being sent.
func TestChangedByOthers(t *testing.T) {
	t.Parallel()
	b := newBench(t, 2)
	b.add(4)
	sent, _ := b.begin(t)
	for _, id := range []string{"0001", "0002"} {
		job := b.backing.jobs[id]
		job.State = record.JobDropped
		b.backing.jobs[id] = job
	}
	b.Reread()
	if ids, _ := b.due(t, 5); !slices.Equal(ids, []string{"0003", "0004"}) {
		t.Errorf("due are %v", ids)
	}
	beside, _ := b.begin(t)
	next, _ := b.Decide(sent, answer(500)) // the backing keeps it dropped
	b.Finish(next)
	if ids, next := b.due(t, 5); !slices.Equal(ids, []string{"0004"}) || next != 0 {
		t.Errorf("due are %v, others in %s", ids, next)
	}
	b.end(beside, delivered())
	b.open(t, "at the end")
}

// reads counts how often a backing was read.
func (b *bench) reads(t *testing.T, f func()) int {
	t.Helper()
	before := b.backing.reads
	f()
	return b.backing.reads - before
}

// TestOneChangeIsReadOnce has a wide lane whose jobs end after a change: those that begin later do not have it read again.
func TestOneChangeIsReadOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, 8)
	b.add(100)
	var jobs []record.Job
	for range 4 {
		job, _ := b.begin(t)
		jobs = append(jobs, job)
	}
	b.Reread()
	n := b.reads(t, func() {
		for range 40 {
			job, _ := b.begin(t)
			jobs = append(jobs, job)
			b.end(jobs[0], delivered())
			jobs = jobs[1:]
		}
	})
	if n > 2*5 { // one for the change, one for each job that was under way then
		t.Errorf("the backing was read %d times", n)
	}
	b.open(t, "at the end")
}

// TestUserPause sends nothing, and counts what comes.
func TestUserPause(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	b.add(2)
	if !b.SetPaused(lane, true) || b.SetPaused(lane, true) || b.SetPaused("other", true) {
		t.Error("a pause is news once, of a lane that there is")
	}
	b.Reread() // as whoever paused it changed the backing
	if ids, _ := b.due(t, 1); len(ids) > 0 {
		t.Errorf("due are %v", ids)
	}
	b.add(3)
	b.open(t, "during the pause")
	if _, sends := b.Ahead(lane); sends || !b.Idle(b.now) {
		t.Error("the lane sends")
	}
	b.SetPaused(lane, false)
	if ids, _ := b.due(t, 9); len(ids) != 5 {
		t.Errorf("due are %v", ids)
	}
}

// TestWatched counts jobs that others send, until this process takes over.
func TestWatched(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	const other = "other"
	b.Watch(other)
	b.Added([]record.Job{b.backing.add(other, b.now)}) // not counted yet: it is read
	if err := b.Count(); err != nil {
		t.Fatal(err)
	}
	b.Added([]record.Job{b.backing.add(other, b.now)})
	if jobs, bytes := b.Open(); jobs != 2 || bytes != 20 {
		t.Errorf("%d jobs of %d bytes are open", jobs, bytes)
	}
	due := func() (ids []string) {
		jobs, _, err := b.Due(queue.Lane{Name: other}, b.now, 5)
		if err != nil {
			t.Fatal(err)
		}
		for _, job := range jobs {
			ids = append(ids, job.DeliveryID)
		}
		return ids
	}
	if ids := due(); len(ids) > 0 || !b.Idle(b.now) {
		t.Errorf("due are %v", ids)
	}
	b.Own(other, false)
	if b.Idle(b.now) {
		t.Error("a lane that was not read is idle")
	}
	if ids := due(); len(ids) != 2 {
		t.Errorf("due are %v", ids)
	}
	lanes, err := b.Lanes.Lanes()
	if err != nil || len(lanes) != 2 {
		t.Errorf("lanes: %v, %v", lanes, err)
	}
	b.Own(other, false)
	if jobs, _ := b.Open(); jobs != 2 {
		t.Errorf("%d jobs are open", jobs)
	}
}

// TestCountedBeforeAnythingIsSent: the bound of the queue holds from the start.
func TestCountedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	const lane = "other"
	for range 3 {
		b.backing.add(lane, b.now)
	}
	b.Own(lane, false)
	if err := b.Count(); err != nil {
		t.Fatal(err)
	}
	if jobs, bytes := b.Open(); jobs != 3 || bytes != 30 {
		t.Errorf("%d jobs of %d bytes are open", jobs, bytes)
	}
}

// TestIdle is what the end of a run waits for.
func TestIdle(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	idle := func(when string, want bool) {
		t.Helper()
		if got := b.Idle(b.now); got != want {
			t.Errorf("%s: idle is %v", when, got)
		}
	}
	idle("without jobs", true)
	b.add(1)
	idle("with a job", false)
	job, _ := b.begin(t)
	idle("while it is sent", false)
	job, _ = b.end(job, answer(500))
	idle("while it waits", true)
	b.now = job.Due
	idle("when it is due", false)
	b.try(t, unreachable())
	b.now = b.now.Add(time.Minute)
	idle("while the target is down", true)
}

var errUnread = errors.New("cannot be read")

// TestUnreadBacking has a backing that cannot be read for a while: nothing is lost, nothing is sent twice.
func TestUnreadBacking(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	b.add(3)
	job, _ := b.begin(t)
	b.Reread()
	b.backing.err = errUnread
	if _, _, err := b.Due(queue.Lane{Name: lane}, b.now, 1); !errors.Is(err, errUnread) {
		t.Fatalf("it says %v", err)
	}
	b.end(job, delivered())
	b.add(1)
	b.backing.err = nil
	if ids, _ := b.due(t, 9); !slices.Equal(ids, []string{"0002", "0003", "0004"}) {
		t.Errorf("due are %v", ids)
	}
	b.open(t, "at the end")
}
