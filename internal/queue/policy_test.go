package queue_test

// The rules of --ack now: what each outcome makes of a job and of its lane.

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/queue"
	"github.com/whctl/whctl/internal/record"
)

// bench is one lane over jobs in memory, with a clock that only the test moves.
type bench struct {
	*queue.Lanes
	backing *backing
	now     time.Time
	chance  float64
}

const (
	lane   = "target"
	giveUp = 72 * time.Hour
)

func newBench(t *testing.T, width int, retryOn ...int) *bench {
	t.Helper()
	b := &bench{backing: &backing{jobs: map[string]record.Job{}}, now: time.Date(2026, 3, 4, 9, 15, 0, 0, time.UTC), chance: 0.5}
	b.Lanes = queue.NewLanes(b.backing, queue.Policy{
		Width: width, GiveUp: giveUp, RetryOn: retryOn, Now: func() time.Time { return b.now }, Rand: func() float64 { return b.chance },
	})
	b.Own(lane, false)
	b.due(t, 1) // as a queue begins
	return b
}

// add records jobs as a commit does.
func (b *bench) add(n int) {
	for range n {
		b.Added([]record.Job{b.backing.add(lane, b.now)})
	}
}

// due names the jobs that are due, and says how long it is until the next one is.
func (b *bench) due(t *testing.T, n int) (ids []string, next time.Duration) {
	t.Helper()
	jobs, at, err := b.Due(queue.Lane{Name: lane}, b.now, n)
	if err != nil {
		t.Fatal(err)
	}
	for _, job := range jobs {
		ids = append(ids, job.DeliveryID)
	}
	if !at.IsZero() {
		next = at.Sub(b.now)
	}
	return ids, next
}

// begin begins the first job that is due.
func (b *bench) begin(t *testing.T) (job record.Job, overtakes bool) {
	t.Helper()
	jobs, _, err := b.Due(queue.Lane{Name: lane}, b.now, 1)
	if err != nil || len(jobs) != 1 {
		t.Fatalf("due: %d jobs, %v; want one", len(jobs), err)
	}
	job, overtakes, ok := b.Begin(jobs[0])
	if !ok {
		t.Fatalf("%s is not to be sent", jobs[0].DeliveryID)
	}
	return job, overtakes
}

// end says what came of a try.
func (b *bench) end(job record.Job, o queue.Outcome) (record.Job, queue.Change) {
	next, change := b.Decide(job, o)
	b.backing.jobs[job.DeliveryID] = next
	b.Finish(next)
	return next, change
}

// try tries the first job that is due.
func (b *bench) try(t *testing.T, o queue.Outcome) (record.Job, queue.Change) {
	t.Helper()
	job, _ := b.begin(t)
	return b.end(job, o)
}

func answer(status int) queue.Outcome {
	kind := record.OutcomeFailed
	switch {
	case status >= 200 && status < 300:
		kind = record.OutcomeDelivered
	case status == 400 || status == 401 || status == 403:
		kind = record.OutcomeRefused
	}
	return queue.Outcome{Kind: kind, Status: status}
}

func delivered() queue.Outcome   { return answer(200) }
func unreachable() queue.Outcome { return queue.Outcome{Kind: record.OutcomeUnreachable} }
func timeout() queue.Outcome     { return queue.Outcome{Kind: record.OutcomeTimeout} }
func cut() queue.Outcome         { return queue.Outcome{Kind: record.OutcomeFailed} } // reset, or broken off

// after is an outcome whose target asks to wait.
func after(o queue.Outcome, wait time.Duration) queue.Outcome {
	o.RetryAfter = wait
	return o
}

