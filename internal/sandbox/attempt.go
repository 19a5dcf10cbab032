package sandbox

// One attempt to deliver an event to a webhook.

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

const defaultParam = "whctl-sandbox"

// try is one attempt to make. It has all that is needed while the sandbox is not locked.
type try struct {
	job     *job
	played  *api.Advanced // the advance that it is part of; nil: none
	webhook string        // its name
	log     *attempt
	request deliver.Request
	fake    int       // chaos: the status that replaces the receiver's; 0: none
	lost    bool      // chaos: nothing is sent
	broken  error     // why there is no request to send; nil: there is
	ask     *question // what is asked before; nil: nothing
}

// attempt makes the next attempt of a job that is still due.
func (s *Sandbox) attempt(ctx context.Context, owed record.Job) {
	defer s.wake()
	s.mu.Lock()
	t, made := s.begin(owed)
	s.mu.Unlock()
	if !made {
		return
	}
	res, aborted := s.perform(ctx, t)
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.clock.end(t.job.Webhook)
	switch {
	case s.byID[t.job.event.ID] != t.job.event: // it was forgotten meanwhile
	case aborted:
		s.takeBack(t)
	default:
		t.count(s.conclude(t, res))
	}
}

// begin prepares a job's next attempt. It reports false if there is to be none: the job is no longer due, or its webhook is gone
// or inactive. The caller holds the lock.
func (s *Sandbox) begin(owed record.Job) (try, bool) {
	j := s.jobs.waiting[owed.DeliveryID]
	if j == nil || j.Due.After(s.clock.at(j.Webhook)) {
		return try{}, false
	}
	s.jobs.remove(j)
	if s.byID[j.event.ID] != j.event {
		return try{}, false // it was forgotten meanwhile
	}
	w := s.webhook(j.Webhook)
	if w == nil || !w.Active && !j.Named {
		j.Stage = cancelled
		s.settle(j.event, s.clock.at(j.Webhook))
		_ = s.save(stateOf(j.event))
		return try{}, false
	}
	id, err := event.NewUUID(s.o.Rand)
	if err != nil {
		id = fmt.Sprintf("attempt-%d", j.Order)
	}
	t := try{job: j, webhook: w.Name, played: s.played, log: &attempt{
		ID: id, Event: j.event.ID, Webhook: w.ID, Number: j.Attempt, URL: w.URL, Outcome: api.DeliveryProcessing,
		Created: s.clock.begin(w.ID), event: j.event,
	}}
	if t.played != nil {
		t.played.Attempts++
	}
	t.ask = s.question(w)
	t.request, t.broken = s.sign(w, j.event, t.log, t.log.Created)
	if !j.Extra {
		d := s.dice(j.event, w)
		t.lost = d.roll("drop", d.c.Drop, j.Run, j.Attempt)
		t.fake = d.status(j.Run, j.Attempt)
	}
	j.Stage = running
	s.addLog(t.log)
	s.settle(j.event, t.log.Created)
	return t, true
}

// sign makes the request of an attempt and logs it. It is signed at the time of the wall clock, which the receiver's clock is
// compared with. By that clock the event is as old as it is by the sandbox's at the time at.
func (s *Sandbox) sign(w *webhook, e *eventRecord, log *attempt, at time.Time) (deliver.Request, error) {
	now := s.clock.wall().UTC()
	key, keyErr := s.o.Rules.SigningKey(cmp.Or(w.Private, w.Key))
	r := craft.Request{
		Rules: s.o.Rules, Keys: []sign.Key{key}, Params: s.params(),
		Event:  craft.Event{Body: e.Body, Type: e.Type, ID: e.EventID, Time: now.Add(e.Created.Sub(at)), Fields: e.Fields},
		Method: http.MethodPost, URL: w.URL, Agent: s.agent(), At: now, Rand: s.o.Rand,
	}
	m, err := r.Make()
	m.Timeout = s.timeout()
	log.Header = flat(m.Header, s.o.Rules.SecretHeaders())
	if !bytes.Equal(m.Body, e.Body) {
		log.Body = m.Body
	}
	return m.Request, cmp.Or(keyErr, err)
}

