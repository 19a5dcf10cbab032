package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/sign"
)

const defaultParam = "whctl-sandbox"

// job is one attempt to make, with everything it needs taken while the sandbox was locked.
type job struct {
	sh      *shipment
	hook    string // its name
	log     *attempt
	request deliver.Request
	fake    int    // chaos: the status that takes the place of the receiver's; 0: none
	lost    bool   // chaos: nothing is sent
	broken  string // why the attempt cannot even be made
}

// outcome is what came of a job.
type outcome struct {
	deliver.Result
	aborted bool // the sandbox ended: the attempt does not count
}

// begin makes a shipment's next attempt ready. It is false when the attempt is not to be made: its webhook is gone or
// inactive. The caller holds the lock.
func (s *Sandbox) begin(sh *shipment) (job, bool) {
	if s.state.byID[sh.ev.ID] != sh.ev {
		return job{}, false // it was forgotten meanwhile
	}
	h := s.state.hook(sh.Webhook)
	if h == nil || !h.Active && !sh.Named {
		sh.Stage = cancelled
		s.settle(sh.ev)
		_ = s.save(saved{State: stateOf(sh.ev)})
		return job{}, false
	}
	id, err := newUUID(s.o.Rand)
	if err != nil {
		id = fmt.Sprintf("attempt-%d", sh.Order)
	}
	j := job{sh: sh, hook: h.Name, log: &attempt{
		ID: id, Event: sh.ev.ID, Webhook: h.ID, Number: sh.Attempt, URL: h.URL, Outcome: api.DeliveryProcessing,
		Created: s.clock.now(), ev: sh.ev,
	}}
	j.request, err = s.sign(h, sh.ev, j.log)
	if err != nil {
		j.broken = err.Error()
	}
	if !sh.Extra {
		d := s.dice(sh.ev, h)
		j.lost = d.drop(sh.Run, sh.Attempt)
		j.fake = d.status(sh.Run, sh.Attempt)
	}
	sh.Stage = running
	s.queue.inflight++
	s.state.addLog(j.log)
	s.settle(sh.ev)
	return j, true
}

func (s *Sandbox) dice(e *happening, h *hook) dice {
	return dice{c: s.o.Chaos, seed: s.seed, event: e.Seq, webhook: uint64(h.Ordinal)} //nolint:gosec // G115: a small count
}

// sign makes the request of one attempt and notes in the log what is sent.
func (s *Sandbox) sign(h *hook, e *happening, log *attempt) (deliver.Request, error) {
	header := s.header(e)
	q := deliver.Request{Method: http.MethodPost, URL: h.URL, Header: header, Body: e.Body, Timeout: s.timeout()}
	log.Header = flat(header, nil)
	key, err := s.o.Rules.SigningKey(h.signingKey())
	if err != nil {
		return q, err
	}
	signed, err := s.o.Rules.Sign(sign.SignRequest{
		Time: s.signingTime(e), ID: e.EventID, Method: q.Method, URL: h.URL, Header: header,
		Body: bytes.NewReader(e.Body), Params: s.params(),
	}, []sign.Key{key})
	if err != nil {
		return q, err
	}
	for _, f := range signed.Fields {
		header.Set(f.Name, f.Value)
	}
	if signed.URL != "" {
		q.URL = signed.URL
	}
	if len(signed.Body) > 0 {
		if q.Body, err = fillIn(e.Body, signed.Body); err != nil {
			return q, err
		}
		log.Body = q.Body
	}
	log.Header = flat(header, s.o.Rules.SecretHeaders())
	return q, nil
}

// signingTime is the wall clock's, because a receiver compares it with its own. A scheme that signs the time of the
// event instead gets that: the wall clock's less the age that the event has on the sandbox's clock.
func (s *Sandbox) signingTime(e *happening) time.Time {
	now := s.clock.wall().UTC()
	if family(s.scheme.Name) == "kyc" {
		return now.Add(e.Created.Sub(s.clock.now()))
	}
	return now
}