// TestOutcomes goes through what can come of a try: what the job is then, what it cost, and when the lane sends again.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		outcome queue.Outcome
		retryOn []int
		state   record.JobState
		tries   int
		reason  record.JobReason
		wait    time.Duration // of the job, if it waits
		pause   time.Duration // of the lane
	}{
		"200":                       {outcome: delivered(), state: record.JobDelivered, tries: 1},
		"204":                       {outcome: answer(204), state: record.JobDelivered, tries: 1},
		"301":                       {outcome: answer(301), state: record.JobDead, tries: 1, reason: record.ReasonRefused},
		"308":                       {outcome: answer(308), state: record.JobDead, tries: 1, reason: record.ReasonRefused},
		"400":                       {outcome: answer(400), state: record.JobDead, tries: 1, reason: record.ReasonRefused},
		"404":                       {outcome: answer(404), state: record.JobDead, tries: 1, reason: record.ReasonRefused},
		"410":                       {outcome: answer(410), state: record.JobDead, tries: 1, reason: record.ReasonRefused},
		"404, to be tried again":    {outcome: answer(404), retryOn: []int{404, 409}, state: record.JobWaiting, tries: 1, wait: 2 * time.Second},
		"404, and others again":     {outcome: answer(404), retryOn: []int{409}, state: record.JobDead, tries: 1, reason: record.ReasonRefused},
		"302, to be tried again":    {outcome: answer(302), retryOn: []int{302}, state: record.JobWaiting, tries: 1, wait: 2 * time.Second},
		"408":                       {outcome: answer(408), state: record.JobWaiting, tries: 1, wait: 2 * time.Second},
		"425":                       {outcome: answer(425), state: record.JobWaiting, tries: 1, wait: 2 * time.Second},
		"500":                       {outcome: answer(500), state: record.JobWaiting, tries: 1, wait: 2 * time.Second},
		"501":                       {outcome: answer(501), state: record.JobWaiting, tries: 1, wait: 2 * time.Second},
		"502":                       {outcome: answer(502), state: record.JobWaiting, tries: 1, wait: 2 * time.Second},
		"504":                       {outcome: answer(504), state: record.JobWaiting, tries: 1, wait: 2 * time.Second},
		"507":                       {outcome: answer(507), state: record.JobWaiting, tries: 1, wait: 2 * time.Second},
		"500 that asks for more":    {outcome: after(answer(500), time.Minute), state: record.JobWaiting, tries: 1, wait: time.Minute},
		"500 that asks for less":    {outcome: after(answer(500), time.Second), state: record.JobWaiting, tries: 1, wait: 2 * time.Second},
		"500 that asks for a year":  {outcome: after(answer(500), 8760*time.Hour), state: record.JobWaiting, tries: 1, wait: time.Hour},
		"time-out":                  {outcome: timeout(), state: record.JobWaiting, tries: 1, wait: 2 * time.Second},
		"time-out, in doubt":        {outcome: queue.Outcome{Kind: record.OutcomeTimeout, InDoubt: true}, state: record.JobQueued, pause: time.Second},
		"reset":                     {outcome: cut(), state: record.JobWaiting, tries: 1, wait: 2 * time.Second},
		"cut off after its 401":     {outcome: queue.Outcome{Kind: record.OutcomeRefused}, state: record.JobWaiting, tries: 1, wait: 2 * time.Second},
		"no connection":             {outcome: unreachable(), state: record.JobQueued, pause: time.Second},
		"429":                       {outcome: answer(429), state: record.JobQueued, pause: time.Second},
		"503":                       {outcome: answer(503), state: record.JobQueued, pause: time.Second},
		"503, listed all the same":  {outcome: answer(503), retryOn: []int{503}, state: record.JobQueued, pause: time.Second},
		"503 that asks for more":    {outcome: after(answer(503), 7*time.Minute), state: record.JobQueued, pause: 7 * time.Minute},
		"503 that asks for a year":  {outcome: after(answer(503), 8760*time.Hour), state: record.JobQueued, pause: time.Hour},
		"429 that asks for nothing": {outcome: after(answer(429), 0), state: record.JobQueued, pause: time.Second},
		"whctl ended it":            {outcome: queue.Outcome{Kind: record.OutcomeCancelled}, state: record.JobQueued},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, 1, c.retryOn...)
			b.add(2)
			job, _ := b.try(t, c.outcome)
			if job.State != c.state || job.Tries != c.tries || job.Reason != c.reason {
				t.Errorf("the job is %s after %d tries, reason %q; want %s, %d, %q", job.State, job.Tries, job.Reason, c.state, c.tries, c.reason)
			}
			if c.state == record.JobWaiting && job.Due.Sub(b.now) != c.wait {
				t.Errorf("the job waits %s, want %s", job.Due.Sub(b.now), c.wait)
			}
			want := map[record.JobState]string{record.JobQueued: "0001", record.JobWaiting: "0002", record.JobDead: "0002", record.JobDelivered: "0002"}[c.state]
			b.pausedFor(t, c.pause, want)
		})
	}
}

