package listen

// One try of a job that no sender waits for.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/queue"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
)

// try sends a job once.
func (o *owed) try(ctx context.Context, due record.Job) {
	d, m, isFresh := o.fresh.take(due.DeliveryID, due.Target)
	job, overtakes, ok := o.lanes.Begin(due)
	if !ok {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(o.l.server.Forced(), cancel)()
	if !isFresh {
		if d, m, ok = o.stored(ctx, job); !ok {
			return
		}
	}
	to := slices.IndexFunc(o.l.o.Targets, func(t target.Target) bool { return t.Label() == job.Target })
	j := handOver{delivery: d, target: o.l.o.Targets[to], sender: o.l.senders[to], message: m, judge: o.l.o.Judge(ctx), at: o.l.o.Now(), scrub: o.l.o.Scrub}
	j.message.Sink = func(int, http.Header) io.Writer { return &enough{left: mostAnswer} }
	j.message.Delivery = d
	signing := record.AsCaptured
	if !j.target.Broker() { // whoever reads a message later verifies it as it came
		signing = o.l.resign(ctx, d, &j.message)
		o.tellSecrets(j)
	}
	out := o.l.send(ctx, j)
	next, change := o.lanes.Decide(job, queue.Outcome{Kind: out.Kind, Status: answeredStatus(out), RetryAfter: out.RetryAfter(o.l.o.Now()), Final: out.Final, InDoubt: out.InDoubt})
	a := o.l.attempt(j, out)
	a.Number, a.Signing, a.Overtook, a.Job = 0, signing, overtakes, &next
	if a.Origin = job.Origin; job.Tries > 0 || job.State == record.JobWaiting {
		a.Origin = record.OriginRetry
	}
	o.l.probe(ctx, out, a)
	tried := record.Attempted{Attempt: a}
	if !isFresh {
		tried.Delivery = withoutBody(d)
	}
	o.settle(tried, job, next)
	o.tellLane(j.target, change)
	if next.Reason == record.ReasonExpired && next.Tries == job.Tries { // the target takes nothing
		o.expire(ctx, j.target)
	}
}

// mostAnswer is how much of an answer is read that no sender waits for, in bytes. Its status says what is next for the job, and an
// answer may have no end.
const mostAnswer = 1 << 20

var errEnough = errors.New("the rest of the answer is not read")

// enough drops what is written and fails once it is too much.
type enough struct{ left int }

func (e *enough) Write(p []byte) (int, error) {
	if e.left -= len(p); e.left < 0 {
		return 0, errEnough
	}
	return len(p), nil
}

// withoutBody is what the stream needs of a delivery. Its body may be large, and readers may be slow.
func withoutBody(d *record.Delivery) *record.Delivery {
	light := *d
	light.Body, light.Earlier = nil, nil
	return &light
}

// settle records a try and tells of it.
func (o *owed) settle(tried record.Attempted, before, next record.Job) {
	o.record(tried.Attempt, before, next)
	// A lane may read a job before its record has been told of: people hear of the delivery first, and the job needs it no more.
	_, _, _ = o.fresh.take(next.DeliveryID, next.Target)
	o.lanes.Finish(next)
	o.l.emit(tried)
	if next.State != before.State || !next.Due.Equal(before.Due) {
		o.l.emit(record.JobChanged{Job: &next})
	}
}

// record records a try. While that fails, its lane sends no more in its place: what came of that would be forgotten too, and be sent again.
func (o *owed) record(a *record.Attempt, before, next record.Job) {
	for {
		err := o.l.o.Queue.Jobs.AppendTry(context.Background(), a, before, next)
		o.report(work{recording, a.Target}, err)
		if err == nil {
			return
		}
		select {
		case <-o.l.o.After(lookEvery):
			continue
		case <-o.over:
		case <-o.l.server.Forced().Done():
		}
		o.l.emit(record.Failed{DeliveryID: a.DeliveryID, Message: "an attempt could not be recorded, so its job may be sent again: " + err.Error()})
		return
	}
}

// stored reads what a job sends from the journal. It is false where the job cannot be sent now, or never.
func (o *owed) stored(ctx context.Context, job record.Job) (*record.Delivery, target.Message, bool) {
	d, err := o.l.o.Queue.Jobs.Delivery(ctx, job.DeliveryID)
	if err == nil && !d.BodyDamaged && !d.Truncated() && d.Scrubbed == 0 {
		o.report(work{reading, job.Target}, nil)
		return &d, target.Message{Method: d.Method, Request: d.Path, Header: o.l.storedHeaders(&d), Body: d.Body}, true
	}
	if err == nil || fault.KindOf(err) == fault.Refused {
		o.endDamaged(job)
		return nil, target.Message{}, false
	}
	o.report(work{reading, job.Target}, err)
	select {
	case <-o.l.o.After(lookEvery):
	case <-ctx.Done():
	case <-o.over:
	}
	o.lanes.Finish(job)
	return nil, target.Message{}, false
}

// endDamaged ends a job whose delivery the journal cannot give back as it was received.
func (o *owed) endDamaged(job record.Job) {
	next := job
	next.State, next.Reason = record.JobDead, record.ReasonDamaged
	o.settle(record.Attempted{Attempt: &record.Attempt{
		DeliveryID: job.DeliveryID, Target: job.Target, StartedAt: o.l.o.Now(), Origin: job.Origin, Outcome: record.OutcomeFailed,
		Error: "the journal no longer has the body as it was received", Job: &next,
	}}, job, next)
}

// tellSecrets tells once that the journal has no secrets, where a message goes without one because of that.
func (o *owed) tellSecrets(j handOver) {
	var left []string
	for name, values := range j.delivery.Header {
		_, sent := j.message.Header[name]
		_, added := j.target.Header[http.CanonicalHeaderKey(name)]
		if slices.Contains(values, masking.Masked) && !sent && !added {
			left = append(left, name)
		}
	}
	if len(left) == 0 {
		return
	}
	slices.Sort(left)
	o.secrets.Do(func() {
		o.l.emit(record.Changed{State: record.Hinted, DeliveryID: j.delivery.ID, Target: j.target.Name, Message: fmt.Sprintf(
			"%s: the journal has no secrets, so a job that is sent later than at once goes without; give targets theirs with --header", strings.Join(left, ", "))})
	})
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
	open := o.lanes.Behind(t.Label())
	now := o.l.o.Now()
	o.mu.Lock()
	since := o.down[t.Label()]
	if c == queue.WentDown {
		o.down[t.Label()] = now
	}
	o.mu.Unlock()
	if c == queue.Same || !o.l.down.set(t.Name, byLane, c == queue.WentDown) {
		return
	}
	switch c {
	case queue.WentDown:
		o.l.emit(record.Changed{State: record.Lost, Target: t.Name, Count: open, Message: "it takes nothing now; " + waiting(open) + ", and no try is counted"})
	case queue.CameBack:
		o.l.emit(record.Changed{State: record.Recovered, Target: t.Name, Count: open, Message: fmt.Sprintf(
			"it answers again after %s; %s", now.Sub(since).Round(time.Second), waiting(open))})
	case queue.Same:
	}
}

func waiting(jobs int) string {
	if jobs == 1 {
		return "1 job waits"
	}
	return fmt.Sprintf("%d jobs wait", jobs)
}

// expire gives up the other jobs of a target that were not delivered in time. None of them is tried: the one before them was.
func (o *owed) expire(ctx context.Context, t target.Target) {
	dead := 0
	for more := true; more; {
		jobs, err := o.l.o.Queue.Jobs.Expire(ctx, t.Label(), o.l.o.Now().Add(-o.l.o.Queue.Policy.GiveUp), expireAtOnce)
		o.report(work{recording, t.Label()}, err)
		for i := range jobs {
			o.l.emit(record.JobChanged{Job: &jobs[i]})
		}
		dead += len(jobs)
		more = err == nil && len(jobs) >= expireAtOnce-1
	}
	if dead > 0 {
		o.lanes.Reread()
		o.l.emit(record.Changed{State: record.JobsDead, Target: t.Name, Count: dead, Message: fmt.Sprintf(
			"given up too, as not delivered in time: %s; see %s", fault.Plural(dead, "job"), fault.Command("whctl queue list --state dead"))})
	}
}
