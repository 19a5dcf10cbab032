package listen

// The jobs that no sender waits for: each target has a lane of them.

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/queue"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/serve"
	"github.com/whctl/whctl/internal/target"
)

// Jobs are the jobs that outlive the listener. Their deliveries and attempts are those of the Recorder.
type Jobs interface {
	queue.Backing
	// Notify has f given the queued jobs of each commit, in the order of their deliveries, before anybody is told that these are recorded.
	Notify(f func([]record.Job))
	// AppendTry records an attempt as Recorder.AppendAttempt does, and makes next of the job that was before.
	AppendTry(ctx context.Context, a *record.Attempt, before, next record.Job) error
	// Delivery returns a recorded delivery with its body.
	Delivery(ctx context.Context, id string) (record.Delivery, error)
	// Own makes this process the owner of a target's lane until release. It is false if another process owns it.
	Own(ctx context.Context, target string) (release func(), ok bool, err error)
	// Lanes returns the lanes that have jobs or are paused, whoever owns them.
	Lanes(ctx context.Context) ([]record.Lane, error)
	// Changed says whether another process has changed the jobs since the last call.
	Changed(ctx context.Context) (bool, error)
}

// Queue says how the jobs are sent that no sender waits for.
type Queue struct {
	Jobs     Jobs
	Policy   queue.Policy
	MaxJobs  int   // open at one time; more are answered 503
	MaxBytes int64 // the same of their bodies
}

const (
	// lookEvery is how often the listener looks for changes that other processes made, and for lanes that lost their owner.
	lookEvery = time.Second
	// mostUnderWay bounds the jobs that are being sent, over all lanes.
	mostUnderWay = 1024
	// lastJobs is how long the end of a run waits for the jobs that can be sent at once.
	lastJobs = 5 * time.Second
)

// owed is the jobs of the listener's targets.
type owed struct {
	l     *Listener
	lanes *queue.Lanes
	queue *queue.Queue
	fresh fresh

	mu    sync.Mutex
	owned map[string]func() // releases the lane, by target
	full  bool              // senders are answered 503
	away  int               // how many were since
}

func newOwed(l *Listener) *owed {
	o := &owed{l: l, lanes: queue.NewLanes(l.o.Queue.Jobs, l.o.Queue.Policy), owned: map[string]func(){}, fresh: newFresh()}
	o.queue = queue.New(queue.Options{
		Store: o.lanes, Try: o.try, Max: mostUnderWay, Drain: time.Hour, Now: l.o.Now, After: l.o.After,
	})
	return o
}

// begin takes over the lanes and takes up what is in them.
func (o *owed) begin(ctx context.Context) error {
	o.l.o.Queue.Jobs.Notify(func(jobs []record.Job) {
		for _, job := range jobs {
			if o.mine(job.Target) {
				o.fresh.expect(job.DeliveryID)
			}
		}
		o.lanes.Added(jobs)
		o.queue.Wake()
	})
	if _, err := o.l.o.Queue.Jobs.Changed(ctx); err != nil {
		return err
	}
	if err := o.own(ctx); err != nil {
		return err
	}
	return o.tellLeft(ctx)
}

// own becomes the owner of the lanes that nobody owns.
func (o *owed) own(ctx context.Context) error {
	for _, t := range o.l.o.Targets {
		name := t.Label()
		o.mu.Lock()
		_, mine := o.owned[name]
		o.mu.Unlock()
		if mine {
			continue
		}
		release, ok, err := o.l.o.Queue.Jobs.Own(ctx, name)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		o.lanes.Own(name)
		o.mu.Lock()
		o.owned[name] = release
		o.mu.Unlock()
	}
	return nil
}

// mine says whether this process sends the jobs of a target.
func (o *owed) mine(name string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, mine := o.owned[name]
	return mine
}

// tellLeft says how many jobs wait for targets that this run does not name.
func (o *owed) tellLeft(ctx context.Context) error {
	lanes, err := o.l.o.Queue.Jobs.Lanes(ctx)
	if err != nil {
		return err
	}
	left := 0
	for _, lane := range lanes {
		if !slices.ContainsFunc(o.l.o.Targets, func(t target.Target) bool { return t.Label() == lane.Target }) {
			left += lane.Open
		}
	}
	if left > 0 {
		o.l.emit(record.Changed{State: record.JobsLeft, Count: left, Message: fmt.Sprintf(
			"%s for targets that this run does not name stay in the journal: %s", jobsOf(left), fault.Command("whctl queue list"))})
	}
	return nil
}

