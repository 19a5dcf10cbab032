package listen

// The jobs that no sender waits for: each target has a lane of them.

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/queue"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
)

// Jobs are the jobs that outlive the listener. Their deliveries and attempts are those of the Recorder.
type Jobs interface {
	queue.Backing
	// Notify has f given the queued jobs of each commit, in the order of their deliveries, before anybody is told that these are recorded.
	// others says that other processes recorded deliveries before them.
	Notify(f func(jobs []record.Job, others bool))
	// AppendTry records an attempt as Recorder.AppendAttempts does, and makes next of the job that was before.
	AppendTry(ctx context.Context, a *record.Attempt, before, next record.Job) error
	// Delivery returns a recorded delivery with its body.
	Delivery(ctx context.Context, id string) (record.Delivery, error)
	// Own makes this process the owner of a target's lane until it is released. It is nil if another process owns the lane.
	Own(ctx context.Context, target string) (*record.OwnedLane, error)
	// Resume ends a user's pause of a target's lane.
	Resume(ctx context.Context, target string) error
	// Expire gives up to n open jobs for a target up whose time began before since, and returns them.
	Expire(ctx context.Context, target string, since time.Time, n int) ([]record.Job, error)
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
	// lastJobs is how long the end of a run waits for the jobs that can be sent at once, and sayLast when people are told of it.
	lastJobs = 5 * time.Second
	sayLast  = 500 * time.Millisecond
	// expireAtOnce is how many jobs are given up in one step.
	expireAtOnce = 500
)

// owed is the jobs of the listener's targets.
type owed struct {
	l       *Listener
	lanes   *queue.Lanes
	queue   *queue.Queue
	fresh   fresh
	room    room
	trouble trouble
	secrets sync.Once     // people were told that the journal has no secrets
	over    chan struct{} // closed when what cannot be recorded is left

	mu    sync.Mutex
	owned map[string]func()    // releases the lane, by target
	told  map[string]bool      // the lanes of others, of which people were told
	down  map[string]time.Time // since when targets take nothing
}

func newOwed(l *Listener) *owed {
	o := &owed{
		l: l, lanes: queue.NewLanes(l.o.Queue.Jobs, l.o.Queue.Policy), fresh: newFresh(), over: make(chan struct{}),
		trouble: trouble{fails: map[work]struct{}{}}, owned: map[string]func(){}, told: map[string]bool{}, down: map[string]time.Time{},
	}
	for _, t := range l.o.Targets {
		o.lanes.Watch(t.Label())
	}
	o.queue = queue.New(queue.Options{
		Store: o, Try: o.try, Max: max(len(l.o.Targets), 1) * max(l.o.Queue.Policy.Width, 1), Drain: time.Hour, Now: l.o.Now, After: l.o.After,
	})
	return o
}

// Lanes is for queue.Store.
func (o *owed) Lanes() ([]queue.Lane, error) { return o.lanes.Lanes() }

// Due is for queue.Store. A lane that cannot be read holds up no other, and is read again soon.
func (o *owed) Due(lane queue.Lane, now time.Time, n int) (due []record.Job, next time.Time, err error) {
	due, next, err = o.lanes.Due(lane, now, n)
	o.report(work{listing, lane.Name}, err)
	if err != nil {
		return nil, now.Add(lookEvery), nil //nolint:nilerr // it is told
	}
	return due, next, nil
}

// begin takes over the lanes and takes up what is in them.
func (o *owed) begin(ctx context.Context) error {
	o.l.o.Queue.Jobs.Notify(func(jobs []record.Job, others bool) {
		if others {
			o.lanes.Missing(jobs[0].DeliveryID)
		}
		for _, job := range jobs {
			if o.mine(job.Target) {
				o.fresh.expect(job.DeliveryID)
			}
		}
		o.lanes.Added(jobs)
		o.queue.Wake()
	})
	for _, t := range o.l.o.Targets {
		if err := o.l.o.Queue.Jobs.Resume(ctx, t.Label()); err != nil { // a start ends pauses
			return err
		}
	}
	if _, err := o.l.o.Queue.Jobs.Changed(ctx); err != nil {
		return err
	}
	if err := o.takeLanes(ctx); err != nil {
		return err
	}
	o.report(work{kind: following}, o.lanes.Count())
	return o.tellOpen(ctx)
}

// takeLanes becomes the owner of the lanes that nobody owns.
func (o *owed) takeLanes(ctx context.Context) error {
	for _, t := range o.l.o.Targets {
		name := t.Label()
		if o.mine(name) {
			continue
		}
		lane, err := o.l.o.Queue.Jobs.Own(ctx, name)
		if err != nil {
			return err
		}
		o.mu.Lock()
		told := o.told[name]
		if o.told[name] = lane == nil; lane != nil {
			o.owned[name] = lane.Release
		}
		o.mu.Unlock()
		switch {
		case lane != nil:
			o.lanes.Own(name, lane.Paused)
			o.queue.Wake()
			o.tellOwned(t, lane, told)
		case !told:
			o.l.emit(record.Changed{State: record.LaneElsewhere, Target: t.Name, Message: "another listener sends its jobs, and sends those of this run too"})
		}
	}
	return nil
}

