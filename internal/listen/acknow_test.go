package listen_test

// The rules of --ack now, with real sockets and a real journal.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/listen"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
)

// app is a target. It answers as a test says, and remembers what it was sent.
type app struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	heads  []http.Header
	answer func(n int, body string, w http.ResponseWriter) // n is the number of the request, from 0
}

// newApp makes a target that answers 200 unless answer says otherwise.
func newApp(t *testing.T, answer func(n int, body string, w http.ResponseWriter)) *app {
	t.Helper()
	a := &app{answer: answer}
	a.Server = httptest.NewServer(a)
	t.Cleanup(a.Close)
	return a
}

func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	a.mu.Lock()
	n := len(a.bodies)
	a.bodies, a.heads = append(a.bodies, string(b)), append(a.heads, r.Header)
	a.mu.Unlock()
	if a.answer != nil {
		a.answer(n, string(b), w)
	}
}

// sent are the bodies that came, in order.
func (a *app) sent() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.bodies)
}

func (a *app) head(i int) http.Header {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.heads[i]
}

// to is a target of a name.
func to(name, url string) target.Target {
	return target.Target{URL: url, Name: name, Named: true, Timeout: 10 * time.Second}
}

// ackNow makes a listener answer at once. Its clock runs a hundred times as fast as others.
func ackNow(targets ...target.Target) func(*listen.Options) {
	return func(o *listen.Options) {
		o.AckNow, o.Targets = true, targets
		hurry(o)
	}
}

func hurry(o *listen.Options) {
	const speed = 100
	begun := time.Now()
	o.Now = func() time.Time { return begun.Add(speed * time.Since(begun)) }
	o.After = func(d time.Duration) <-chan time.Time { return time.After(d / speed) }
	o.Queue.Policy.Now = o.Now
}

func posted(t *testing.T, r *rig, bodies ...string) {
	t.Helper()
	for _, body := range bodies {
		if status := post(t, r.url, body); status != http.StatusOK {
			t.Fatalf("%s was answered %d", body, status)
		}
	}
}

// nextState waits for a change of state, passing over others.
func nextState(t *testing.T, r *rig, state record.State) record.Changed {
	t.Helper()
	for {
		if c := next[record.Changed](t, r); c.State == state {
			return c
		}
	}
}

// ends waits until so many jobs have reached a state, and gives their attempts in order.
func ends(t *testing.T, r *rig, n int, state record.JobState) (all []*record.Attempt) {
	t.Helper()
	for n > 0 {
		a := next[record.Attempted](t, r).Attempt
		all = append(all, a)
		if a.Job != nil && a.Job.State == state {
			n--
		}
	}
	return all
}