func (s *Sandbox) agent() string { return "whctl-sandbox/" + cmp.Or(s.o.Version, "dev") }

func (s *Sandbox) params() map[string]string {
	out := map[string]string{}
	for _, name := range s.o.Rules.Needs().Params {
		out[name] = defaultParam
	}
	maps.Copy(out, s.o.Params)
	return out
}

// flat returns headers as the log has them. A header that is itself the secret is masked.
func flat(h http.Header, secret []string) map[string]string {
	out := make(map[string]string, len(h))
	for name, values := range h {
		out[name] = strings.Join(values, ", ")
		if slices.Contains(secret, name) {
			out[name] = masking.Mask
		}
	}
	return out
}

// perform sends the request, unless chaos loses it. If the sandbox ended meanwhile, the attempt is aborted and does not count.
func (s *Sandbox) perform(ctx context.Context, t try) (res deliver.Result, aborted bool) {
	switch {
	case t.broken != nil:
		return deliver.Result{Err: t.broken, Cause: deliver.Invalid}, false
	case t.lost:
		return deliver.Result{Err: errors.New("lost on its way (chaos)"), Cause: deliver.Cut}, false
	}
	s.ask(ctx, t.job.Webhook, t.ask)
	res = s.o.Deliver.Do(ctx, t.request)
	if t.fake != 0 && res.Err == nil {
		res.Status = t.fake
		res.Body = []byte("(chaos: the receiver's own answer was lost)")
	}
	return res, res.Err != nil && ctx.Err() != nil
}

// conclude keeps what came of an attempt and plans the next one. It returns what settle does. The caller holds the lock.
func (s *Sandbox) conclude(t try, res deliver.Result) string {
	j, e := t.job, t.job.event
	t.log.fill(res)
	if t.log.counted > 0 { // else the log was forgotten meanwhile
		s.count(t.log)
	}
	first, due, order, now := j.Attempt == 1, j.Due, j.Order, s.clock.at(j.Webhook)
	if j.Stage == running {
		s.plan(j, t.log, res, now)
	}
	s.o.Emit(now, record.Tried{
		EventID: e.EventID, EventType: e.Type, WebhookID: j.Webhook, Webhook: t.webhook, URL: t.log.URL,
		Number: t.log.Number, Status: res.Status, Duration: res.Duration, Error: value(t.log.Error), NextAt: t.log.Next, Note: t.note(),
	})
	if first && j.Run == 0 && !j.Extra {
		s.duplicate(j, due, order)
	}
	settled := s.settle(e, now)
	_ = s.save(saved{Log: t.log}, stateOf(e))
	s.prune()
	return settled
}

// takeBack forgets an attempt that was cut off. It is made again.
func (s *Sandbox) takeBack(t try) {
	t.job.event.logs = slices.DeleteFunc(t.job.event.logs, func(a *attempt) bool { return a == t.log })
	s.logs = slices.DeleteFunc(s.logs, func(a *attempt) bool { return a == t.log })
	s.logBytes -= t.log.counted
	t.log.counted = 0
	if t.job.Stage == running {
		t.job.Stage = waiting
		s.jobs.add(t.job)
	}
	s.settle(t.job.event, s.clock.at(t.job.Webhook))
}

func (t try) note() string {
	switch {
	case t.lost:
		return "chaos: dropped"
	case t.fake != 0:
		return fmt.Sprintf("chaos: answer replaced by %d", t.fake)
	case t.job.Extra:
		return "chaos: duplicate"
	default:
		return ""
	}
}

func (a *attempt) fill(res deliver.Result) {
	a.Outcome = api.DeliveryFailed
	if res.Err != nil {
		a.Error = new(res.Err.Error())
		return
	}
	if res.Status/100 == 2 {
		a.Outcome = api.DeliverySuccess
	}
	a.Status, a.Duration, a.Answer = &res.Status, new(res.Duration.Milliseconds()), new(keptAnswer(res.Body, res.BodySize))
}

// value returns what p points to, or a zero for nil.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