// tellOwned tells what was found in a lane, and that it was another listener's.
func (o *owed) tellOwned(t target.Target, lane *record.OwnedLane, wasElsewhere bool) {
	list := fault.Command("whctl queue list").Flag("--target", t.Label()) // which leaves out what has ended, but for dead jobs
	if lane.Interrupted > 0 {
		o.l.emit(record.Changed{State: record.JobsInterrupted, Target: t.Name, Count: lane.Interrupted, Message: fmt.Sprintf(
			"%s answered senders when their process ended, and what came of it is not known: %s", fault.Plural(lane.Interrupted, "job"), list.Flag("--state", string(record.JobInterrupted)))})
	}
	if lane.Dropped > 0 {
		o.l.emit(record.Changed{State: record.JobsDropped, Target: t.Name, Count: lane.Dropped, Message: fmt.Sprintf(
			"%s of earlier runs with --sandbox were dropped: %s", fault.Plural(lane.Dropped, "job"), list.Flag("--state", string(record.JobDropped)).Flag("--profile", o.l.o.Profile))})
	}
	if wasElsewhere {
		o.l.emit(record.Changed{State: record.LaneOwned, Target: t.Name, Message: "the other listener has ended; this one sends its jobs now"})
	}
	if lane.Paused {
		o.tellPaused(t, true)
	}
}

// mine says whether this process sends the jobs of a target.
func (o *owed) mine(name string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, mine := o.owned[name]
	return mine
}

// tellOpen says how many jobs of earlier runs this one goes on with, and how many wait for targets that it does not name.
func (o *owed) tellOpen(ctx context.Context) error {
	lanes, err := o.l.o.Queue.Jobs.Lanes(ctx)
	if err != nil {
		return err
	}
	left := 0
	for _, lane := range lanes {
		named := slices.ContainsFunc(o.l.o.Targets, func(t target.Target) bool { return t.Label() == lane.Target })
		switch {
		case !named:
			left += lane.Open
		case lane.Open > 0 && o.mine(lane.Target):
			o.l.emit(record.Changed{State: record.JobsTaken, Target: lane.Target, Count: lane.Open, Message: fmt.Sprintf(
				"this run sends %s of earlier ones", fault.Plural(lane.Open, "job"))})
		}
	}
	if left > 0 {
		o.l.emit(record.Changed{State: record.JobsLeft, Count: left, Message: fmt.Sprintf(
			"%s for targets that this run does not name stay in the journal: %s", fault.Plural(left, "job"), fault.Command("whctl queue list"))})
	}
	return nil
}

// run sends jobs until no delivery comes any more, and then those that can be sent at once.
func (o *owed) run(accepting <-chan struct{}) {
	sending, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := o.queue.Run(sending); err != nil { // not this store
			o.l.sayUnrecorded("the jobs of the queue", "", err)
		}
	}()
	o.watch(accepting)
	o.finish()
	close(o.over)
	stop()
	<-ended
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, release := range o.owned {
		release()
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
		o.report(work{kind: following}, o.follow(context.Background()))
		o.admits()
	}
}

// follow takes over what other processes left or changed.
func (o *owed) follow(ctx context.Context) error {
	if err := o.takeLanes(ctx); err != nil {
		return err
	}
	changed, err := o.l.o.Queue.Jobs.Changed(ctx)
	if err == nil && changed {
		err = o.reread(ctx)
	}
	if err != nil {
		return err
	}
	return o.lanes.Count()
}

// reread takes over what other processes have changed about the lanes.
func (o *owed) reread(ctx context.Context) error {
	o.lanes.Reread()
	o.fresh.clear()
	defer o.queue.Wake()
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
	limit, say, tick := time.NewTimer(lastJobs), time.NewTimer(sayLast), time.NewTicker(step)
	defer limit.Stop()
	defer say.Stop()
	defer tick.Stop()
	for !o.lanes.Idle(o.l.o.Now()) {
		select {
		case <-tick.C:
		case <-say.C:
			open, _ := o.lanes.Open()
			o.l.emit(record.Changed{State: record.Draining, Count: open, Message: fmt.Sprintf(
				"%s are open; those that can be sent at once are; interrupt again to stop at once", fault.Plural(open, "job"))})
		case <-limit.C:
			return
		case <-o.l.server.Forced().Done():
			return
		}
	}
}

// queued tells of the jobs that a delivery made, and gives them what to send.
func (o *owed) queued(in *incoming) {
	first := in.d.FirstQueued()
	if first == len(in.d.Targets) {
		return
	}
	var sent []string
	for _, job := range in.d.Jobs()[first:] {
		ahead, sends := o.lanes.Ahead(job.Target)
		if sends {
			sent = append(sent, job.Target)
		}
		o.l.emit(record.JobChanged{Job: &job, Waits: !sends || ahead > max(o.l.o.Queue.Policy.Width, 1)})
	}
	o.fresh.put(in.d, target.Message{Method: in.r.Method, Request: in.d.Path, Header: o.l.targetHeaders(in.sent(), in.r.Host, in.d, used(in)), Body: in.body}, sent)
}