func jobsOf(n int) string {
	if n == 1 {
		return "1 job"
	}
	return fmt.Sprintf("%d jobs", n)
}

// run sends jobs until no delivery comes any more, and then those that can be sent at once.
func (o *owed) run(accepting <-chan struct{}) {
	sending, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for sending.Err() == nil {
			if err := o.queue.Run(sending); err != nil {
				o.l.sayUnrecorded("the jobs of the queue", "", err)
				o.pause(sending)
			}
		}
	}()
	o.watch(accepting)
	o.finish()
	stop()
	<-ended
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, release := range o.owned {
		release()
	}
}

// pause waits before the store is asked again.
func (o *owed) pause(ctx context.Context) {
	select {
	case <-o.l.o.After(lookEvery):
	case <-ctx.Done():
	}
}

// watch looks for what other processes do, until no delivery comes any more.
func (o *owed) watch(accepting <-chan struct{}) {
	for {
		select {
		case <-o.l.o.After(lookEvery):
		case <-accepting:
			return
		}
		if err := o.look(context.Background()); err != nil {
			o.l.sayUnrecorded("the jobs of the queue", "", err)
		}
	}
}

func (o *owed) look(ctx context.Context) error {
	if err := o.own(ctx); err != nil {
		return err
	}
	changed, err := o.l.o.Queue.Jobs.Changed(ctx)
	if err != nil || !changed {
		return err
	}
	lanes, err := o.l.o.Queue.Jobs.Lanes(ctx)
	if err != nil {
		return err
	}
	paused := map[string]bool{}
	for _, lane := range lanes {
		paused[lane.Target] = lane.Paused
	}
	for _, t := range o.l.o.Targets {
		if o.lanes.SetPaused(t.Label(), paused[t.Label()]) {
			o.tellPaused(t, paused[t.Label()])
		}
	}
	o.lanes.Reread()
	o.queue.Wake()
	return nil
}

func (o *owed) tellPaused(t target.Target, paused bool) {
	c := record.Changed{State: record.LaneResumed, Target: t.Name, Message: "whctl queue resume: jobs are sent again"}
	if paused {
		c = record.Changed{State: record.LanePaused, Target: t.Name, Message: "whctl queue pause: jobs wait"}
	}
	o.l.emit(c)
}

// finish waits for the jobs that can be sent at once, for a moment.
func (o *owed) finish() {
	const step = 10 * time.Millisecond
	limit := time.NewTimer(lastJobs)
	defer limit.Stop()
	tick := time.NewTicker(step)
	defer tick.Stop()
	for !o.lanes.Idle(o.l.o.Now()) {
		select {
		case <-tick.C:
		case <-limit.C:
			return
		case <-o.l.server.Forced().Done():
			return
		}
	}
}

// admits says whether there is room for the jobs of one more delivery. If there is none, its sender is answered 503, and people are told
// of the first.
func (o *owed) admits(w http.ResponseWriter) bool {
	open, bytes := o.lanes.Open()
	full := open >= o.l.o.Queue.MaxJobs || bytes >= o.l.o.Queue.MaxBytes
	o.mu.Lock()
	before, away := o.full, o.away
	o.full, o.away = full, o.away+1
	if !full {
		o.away = 0
	}
	o.mu.Unlock()
	switch {
	case full && !before:
		o.l.emit(record.Changed{State: record.QueueFull, Count: open, Message: fmt.Sprintf(
			"%s are open, which is as many as --max-queue allows; deliveries are answered 503 until there is room", jobsOf(open))})
	case before && !full:
		o.l.emit(record.Changed{State: record.QueueDrained, Count: away, Message: fmt.Sprintf("the queue has room again; %d deliveries were answered 503 in between", away)})
	}
	if full {
		w.Header().Set("Retry-After", "30")
		serve.Answer(w, http.StatusServiceUnavailable, "the queue is full")
	}
	return !full
}