// jobs are the states of all jobs in the journal, oldest delivery first.
func jobs(t *testing.T, j *journal.Journal) (states []record.JobState) {
	t.Helper()
	all, err := j.Jobs(t.Context(), journal.JobFilter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, job := range all {
		states = append(states, job.State)
	}
	return states
}

func wantJobs(t *testing.T, j *journal.Journal, want ...record.JobState) {
	t.Helper()
	if got := jobs(t, j); !slices.Equal(got, want) {
		t.Errorf("the jobs are %v, want %v", got, want)
	}
}

// end ends a listener as an interrupt does.
func (r *rig) end(t *testing.T) {
	t.Helper()
	r.stop()
	if err := <-r.ended; err != nil {
		t.Error(err)
	}
}

// heldRecorder records a delivery when it is told to.
type heldRecorder struct {
	listen.Recorder
	came, goOn chan struct{}
}

func (h heldRecorder) AppendDelivery(ctx context.Context, d *record.Delivery) error {
	h.came <- struct{}{}
	<-h.goOn
	return h.Recorder.AppendDelivery(ctx, d)
}

// TestAnsweredOnceDurable has a sender that is answered when its delivery and its job are on disk, whatever the target does.
func TestAnsweredOnceDurable(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	a := newApp(t, func(int, string, http.ResponseWriter) { <-release })
	held := heldRecorder{came: make(chan struct{}), goOn: make(chan struct{})}
	r := start(t, func(o *listen.Options) {
		ackNow(to("app", a.URL))(o)
		held.Recorder, o.Recorder = o.Recorder, &held
	})
	answered := make(chan int)
	go func() { answered <- post(t, r.url, "one") }()
	<-held.came
	wantJobs(t, r.journal)
	select {
	case status := <-answered:
		t.Errorf("answered %d before it was recorded", status)
	default:
	}
	close(held.goOn)
	if status := <-answered; status != http.StatusOK {
		t.Errorf("answered %d", status)
	}
	wantJobs(t, r.journal, record.JobQueued)
	close(release)
	ends(t, r, 1, record.JobDelivered)
	wantJobs(t, r.journal, record.JobDelivered)
}

// TestOrder has a lane send one job after the other, in the order in which they came.
func TestOrder(t *testing.T) {
	t.Parallel()
	var want []string
	a := newApp(t, nil)
	r := start(t, ackNow(to("app", a.URL)))
	for i := range 50 {
		want = append(want, fmt.Sprint(i))
	}
	posted(t, r, want...)
	for _, attempt := range ends(t, r, len(want), record.JobDelivered) {
		if attempt.Overtook || attempt.Number != 1 || attempt.Origin != record.OriginForward {
			t.Errorf("%+v", attempt)
		}
	}
	if got := a.sent(); !slices.Equal(got, want) {
		t.Errorf("sent were %v", got)
	}
}

// TestOneThatFailsDelaysNoOther has one job fail until the others are through: they go on, and are marked.
func TestOneThatFailsDelaysNoOther(t *testing.T) {
	t.Parallel()
	through := 0
	a := newApp(t, func(_ int, body string, w http.ResponseWriter) {
		switch {
		case body != "bad":
			through++
		case through < 2:
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	r := start(t, ackNow(to("app", a.URL)))
	posted(t, r, "bad", "one", "two")
	overtook := 0
	var last *record.Attempt
	for _, last = range ends(t, r, 3, record.JobDelivered) {
		if last.Overtook {
			overtook++
		}
	}
	tries := len(a.sent()) - 2
	if overtook != 2 || tries < 2 || last.Number != tries || last.Origin != record.OriginRetry || last.Job.Tries != tries || a.sent()[0] != "bad" {
		t.Errorf("%d overtook; sent were %v; the last attempt is %+v of %+v", overtook, a.sent(), last, last.Job)
	}
}

// TestWidth has a lane send several at once: each waits for the others.
func TestWidth(t *testing.T) {
	t.Parallel()
	const width = 8
	var all sync.WaitGroup
	all.Add(width)
	a := newApp(t, func(int, string, http.ResponseWriter) { all.Done(); all.Wait() })
	r := start(t, func(o *listen.Options) {
		ackNow(to("app", a.URL))(o)
		o.Queue.Policy.Width = width
	})
	for i := range width {
		posted(t, r, fmt.Sprint(i))
	}
	ends(t, r, width, record.JobDelivered)
}

// TestDeadTargetDelaysNoOther has two targets, of which one hangs and one is away: the third is sent everything.
func TestDeadTargetDelaysNoOther(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	slow := newApp(t, func(int, string, http.ResponseWriter) { <-hang })
	gone := newApp(t, nil)
	gone.Close()
	a := newApp(t, nil)
	r := start(t, ackNow(to("slow", slow.URL), to("gone", gone.URL), to("app", a.URL)))
	defer close(hang)
	for i := range 20 {
		posted(t, r, fmt.Sprint(i))
	}
	for n := 0; n < 20; {
		if next[record.Attempted](t, r).Attempt.Target == "app" {
			n++
		}
	}
}

// TestFanOut has the first target answer the sender, and the second be sent through its lane once it is there.
func TestFanOut(t *testing.T) {
	t.Parallel()
	first := newApp(t, func(_ int, _ string, w http.ResponseWriter) { w.WriteHeader(http.StatusAccepted) })
	up := make(chan struct{})
	second := newApp(t, func(_ int, _ string, w http.ResponseWriter) {
		select {
		case <-up:
		default:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	r := start(t, func(o *listen.Options) {
		o.Targets = []target.Target{to("first", first.URL), to("second", second.URL)}
		hurry(o)
	})
	for _, body := range []string{"one", "two"} {
		if status := post(t, r.url, body); status != http.StatusAccepted {
			t.Errorf("%s was answered %d", body, status)
		}
	}
	if c := nextState(t, r, record.Lost); c.Target != "second" {
		t.Errorf("%+v", c)
	}
	close(up)
	if c := nextState(t, r, record.Recovered); c.Target != "second" || c.Count == 0 {
		t.Errorf("%+v", c)
	}
	r.end(t)
	wantJobs(t, r.journal, record.JobDelivered, record.JobDelivered, record.JobDelivered, record.JobDelivered)
	if got := second.sent(); !slices.Equal(got[len(got)-2:], []string{"one", "two"}) {
		t.Errorf("the second was sent %v", got)
	}
}

// TestEachTargetGetsWhatCame has a target that is behind another one get what came, also the secrets that the journal does not store.
func TestEachTargetGetsWhatCame(t *testing.T) {
	t.Parallel()
	goOn := make(chan struct{})
	quick, slow := newApp(t, nil), newApp(t, func(n int, _ string, _ http.ResponseWriter) {
		if n == 0 {
			<-goOn
		}
	})
	r := start(t, ackNow(to("quick", quick.URL), to("slow", slow.URL)))
	for _, body := range []string{"one", "two"} {
		if status := post(t, strings.Replace(r.url, "//", "//user:password@", 1), body); status != http.StatusOK {
			t.Fatalf("%s was answered %d", body, status)
		}
	}
	ends(t, r, 2, record.JobDelivered) // of the quick one
	close(goOn)
	ends(t, r, 2, record.JobDelivered)
	for i, body := range slow.sent() {
		if slow.head(i).Get("Authorization") == "" {
			t.Errorf("%s lacks its Authorization", body)
		}
	}
}

// TestDeadLetters are told: a job that the target refuses, and those that were not delivered in time, all at once.
func TestDeadLetters(t *testing.T) {
	t.Parallel()
	tooLate := make(chan struct{})
	a := newApp(t, func(_ int, body string, w http.ResponseWriter) {
		if body == "refused" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		<-tooLate
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	var after func(time.Duration) <-chan time.Time
	r := start(t, func(o *listen.Options) {
		ackNow(to("app", a.URL))(o)
		o.Queue.Policy.GiveUp, after = 20*time.Second, o.After
	})
	posted(t, r, "refused")
	if job := ends(t, r, 1, record.JobDead)[0].Job; job.Reason != record.ReasonRefused {
		t.Errorf("%+v", job)
	}
	posted(t, r, "one", "two", "three")
	<-after(25 * time.Second)
	close(tooLate)
	all := ends(t, r, 1, record.JobDead)
	if job := all[len(all)-1].Job; job.Reason != record.ReasonExpired {
		t.Errorf("%+v", job)
	}
	if c := nextState(t, r, record.JobsDead); c.Count != 2 || c.Target != "app" {
		t.Errorf("%+v", c)
	}
	wantJobs(t, r.journal, record.JobDead, record.JobDead, record.JobDead, record.JobDead)
	r.end(t)
	for _, body := range a.sent() {
		if body == "two" || body == "three" {
			t.Error("a job was sent that came behind one that the target would not take")
		}
	}
}

// TestTwoListeners have one journal and one target: the jobs of both are sent by the first, and by the second once the first has ended.
func TestTwoListeners(t *testing.T) {
	t.Parallel()
	a := newApp(t, nil)
	one := start(t, ackNow(to("app", a.URL)))
	posted(t, one, "before") // it owns the lane
	ends(t, one, 1, record.JobDelivered)
	j, err := journal.Open(t.Context(), one.journal.Path(), journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	two := start(t, func(o *listen.Options) {
		ackNow(to("app", a.URL))(o)
		o.Recorder, o.Queue.Jobs = j, j.Backlog("test", journal.TakeUp)
	})
	t.Cleanup(func() { two.end(t); _ = j.Close() })
	nextState(t, two, record.LaneElsewhere)
	posted(t, two, "of the second")
	if at := next[record.Attempted](t, one).Attempt; at.Job.State != record.JobDelivered {
		t.Errorf("%+v", at)
	}
	posted(t, one, "of the first")
	ends(t, one, 1, record.JobDelivered)
	one.end(t)
	nextState(t, two, record.LaneOwned)
	posted(t, two, "the last")
	ends(t, two, 1, record.JobDelivered)
	if got := a.sent(); !slices.Equal(got, []string{"before", "of the second", "of the first", "the last"}) {
		t.Errorf("sent were %v", got)
	}
}

// beside opens the journal of a listener as another process does.
func beside(t *testing.T, r *rig) *journal.Journal {
	t.Helper()
	j, err := journal.Open(t.Context(), r.journal.Path(), journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

// TestPauses are a user's: another process makes them, the listener sends nothing meanwhile, and they end with the next start.
func TestPauses(t *testing.T) {
	t.Parallel()
	a := newApp(t, nil)
	r := start(t, ackNow(to("app", a.URL)))
	posted(t, r, "zero") // it has begun
	ends(t, r, 1, record.JobDelivered)
	user := beside(t, r)
	pause := func() {
		t.Helper()
		if err := user.PauseLane(t.Context(), "test", "app"); err != nil {
			t.Fatal(err)
		}
		if c := nextState(t, r, record.LanePaused); c.Target != "app" {
			t.Errorf("%+v", c)
		}
	}
	pause()
	posted(t, r, "one")
	if e := next[record.JobChanged](t, r); !e.Waits {
		t.Errorf("%+v", e.Job)
	}
	if err := user.ResumeLane(t.Context(), "test", "app"); err != nil {
		t.Fatal(err)
	}
	nextState(t, r, record.LaneResumed)
	ends(t, r, 1, record.JobDelivered)
	pause()
	posted(t, r, "two")
	r.end(t)
	wantJobs(t, user, record.JobDelivered, record.JobDelivered, record.JobQueued)
	again := start(t, func(o *listen.Options) {
		ackNow(to("app", a.URL))(o)
		o.Recorder, o.Queue.Jobs = user, user.Backlog("test", journal.TakeUp)
	})
	ends(t, again, 1, record.JobDelivered)
	again.end(t)
}

// next run takes up the jobs of a listener that ended, with its journal.
func (r *rig) nextRun(t *testing.T, change func(*listen.Options)) *rig {
	t.Helper()
	return start(t, func(o *listen.Options) {
		o.Recorder, o.Queue.Jobs = r.journal, r.journal.Backlog("test", journal.TakeUp)
		change(o)
	})
}

// TestJobsOfOtherTargets stay, and one line says how many.
func TestJobsOfOtherTargets(t *testing.T) {
	t.Parallel()
	gone := newApp(t, nil)
	gone.Close()
	first := start(t, ackNow(to("one", gone.URL), to("two", gone.URL)))
	posted(t, first, "a", "b")
	first.end(t)
	a := newApp(t, nil)
	second := first.nextRun(t, ackNow(to("one", a.URL)))
	if c := nextState(t, second, record.JobsLeft); c.Count != 2 {
		t.Errorf("%+v", c)
	}
	ends(t, second, 2, record.JobDelivered)
	second.end(t)
	wantJobs(t, first.journal, record.JobDelivered, record.JobQueued, record.JobDelivered, record.JobQueued)
	if got := a.sent(); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("sent were %v", got)
	}
}

// TestJobBehindOneThatWaits is sent at once, so nobody is told that it is queued.
func TestJobBehindOneThatWaits(t *testing.T) {
	t.Parallel()
	a := newApp(t, func(_ int, body string, w http.ResponseWriter) {
		if body == "bad" {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	r := start(t, ackNow(to("app", a.URL)))
	posted(t, r, "bad")
	ends(t, r, 1, record.JobWaiting)
	next[record.JobChanged](t, r)
	for tries := 1; ; tries++ {
		posted(t, r, "good")
		e := next[record.JobChanged](t, r)
		ends(t, r, 1, record.JobDelivered)
		next[record.JobChanged](t, r)
		if !e.Waits && e.Job.State == record.JobQueued {
			break
		}
		if tries == 10 { // the lane may be reading when a job comes, which then waits for a moment
			t.Fatalf("%+v of %+v", e, e.Job)
		}
	}
	r.end(t)
}

// TestJobsOfEarlierRuns are counted when a run takes them up, and each is sent with what the journal has of its delivery.
func TestJobsOfEarlierRuns(t *testing.T) {
	t.Parallel()
	gone := newApp(t, nil)
	gone.Close()
	first := start(t, ackNow(to("app", gone.URL)))
	posted(t, first, "a", "b")
	first.end(t)
	a := newApp(t, nil)
	second := first.nextRun(t, ackNow(to("app", a.URL)))
	if c := nextState(t, second, record.JobsTaken); c.Count != 2 || c.Target != "app" {
		t.Errorf("%+v", c)
	}
	for range 2 {
		e := next[record.Attempted](t, second)
		if d := e.Delivery; d == nil || d.ID != e.Attempt.DeliveryID || d.Size != 1 || d.Body != nil {
			t.Errorf("%+v with %+v", e.Attempt, d)
		}
	}
	posted(t, second, "c")
	if e := next[record.Attempted](t, second); e.Delivery != nil {
		t.Errorf("the stream told of %+v a moment before", e.Delivery)
	}
	second.end(t)
}

// TestFullQueue answers 503 with one line when it is full and one when it has room, by the number of jobs and by their size. A second
// listener counts the jobs that others send for it.
func TestFullQueue(t *testing.T) {
	t.Parallel()
	for name, bound := range map[string]func(*listen.Queue){
		"number": func(q *listen.Queue) { q.MaxJobs = 10 },
		"size":   func(q *listen.Queue) { q.MaxBytes = 50 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			goOn := make(chan struct{})
			a := newApp(t, func(int, string, http.ResponseWriter) { <-goOn })
			r := start(t, func(o *listen.Options) {
				ackNow(to("app", a.URL))(o)
				bound(&o.Queue)
			})
			for range 10 {
				posted(t, r, "12345")
			}
			for range 3 {
				if status := post(t, r.url, "12345"); status != http.StatusServiceUnavailable {
					t.Errorf("a full queue answers %d", status)
				}
			}
			if c := nextState(t, r, record.QueueFull); c.Count != 10 {
				t.Errorf("%+v", c)
			}
			close(goOn)
			if c := nextState(t, r, record.QueueDrained); c.Count != 3 {
				t.Errorf("%+v", c)
			}
			posted(t, r, "12345")
			r.end(t)
			if got := len(jobs(t, r.journal)); got != 11 {
				t.Errorf("%d jobs were recorded", got)
			}
		})
	}
}

// TestFullQueueOfAnother has a listener whose jobs another one sends.
func TestFullQueueOfAnother(t *testing.T) {
	t.Parallel()
	goOn := make(chan struct{})
	a := newApp(t, func(int, string, http.ResponseWriter) { <-goOn })
	one := start(t, ackNow(to("app", a.URL)))
	posted(t, one, "first")
	j := beside(t, one)
	two := start(t, func(o *listen.Options) {
		ackNow(to("app", a.URL))(o)
		o.Recorder, o.Queue.Jobs, o.Queue.MaxJobs = j, j.Backlog("test", journal.TakeUp), 3
	})
	posted(t, two, "a", "b")
	if status := post(t, two.url, "c"); status != http.StatusServiceUnavailable {
		t.Errorf("answered %d", status)
	}
	nextState(t, two, record.QueueFull)
	close(goOn)
	nextState(t, two, record.QueueDrained)
	two.end(t)
	one.end(t)
}

// failing are jobs whose journal fails while it is told to.
type failing struct {
	listen.Jobs
	mu     sync.Mutex
	record error // of the next tries to record
	read   error
	times  int
}

func (f *failing) fails(err *error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if *err == nil || f.times == 0 {
		return nil
	}
	f.times--
	return *err
}

func (f *failing) AppendTry(ctx context.Context, a *record.Attempt, before, next record.Job) error {
	if err := f.fails(&f.record); err != nil {
		return err
	}
	return f.Jobs.AppendTry(ctx, a, before, next)
}

func (f *failing) Delivery(ctx context.Context, id string) (record.Delivery, error) {
	if err := f.fails(&f.read); err != nil {
		return record.Delivery{}, err
	}
	return f.Jobs.Delivery(ctx, id)
}

func (f *failing) Queued(ctx context.Context, lane string, n int) ([]record.Job, error) {
	if err := f.fails(&f.read); err != nil {
		return nil, err
	}
	return f.Jobs.Queued(ctx, lane, n)
}

func noRoom() error { return fault.New(fault.Storage, "no room") }

// TestTriesThatCannotBeRecorded hold their lane, so that nothing is sent of which nobody knows: each job is sent once, and people hear
// of it once.
func TestTriesThatCannotBeRecorded(t *testing.T) {
	t.Parallel()
	a := newApp(t, nil)
	bad := &failing{record: noRoom(), times: 5}
	r := start(t, func(o *listen.Options) {
		ackNow(to("app", a.URL))(o)
		bad.Jobs, o.Queue.Jobs = o.Queue.Jobs, bad
	})
	posted(t, r, "one", "two", "three")
	nextState(t, r, record.QueueLost)
	nextState(t, r, record.QueueRecovered)
	ends(t, r, 3, record.JobDelivered)
	r.end(t)
	wantJobs(t, r.journal, record.JobDelivered, record.JobDelivered, record.JobDelivered)
	if got := a.sent(); !slices.Equal(got, []string{"one", "two", "three"}) {
		t.Errorf("sent were %v", got)
	}
	quiet(t, r)
}

// quiet wants nothing told of any more but what came of jobs.
func quiet(t *testing.T, r *rig) {
	t.Helper()
	for len(r.events) > 0 {
		switch e := (<-r.events).(type) {
		case record.Changed:
			if e.State != record.Draining {
				t.Errorf("it says %+v", e)
			}
		case record.Failed:
			t.Errorf("it says %s", e.Message)
		default:
		}
	}
}

// TestTriesThatAreNeverRecorded do not keep a run from its end: the job is sent again by the next.
func TestTriesThatAreNeverRecorded(t *testing.T) {
	t.Parallel()
	a := newApp(t, nil)
	bad := &failing{record: noRoom(), times: 1 << 30}
	r := start(t, func(o *listen.Options) {
		ackNow(to("app", a.URL))(o)
		bad.Jobs, o.Queue.Jobs = o.Queue.Jobs, bad
	})
	posted(t, r, "one", "two")
	nextState(t, r, record.QueueLost)
	r.end(t)
	if e := next[record.Failed](t, r); e.DeliveryID == "" {
		t.Errorf("it says %+v", e)
	}
	wantJobs(t, r.journal, record.JobQueued, record.JobQueued)
	again := r.nextRun(t, ackNow(to("app", a.URL)))
	ends(t, again, 2, record.JobDelivered)
	again.end(t)
	got := a.sent() // the first run may have come to the second job before its end
	if !slices.Equal(got, []string{"one", "one", "two"}) && !slices.Equal(got, []string{"one", "two", "one", "two"}) {
		t.Errorf("sent were %v", got)
	}
}

// TestJobsThatCannotBeRead wait, and are told of once.
func TestJobsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	gone := newApp(t, nil)
	gone.Close()
	first := start(t, ackNow(to("app", gone.URL)))
	posted(t, first, "one", "two")
	first.end(t)
	a := newApp(t, nil)
	bad := &failing{read: noRoom(), times: 4}
	r := first.nextRun(t, func(o *listen.Options) {
		ackNow(to("app", a.URL))(o)
		bad.Jobs, o.Queue.Jobs = o.Queue.Jobs, bad
	})
	nextState(t, r, record.QueueLost)
	ends(t, r, 2, record.JobDelivered)
	r.end(t)
	if got := a.sent(); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("sent were %v", got)
	}
}

// TestEndSendsWhatItCan has an interrupt come while jobs are queued: those of a target that takes them are sent, the others stay.
func TestEndSendsWhatItCan(t *testing.T) {
	t.Parallel()
	gone := newApp(t, nil)
	gone.Close()
	goOn := make(chan struct{})
	a := newApp(t, func(int, string, http.ResponseWriter) { <-goOn })
	r := start(t, ackNow(to("app", a.URL), to("gone", gone.URL)))
	for i := range 20 {
		posted(t, r, fmt.Sprint(i))
	}
	nextState(t, r, record.Lost)
	r.stop()
	close(goOn)
	if err := <-r.ended; err != nil {
		t.Error(err)
	}
	if n := len(a.sent()); n != 20 {
		t.Errorf("%d were sent", n)
	}
	for i, state := range jobs(t, r.journal) {
		if want := []record.JobState{record.JobDelivered, record.JobQueued}[i%2]; state != want {
			t.Errorf("job %d is %s", i, state)
		}
	}
}

// TestForcedEnd has a second interrupt come while a job is sent: it is cut off and stays owed, and the run says so.
func TestForcedEnd(t *testing.T) {
	t.Parallel()
	came, hang := make(chan struct{}, 10), make(chan struct{})
	a := newApp(t, func(int, string, http.ResponseWriter) {
		came <- struct{}{}
		<-hang
	})
	defer close(hang)
	r := start(t, ackNow(to("app", a.URL)))
	posted(t, r, "one")
	<-came
	r.stop()
	if c := nextState(t, r, record.Draining); c.Count != 1 {
		t.Errorf("%+v", c)
	}
	r.force()
	if err := <-r.ended; fault.KindOf(err) != fault.Stopped {
		t.Errorf("it ends with %v", err)
	}
	if at := next[record.Attempted](t, r).Attempt; at.Outcome != record.OutcomeCancelled || at.Job.State != record.JobQueued || at.Job.Tries != 0 {
		t.Errorf("%+v of %+v", at, at.Job)
	}
	wantJobs(t, r.journal, record.JobQueued)
}

// TestPanicLosesNoJob has telling of a delivery fail: its job is sent all the same.
func TestPanicLosesNoJob(t *testing.T) {
	t.Parallel()
	a := newApp(t, nil)
	r := start(t, func(o *listen.Options) {
		ackNow(to("app", a.URL))(o)
		emit := o.Emit
		o.Emit = func(at time.Time, e record.Event) {
			if _, is := e.(record.Received); is {
				panic(http.ErrAbortHandler)
			}
			emit(at, e)
		}
	})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := (&http.Client{}).Do(req); err == nil {
		_ = resp.Body.Close()
		t.Errorf("answered %d", resp.StatusCode)
	}
	ends(t, r, 1, record.JobDelivered)
}

// TestDamagedDelivery has a journal that no longer has the bytes of a delivery: its job is dead, and nothing is sent.
func TestDamagedDelivery(t *testing.T) {
	t.Parallel()
	gone := newApp(t, nil)
	gone.Close()
	first := start(t, ackNow(to("app", gone.URL)))
	posted(t, first, "one")
	first.end(t)
	a := newApp(t, nil)
	r := first.nextRun(t, func(o *listen.Options) {
		ackNow(to("app", a.URL))(o)
		o.Queue.Jobs = damaged{o.Queue.Jobs}
	})
	if job := ends(t, r, 1, record.JobDead)[0].Job; job.Reason != record.ReasonDamaged {
		t.Errorf("%+v", job)
	}
	r.end(t)
	wantJobs(t, first.journal, record.JobDead)
	if got := a.sent(); len(got) > 0 {
		t.Errorf("sent were %v", got)
	}
}

type damaged struct{ listen.Jobs }

func (d damaged) Delivery(ctx context.Context, id string) (record.Delivery, error) {
	got, err := d.Jobs.Delivery(ctx, id)
	got.BodyDamaged = true
	return got, err
}

// TestStartThatFails has a journal whose lanes cannot be read: the run ends.
func TestStartThatFails(t *testing.T) {
	t.Parallel()
	r := start(t, func(o *listen.Options) {
		ackNow(to("app", "http://127.0.0.1:1"))(o)
		o.Queue.Jobs = unowned{o.Queue.Jobs}
	})
	if err := <-r.ended; !errors.Is(err, errBroken) {
		t.Errorf("it ends with %v", err)
	}
}

type unowned struct{ listen.Jobs }

func (unowned) Own(context.Context, string) (*record.OwnedLane, error) { return nil, errBroken }

// An answer without an end holds up no lane: its status says that the delivery was taken.
func TestAnswerWithoutAnEnd(t *testing.T) {
	t.Parallel()
	a := newApp(t, func(_ int, _ string, w http.ResponseWriter) {
		for chunk := make([]byte, 64<<10); ; {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	patient := to("a", a.URL)
	patient.Timeout = 0
	r := start(t, ackNow(patient))
	post(t, r.url, `{"event_type":"x","event_id":"1"}`)
	for {
		if job := next[record.JobChanged](t, r).Job; job.State != record.JobQueued {
			if job.State != record.JobDelivered {
				t.Errorf("the job is %s", job.State)
			}
			return
		}
	}
}