// pausedFor wants a lane to send nothing for so long, and then one job first.
func (b *bench) pausedFor(t *testing.T, pause time.Duration, first string) {
	t.Helper()
	ids, next := b.due(t, 5)
	if pause > 0 {
		if len(ids) > 0 || next != pause {
			t.Errorf("%v are due and others in %s, want none for %s", ids, next, pause)
		}
		b.now = b.now.Add(pause)
		ids, _ = b.due(t, 5)
	}
	if len(ids) == 0 || ids[0] != first {
		t.Errorf("due then: %v, want %s first", ids, first)
	}
}

// TestFiveInARow has jobs fail one after the other, each by itself: the fifth pauses the lane.
func TestFiveInARow(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	b.add(20)
	for i := range 4 {
		if job, c := b.try(t, answer(500)); c != queue.Same || job.DeliveryID != fmt.Sprintf("%04d", i+1) {
			t.Fatalf("after %s the lane changed: %v", job.DeliveryID, c)
		}
	}
	if job, c := b.try(t, timeout()); c != queue.WentDown || job.DeliveryID != "0005" || job.State != record.JobWaiting {
		t.Errorf("after five: %v, %+v", c, job)
	}
	if ids, next := b.due(t, 5); len(ids) > 0 || next != time.Second {
		t.Errorf("%v are due, the others in %s", ids, next)
	}
	b.now = b.now.Add(time.Second)
	if job, c := b.try(t, delivered()); c != queue.CameBack || job.DeliveryID != "0006" {
		t.Errorf("the sixth: %v, %+v", c, job)
	}
}

// TestStreaksEnd has what ends a row of failures: an answer that takes or refuses a job. The same job again counts once.
func TestStreaksEnd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]queue.Outcome{"delivered": delivered(), "refused": answer(400)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, 1)
			b.add(20)
			for range 3 {
				for range 4 {
					if job, c := b.try(t, answer(500)); c != queue.Same {
						t.Fatalf("%s: %v", job.DeliveryID, c)
					}
				}
				b.try(t, c)
			}
		})
	}
	t.Run("the same job", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, 1)
		b.add(1)
		for i := range 20 {
			job, c := b.try(t, answer(500))
			if c != queue.Same || job.Tries != i+1 {
				t.Fatalf("try %d: %v, %+v", i+1, c, job)
			}
			b.now = job.Due
		}
	})
}

// TestBackoff has the waits grow, and stay within a fifth of what they are without chance.
func TestBackoff(t *testing.T) {
	t.Parallel()
	pauses := []float64{1, 2, 4, 8, 16, 30, 30}
	waits := []float64{2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600}
	for _, c := range []struct{ chance, factor float64 }{{0, 0.8}, {0.5, 1}, {0.999999, 1.2}} {
		b := newBench(t, 1)
		b.chance = c.chance
		b.add(1)
		near := func(what string, i int, got time.Duration, want float64) {
			t.Helper()
			w := time.Duration(want * c.factor * float64(time.Second))
			if (got - w).Abs() > time.Millisecond {
				t.Errorf("chance %v: %s %d takes %s, want %s", c.chance, what, i+1, got, w)
			}
		}
		for i, want := range pauses {
			b.try(t, unreachable())
			_, got := b.due(t, 1)
			near("pause", i, got, want)
			b.now = b.now.Add(got)
		}
		for i, want := range waits {
			job, _ := b.try(t, answer(500))
			near("wait", i, job.Due.Sub(b.now), want)
			b.now = job.Due
		}
		if job, _ := b.try(t, delivered()); job.Tries != len(waits)+1 {
			t.Errorf("%d tries, want %d: pauses use up none", job.Tries, len(waits)+1)
		}
		b.add(1)
		b.try(t, unreachable())
		_, got := b.due(t, 1)
		near("the first pause after a delivery", 0, got, pauses[0])
	}
}