// family is what a scheme's name begins with.
func family(scheme string) string {
	name, _, _ := strings.Cut(scheme, ".")
	return name
}

func (s *Sandbox) header(e *happening) http.Header {
	h := http.Header{}
	h.Set("Content-Type", event.ContentType(e.Body))
	version := s.o.Version
	if version == "" {
		version = "dev"
	}
	h.Set("User-Agent", "whctl-sandbox/"+version)
	for _, f := range e.Fields {
		h.Set(f.Name, f.Value)
	}
	return h
}

func (s *Sandbox) params() map[string]string {
	out := map[string]string{}
	for _, name := range s.o.Rules.Needs().Params {
		out[name] = defaultParam
	}
	maps.Copy(out, s.o.Params)
	return out
}

// fillIn puts what a scheme signs inside the body where it belongs.
func fillIn(body []byte, fields []sign.Field) ([]byte, error) {
	sets := make([]jsonbytes.Edit, 0, len(fields))
	for _, f := range fields {
		set, err := jsonbytes.SetString(f.Name, f.Value)
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	return jsonbytes.Apply(body, sets)
}

// flat gives headers as the log has them; a header that is itself the secret is masked.
func flat(h http.Header, secret []string) map[string]string {
	out := make(map[string]string, len(h))
	for name, values := range h {
		out[name] = strings.Join(values, ", ")
		if slices.Contains(secret, name) {
			out[name] = "****"
		}
	}
	return out
}

// perform makes the attempt, or has chaos swallow it.
func (s *Sandbox) perform(ctx context.Context, j job) outcome {
	switch {
	case j.broken != "":
		return outcome{Result: deliver.Result{Err: errors.New(j.broken), Cause: deliver.Invalid}}
	case j.lost:
		return outcome{Result: deliver.Result{Err: errors.New("lost on its way (chaos)"), Cause: deliver.Cut}}
	}
	res := s.o.Deliver.Do(ctx, j.request)
	if j.fake != 0 && res.Err == nil {
		res.Status = j.fake
		res.Body = []byte("(chaos: the receiver's own answer was lost)")
	}
	return outcome{Result: res, aborted: res.Err != nil && ctx.Err() != nil}
}

// conclude notes what came of an attempt and plans the next one. It gives the event's status when that is a last one
// and was not before. The caller holds the lock.
func (s *Sandbox) conclude(j job, out outcome) string {
	s.queue.inflight--
	if s.queue.inflight == 0 && s.queue.idle != nil {
		close(s.queue.idle)
		s.queue.idle = nil
	}
	sh, e := j.sh, j.sh.ev
	if s.state.byID[e.ID] != e {
		return "" // it was forgotten meanwhile
	}
	if out.aborted {
		s.takeBack(j)
		return ""
	}
	s.fill(j.log, out)
	if j.log.counted > 0 { // else it made room for others meanwhile
		s.state.count(j.log)
	}
	first, due, order := sh.Attempt == 1, sh.Due, sh.Order
	if sh.Stage == running {
		s.plan(sh, j.log, out)
	}
	s.notify(Activity{
		Kind: Attempted, EventID: e.EventID, EventType: e.Type, WebhookID: sh.Webhook, Webhook: j.hook, URL: j.log.URL,
		Attempt: j.log.Number, Status: out.Status, Duration: out.Duration, Error: text(j.log.Error), NextAt: j.log.Next, Note: j.note(),
	})
	if first && sh.Run == 0 && !sh.Extra {
		s.duplicate(sh, due, order)
	}
	settled := s.settle(e)
	_ = s.save(saved{Log: j.log}, saved{State: stateOf(e)})
	s.prune()
	return settled
}

// takeBack forgets an attempt that did not get to its end; it is made again.
func (s *Sandbox) takeBack(j job) {
	j.sh.ev.logs = slices.DeleteFunc(j.sh.ev.logs, func(a *attempt) bool { return a == j.log })
	s.state.logs = slices.DeleteFunc(s.state.logs, func(a *attempt) bool { return a == j.log })
	s.state.logBytes -= j.log.counted
	j.log.counted = 0
	if j.sh.Stage == running {
		j.sh.Stage = waiting
		s.queue.add(j.sh)
	}
	s.settle(j.sh.ev)
}

func (j job) note() string {
	switch {
	case j.lost:
		return "chaos: dropped"
	case j.fake != 0:
		return fmt.Sprintf("chaos: answer replaced by %d", j.fake)
	case j.sh.Extra:
		return "chaos: duplicate"
	default:
		return ""
	}
}

func (s *Sandbox) fill(a *attempt, out outcome) {
	a.Outcome = api.DeliveryFailed
	if out.Err != nil {
		message := out.Err.Error()
		a.Error = &message
		return
	}
	if out.Status/100 == 2 {
		a.Outcome = api.DeliverySuccess
	}
	status, ms := out.Status, out.Duration.Milliseconds()
	body := keptAnswer(out.Body, out.BodySize)
	a.Status, a.Duration, a.Answer = &status, &ms, &body
}

// plan decides what becomes of a shipment after an attempt.
func (s *Sandbox) plan(sh *shipment, a *attempt, out outcome) {
	if a.Outcome == api.DeliverySuccess {
		sh.Stage = delivered
		return
	}
	delay, again := s.retryDelay(sh.Attempt)
	if sh.Extra || !again || !s.retries(out.Result) {
		sh.Stage = failed
		return
	}
	// The platform's own sample has the next attempt exactly one delay after the time of the failed one. A failure
	// that took longer than the delay counts from its end.
	from := a.Created
	if end := s.clock.now(); end.Sub(from) > delay {
		from = end
	}
	if out.Cause == deliver.Timeout && s.clock.now().Sub(a.Created) < s.timeout() {
		from = a.Created.Add(s.timeout()) // the clock stood still while the receiver was waited for
	}
	a.Next = from.Add(delay)
	sh.Stage, sh.Due, sh.Order = waiting, a.Next, s.queue.nextOrder()
	sh.Attempt++
	s.queue.add(sh)
}

// duplicate has an event delivered once more, right behind the first time, when chaos says so.
func (s *Sandbox) duplicate(sh *shipment, due time.Time, order uint64) {
	h := s.state.hook(sh.Webhook)
	if h == nil || !s.dice(sh.ev, h).duplicate() {
		return
	}
	extra := &shipment{Webhook: h.ID, Run: sh.Run, Attempt: 1, Stage: waiting, Due: due, Order: order + 1, Extra: true, ev: sh.ev, index: -1}
	sh.ev.Shipments = append(sh.ev.Shipments, extra)
	s.queue.add(extra)
}

// settle works out an event's status from its shipments and gives it when it is a last one and was not before.
func (s *Sandbox) settle(e *happening) string {
	was := e.Status
	e.Status = statusOf(e)
	switch e.Status {
	case was, api.StatusPending, api.StatusProcessing:
		return ""
	case api.StatusCompleted, api.StatusSkipped:
		e.Processed = s.clock.now()
	}
	s.notify(Activity{Kind: Settled, EventID: e.EventID, EventType: e.Type, Result: e.Status})
	return e.Status
}

func statusOf(e *happening) string {
	open, begun, done, bad := 0, 0, 0, 0
	for _, sh := range e.Shipments {
		if sh.Extra {
			continue
		}
		switch sh.Stage {
		case waiting:
			open++
			begun += sh.Attempt - 1
		case running:
			open++
			begun++
		case delivered:
			done++
		case failed:
			bad++
		case cancelled:
			bad += min(sh.Attempt-1, 1) // one that had failed before it was given up
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

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
