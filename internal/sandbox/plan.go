package sandbox

// Which jobs an event has, when each is due, and what the event's status is because of them.

import (
	"slices"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/queue"
	"github.com/whctl/whctl/internal/record"
)

const defaultTimeout = 30 * time.Second

// owe adds the job of a new event for a webhook. Chaos may delay it, or hold it back until the next one has overtaken it.
func (s *Sandbox) owe(e *eventRecord, w *webhook) {
	d := s.dice(e, w)
	now := s.clock.now()
	j := &job{Webhook: w.ID, Run: e.Runs, Attempt: 1, Stage: waiting, Due: now.Add(d.delay()), Order: s.jobs.nextOrder(), event: e}
	held := s.jobs.held[w.ID]
	delete(s.jobs.held, w.ID)
	if held != nil && held.Due.Before(now) {
		held = nil // it was held long enough
	}
	if d.roll("reorder", d.c.Reorder, 0, 1) {
		if held != nil { // both are held back: the earlier one goes first after all
			s.jobs.move(held, j.Due, held.Order)
		}
		j.Due = j.Due.Add(holdTime)
		s.jobs.held[w.ID] = j
		held = nil
	}
	e.Jobs = append(e.Jobs, j)
	s.jobs.add(j)
	if held != nil {
		s.jobs.move(held, j.Due, s.jobs.nextOrder())
	}
}

// retry adds new jobs of an event for webhooks. They take the place of those it has for them, and begin at attempt 1. The caller
// holds the lock.
func (s *Sandbox) retry(e *eventRecord, to []*webhook, named bool) error {
	if len(to) == 0 {
		return nil
	}
	// The new jobs, and those still open for other webhooks, decide how the event ends.
	e.Jobs = slices.DeleteFunc(e.Jobs, func(j *job) bool { return j.over() })
	e.Runs++
	for _, w := range to {
		e.Jobs = slices.DeleteFunc(e.Jobs, func(j *job) bool {
			if j.Webhook == w.ID {
				s.jobs.cancel(j)
			}
			return j.Webhook == w.ID
		})
		j := &job{
			Webhook: w.ID, Run: e.Runs, Attempt: 1, Stage: waiting, Due: s.clock.now(), Order: s.jobs.nextOrder(),
			Named: named, event: e,
		}
		e.Jobs = append(e.Jobs, j)
		s.jobs.add(j)
	}
	e.Status, e.Queued, e.Processed = api.StatusPending, s.clock.now(), time.Time{}
	s.wake()
	return s.save(stateOf(e))
}

// giveUp cancels the open jobs of an event for a webhook, and reports whether there were any.
func (s *Sandbox) giveUp(e *eventRecord, webhook string) bool {
	some := false
	for _, j := range e.Jobs {
		if j.Webhook == webhook && !j.over() {
			s.jobs.cancel(j)
			some = true
		}
	}
	if some {
		s.settle(e, s.clock.at(webhook))
	}
	return some
}

// plan decides what becomes of a job after an attempt that ended at a time: it is over, or its next attempt is due some time.
func (s *Sandbox) plan(j *job, a *attempt, res deliver.Result, end time.Time) {
	if a.Outcome == api.DeliverySuccess {
		j.Stage = delivered
		return
	}
	delay, again := s.schedule.Wait(j.Attempt)
	if j.Extra || !again || !s.retries(res) {
		j.Stage = failed
		return
	}
	// In the platform's own sample the next attempt is due exactly one delay after the failed one began. If that took longer
	// than the delay, count from its end.
	took := end.Sub(a.Created)
	if res.Cause == deliver.Timeout {
		took = s.timeout() // whatever the clock does meanwhile
	}
	if took <= delay {
		took = 0
	}
	a.Next = a.Created.Add(took + delay)
	j.Stage, j.Due = waiting, a.Next
	j.Attempt++
	s.jobs.add(j)
}

// duplicate adds a second job right behind a first attempt, if chaos says so.
func (s *Sandbox) duplicate(j *job, due time.Time, order uint64) {
	w := s.webhook(j.Webhook)
	if w == nil || !s.dice(j.event, w).roll("duplicate", s.o.Chaos.Duplicate, 0, 1) {
		return
	}
	extra := &job{Webhook: w.ID, Run: j.Run, Attempt: 1, Stage: waiting, Due: due, Order: order + 1, Extra: true, event: j.event}
	j.event.Jobs = append(j.event.Jobs, extra)
	s.jobs.add(extra)
}

// scheduleOf makes a schedule of a scheme's waits, which are in seconds.
func scheduleOf(seconds []float64) queue.Schedule {
	waits := make(queue.Schedule, 0, len(seconds))
	for _, n := range seconds {
		waits = append(waits, time.Duration(n*float64(time.Second)))
	}
	return waits
}

// timeout returns how long a receiver may take.
func (s *Sandbox) timeout() time.Duration {
	if s.scheme.AnswerTimeout > 0 {
		return time.Duration(s.scheme.AnswerTimeout * float64(time.Second))
	}
	return defaultTimeout
}

// retries reports whether the provider tries again after a failure. An address that is not dialled is not tried again.
func (s *Sandbox) retries(r deliver.Result) bool {
	if r.Err != nil {
		return r.Cause != deliver.Denied && r.Cause != deliver.Invalid
	}
	final := r.Status >= 300 && r.Status < 500 // nothing documents a 3xx: treat it like a 4xx
	return !final || !s.scheme.NoRetry4xx
}

// settle works out an event's status from its jobs at a time. It returns the status if it is a last one and was not before,
// else "".
func (s *Sandbox) settle(e *eventRecord, now time.Time) string {
	was := e.Status
	e.Status = statusOf(e)
	switch e.Status {
	case was, api.StatusPending, api.StatusProcessing:
		return ""
	case api.StatusCompleted, api.StatusSkipped:
		e.Processed = now
	}
	s.o.Emit(now, record.Settled{EventID: e.EventID, EventType: e.Type, Status: e.Status})
	return e.Status
}

// statusOf works out the status of an event. Duplicates that chaos made do not count.
func statusOf(e *eventRecord) string {
	open, begun, done, bad := 0, 0, 0, 0
	for _, j := range e.Jobs {
		if j.Extra {
			continue
		}
		switch j.Stage {
		case waiting:
			open++
			begun += j.Attempt - 1
		case running:
			open++
			begun++
		case delivered:
			done++
		case failed:
			bad++
		case cancelled:
			bad += min(j.Attempt-1, 1) // it failed before it was given up
		}
	}
	switch {
	case open > 0 && begun+done+bad == 0:
		return api.StatusPending
	case open > 0:
		return api.StatusProcessing
	case bad > 0:
		return api.StatusFailed
	case done > 0:
		return api.StatusCompleted
	default:
		return api.StatusSkipped
	}
}