// TestProbe has a lane whose target was down: one job alone finds out whether it is back.
func TestProbe(t *testing.T) {
	t.Parallel()
	for _, width := range []int{1, 64} {
		b := newBench(t, width)
		b.add(100)
		first, _ := b.begin(t)
		b.end(first, unreachable())
		b.now = b.now.Add(time.Second)
		ids, _ := b.due(t, width)
		if len(ids) != 1 || ids[0] != "0001" {
			t.Fatalf("width %d: due are %v, want the first alone", width, ids)
		}
		probe, _ := b.begin(t)
		if ids, next := b.due(t, width); len(ids) > 0 || next != 0 {
			t.Errorf("width %d: %v are due beside the probe, others in %s", width, ids, next)
		}
		if _, _, ok := b.Begin(record.Job{DeliveryID: "0002", Target: lane}); ok {
			t.Errorf("width %d: another began beside the probe", width)
		}
		if _, c := b.end(probe, delivered()); c != queue.CameBack {
			t.Errorf("width %d: it says %v", width, c)
		}
		if ids, _ := b.due(t, width); len(ids) != width {
			t.Errorf("width %d: %d are due once it is back", width, len(ids))
		}
	}
}

// TestSideBySide has many jobs under way when their target goes down: that is one pause. Those that end late neither shorten nor
// lengthen it, but by what their target asks for.
func TestSideBySide(t *testing.T) {
	t.Parallel()
	b := newBench(t, 8)
	b.add(8)
	jobs := make([]record.Job, 8)
	for i := range jobs {
		jobs[i], _ = b.begin(t)
	}
	for i, job := range jobs[:7] {
		want := queue.Same
		if i == 0 {
			want = queue.WentDown
		}
		if next, c := b.end(job, unreachable()); c != want || next.Tries != 0 || next.State != record.JobQueued {
			t.Errorf("job %d: %v, %+v", i, c, next)
		}
	}
	b.end(jobs[7], after(answer(503), 10*time.Second))
	if ids, next := b.due(t, 8); len(ids) > 0 || next != 10*time.Second {
		t.Errorf("due are %v, others in %s", ids, next)
	}
}

// TestGivenUp has jobs that fail until the time of --retries is over.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]queue.Outcome{"its own": answer(500), "the target's": unreachable()} {
		b := newBench(t, 1)
		b.add(1)
		since := b.now
		job, _ := b.try(t, o)
		for job.State.Open() {
			if late := b.now.Sub(since); late > giveUp {
				t.Fatalf("%s: it is open after %s", name, late)
			}
			_, next := b.due(t, 1)
			b.now = b.now.Add(next)
			job, _ = b.try(t, o)
		}
		if job.State != record.JobDead || job.Reason != record.ReasonExpired || b.now.Sub(since) <= giveUp {
			t.Errorf("%s: %+v after %s", name, job, b.now.Sub(since))
		}
		if open, _ := b.Open(); open != 0 {
			t.Errorf("%s: %d are open", name, open)
		}
	}
}