// queued tells of the jobs that a delivery made, and gives them what to send.
func (o *owed) queued(in *incoming, first int) {
	for place, name := range in.d.Targets {
		if place < first {
			continue
		}
		job := record.Job{
			DeliveryID: in.d.ID, Profile: in.d.Profile, Target: name, Place: place, State: record.JobQueued,
			Due: in.d.ReceivedAt, Since: in.d.ReceivedAt, Size: int64(len(in.d.Body)), Origin: record.OriginForward,
		}
		behind, sends := o.lanes.Behind(name)
		o.l.emit(record.JobChanged{Job: &job, Waits: !sends || behind > max(o.l.o.Queue.Policy.Width, 1)})
	}
	o.fresh.put(in.d, target.Message{Method: in.r.Method, Request: in.d.Path, Header: o.l.targetHeaders(in.r.Header, in.d, used(in)), Body: in.body})
}

// try sends a job once.
func (o *owed) try(ctx context.Context, due record.Job) {
	d, m, isFresh := o.fresh.take(due.DeliveryID)
	job, overtakes, ok := o.lanes.Begin(due)
	if !ok {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(o.l.server.Forced(), cancel)()
	if !isFresh {
		stored, err := o.l.o.Queue.Jobs.Delivery(ctx, job.DeliveryID)
		if err != nil || stored.BodyDamaged || stored.Truncated() {
			o.unreadable(ctx, job, err)
			return
		}
		d = &stored
		m = target.Message{Method: d.Method, Request: d.Path, Header: o.l.storedHeaders(d), Body: d.Body}
	}
	to := slices.IndexFunc(o.l.o.Targets, func(t target.Target) bool { return t.Label() == job.Target })
	j := handOver{delivery: d, target: o.l.o.Targets[to], sender: o.l.senders[to], message: m, judge: o.l.o.Judge(ctx), at: o.l.o.Now()}
	signing := o.l.resign(ctx, d, &j.message)
	out := o.l.send(ctx, j)
	next, change := o.lanes.Decide(job, queue.Outcome{Kind: out.Kind, Status: answeredStatus(out), RetryAfter: out.RetryAfter(o.l.o.Now())})
	a := o.l.attempt(j, out)
	a.Number, a.Signing, a.Overtook, a.Job = 0, signing, overtakes, &next
	if a.Origin = job.Origin; job.Tries > 0 || job.State == record.JobWaiting {
		a.Origin = record.OriginRetry
	}
	o.l.probe(ctx, out, a)
	if err := o.l.o.Queue.Jobs.AppendTry(context.WithoutCancel(ctx), a, job, next); err != nil {
		o.l.sayUnrecorded("an attempt", a.DeliveryID, err)
	}
	o.lanes.Finish(next)
	o.l.emit(record.Attempted{Attempt: a})
	if next.State != job.State || !next.Due.Equal(job.Due) {
		o.l.emit(record.JobChanged{Job: &next})
	}
	o.tellLane(j.target, change)
}

// answeredStatus is the status of a whole answer; 0 where there was none.
func answeredStatus(o target.Outcome) int {
	if o.Err != nil {
		return 0
	}
	return o.Status
}

// tellLane tells of a target that went down or came back.
func (o *owed) tellLane(t target.Target, c queue.Change) {
	open, _ := o.lanes.Behind(t.Label())
	switch c {
	case queue.WentDown:
		o.l.emit(record.Changed{State: record.Lost, Target: t.Name, Count: open, Message: "the target takes nothing now; its jobs wait, and no try is counted"})
	case queue.CameBack:
		o.l.emit(record.Changed{State: record.Recovered, Target: t.Name, Count: open, Message: "the target answers again"})
	case queue.Same:
	}
}

// unreadable ends a job whose delivery the journal cannot give back as it was received, and leaves it for later where the journal cannot
// be read at all.
func (o *owed) unreadable(ctx context.Context, job record.Job, err error) {
	next := job
	if err == nil || fault.KindOf(err) == fault.Refused {
		next.State, next.Reason = record.JobDead, record.ReasonDamaged
		a := &record.Attempt{
			DeliveryID: job.DeliveryID, Target: job.Target, StartedAt: o.l.o.Now(), Origin: job.Origin, Outcome: record.OutcomeFailed,
			Error: "the journal no longer has the body as it was received", Job: &next,
		}
		err = o.l.o.Queue.Jobs.AppendTry(context.WithoutCancel(ctx), a, job, next)
		o.l.emit(record.Attempted{Attempt: a})
		o.l.emit(record.JobChanged{Job: &next})
	}
	if err != nil {
		o.l.sayUnrecorded("a job of the queue", job.DeliveryID, err)
		o.pause(ctx)
	}
	o.lanes.Finish(next)
}