// TestDownForAllOfRetries has a target that is away for exactly the time of --retries: its jobs are delivered(), in order, at the first
// try that counts.
func TestDownForAllOfRetries(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	b.add(3)
	back := b.now.Add(giveUp)
	for b.now.Before(back) {
		job, _ := b.try(t, unreachable())
		if !job.State.Open() || job.Tries != 0 {
			t.Fatalf("%s before the time is over: %+v", back.Sub(b.now), job)
		}
		_, next := b.due(t, 1)
		b.now = b.now.Add(next)
	}
	for i := range 3 {
		job, _ := b.try(t, delivered())
		if job.State != record.JobDelivered || job.Tries != 1 || job.DeliveryID != fmt.Sprintf("%04d", i+1) {
			t.Errorf("then %+v", job)
		}
	}
}

// TestRetryAfterIsNoShorterPause has a target that asks for less than the lane's own pause.
func TestRetryAfterIsNoShorterPause(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	b.add(1)
	for range 6 {
		b.try(t, unreachable())
		_, next := b.due(t, 1)
		b.now = b.now.Add(next)
	}
	b.try(t, after(answer(503), time.Second))
	if _, next := b.due(t, 1); next != 30*time.Second {
		t.Errorf("the pause is %s", next)
	}
}

// backing is jobs in memory, as a journal has them. A test can make it fail.
type backing struct {
	jobs  map[string]record.Job
	err   error
	reads int
}

func (b *backing) add(target string, at time.Time) record.Job {
	job := record.Job{
		DeliveryID: fmt.Sprintf("%04d", len(b.jobs)+1), Target: target, State: record.JobQueued, Due: at, Since: at, Size: 10,
	}
	b.jobs[job.DeliveryID] = job
	return job
}

func (b *backing) Queued(_ context.Context, target string, n int) ([]record.Job, error) {
	return b.in(target, record.JobQueued, n, byDelivery)
}

func (b *backing) Waiting(_ context.Context, target string, n int) ([]record.Job, error) {
	return b.in(target, record.JobWaiting, n, func(a, b record.Job) int { return a.Due.Compare(b.Due) })
}

func (b *backing) Size(_ context.Context, target string) (jobs int, bytes int64, err error) {
	for _, job := range b.jobs {
		if job.Target == target && job.State.Open() {
			jobs, bytes = jobs+1, bytes+job.Size
		}
	}
	return jobs, bytes, b.err
}

// A job that no lane holds waits as long as one that a lane holds, or its lane.
func TestAgain(t *testing.T) {
	t.Parallel()
	p := queue.Policy{RetryOn: []int{409}, Rand: queue.NoJitter}
	for _, c := range []struct {
		o     queue.Outcome
		times int
		again bool
		after time.Duration
	}{
		{queue.Outcome{Kind: record.OutcomeDelivered, Status: 200}, 1, false, 0},
		{queue.Outcome{Kind: record.OutcomeRefused, Status: 400}, 1, false, 0},
		{queue.Outcome{Kind: record.OutcomeFailed, Status: 302}, 1, false, 0},
		{queue.Outcome{Kind: record.OutcomeUnreachable, Final: true}, 1, false, 0},
		{queue.Outcome{Kind: record.OutcomeFailed, Status: 409}, 1, true, 2 * time.Second},
		{queue.Outcome{Kind: record.OutcomeFailed, Status: 500}, 3, true, 8 * time.Second},
		{queue.Outcome{Kind: record.OutcomeTimeout}, 1000, true, 10 * time.Minute},
		{queue.Outcome{Kind: record.OutcomeUnreachable}, 1, true, time.Second},
		{queue.Outcome{Kind: record.OutcomeFailed, Status: 503}, 1000, true, 30 * time.Second},
		{queue.Outcome{Kind: record.OutcomeFailed, Status: 503, RetryAfter: 2 * time.Minute}, 1, true, 2 * time.Minute},
		{queue.Outcome{Kind: record.OutcomeFailed, Status: 429, RetryAfter: 48 * time.Hour}, 1, true, time.Hour},
		{queue.Outcome{Kind: record.OutcomeCancelled}, 5, true, 0},
	} {
		if again, after := p.Again(c.o, c.times); again != c.again || after != c.after {
			t.Errorf("%+v, %d times: %v after %s, want %v after %s", c.o, c.times, again, after, c.again, c.after)
		}
	}
}
