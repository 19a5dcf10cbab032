package listen

// Handing a delivery on to its targets, and recording what came of that.

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/scrub"
	"github.com/whctl/whctl/internal/target"
)

// handOver is a delivery on its way to a target.
type handOver struct {
	delivery *record.Delivery
	target   target.Target
	sender   target.Sender
	message  target.Message
	judge    *judge.Judge
	at       time.Time       // when it is sent
	scrub    *scrub.Scrubber // of what is recorded of it; nil: it is recorded as it is
}

// used are the headers that the scheme of a delivery reads.
func used(in *incoming) []string {
	if in.jm.Rules == nil {
		return nil
	}
	return in.jm.Rules.Headers()
}

// first is a delivery on its way to its first target. The jobs of further targets are in the queue.
func (l *Listener) first(in *incoming) handOver {
	i := slices.IndexFunc(l.o.Targets, func(t target.Target) bool { return t.Label() == in.d.Targets[0] })
	return handOver{
		delivery: in.d, target: l.o.Targets[i], sender: l.senders[i], judge: in.judge,
		message: target.Message{Method: in.r.Method, Request: originForm(in.r.RequestURI), Header: l.targetHeaders(in.sent(), in.r.Host, in.d, used(in)), Body: in.body, Delivery: l.asReceived(in)},
		at:      l.o.Now(), scrub: in.scrub,
	}
}

// recordFirst has recorded what came of the first job, behind the answer that the record tells of. lost is what people are told of a target
// that gives no answer.
func (l *Listener) recordFirst(j handOver, o target.Outcome, attempt *record.Attempt, answered *turn, h *hold, lost string) {
	h.share()
	l.behind.waiting <- tried{attempt, j.target, o, answered, h, lost}
}

// send tries a job once.
func (l *Listener) send(ctx context.Context, j handOver) target.Outcome {
	if j.target.Broker() {
		rules := j.judge.RulesOf(j.delivery.Verdict.Scheme)
		j.message.URLSigned = rules != nil && rules.Needs().URL
	}
	waiting := time.AfterFunc(waitingAfter, func() {
		l.emit(record.Changed{State: record.Waiting, DeliveryID: j.delivery.ID, Target: j.target.Name})
	})
	defer waiting.Stop()
	return j.sender.Send(ctx, j.message)
}

// attempt is the record of what came of a job.
func (l *Listener) attempt(j handOver, o target.Outcome) *record.Attempt {
	a := &record.Attempt{
		DeliveryID: j.delivery.ID, Target: j.target.Label(), Number: 1, StartedAt: j.at, Duration: o.Took,
		Origin: record.OriginForward, Outcome: o.Kind, Status: o.Status, Header: j.judge.Mask(maskCookies(maps.Collect(deliver.EndToEnd(o.Header)))),
		Body: o.Body, BodySize: o.BodySize, Hint: o.Hint, Repeated: o.Repeated,
	}
	switch {
	case o.Err != nil:
		a.Error = o.Err.Error()
	case !j.target.Broker():
		a.Hint = l.advice(j.delivery, o)
	}
	return j.scrubbed(a)
}

// tellLost tells of a target that no longer answers, or does again.
func (l *Listener) tellLost(t target.Target, o target.Outcome, words string) {
	if o.Kind == record.OutcomeCancelled { // that says nothing about the target
		return
	}
	lost := o.Err != nil && !o.Final
	if !l.down.set(t.Name, bySender, lost) {
		return
	}
	if lost {
		l.emit(record.Changed{State: record.Lost, Target: t.Name, Message: words})
	} else {
		l.emit(record.Changed{State: record.Recovered, Target: t.Name, Message: "it answers again"})
	}
}

// probe looks for the mistake where the target gave no byte of an answer.
func (l *Listener) probe(ctx context.Context, o target.Outcome, a *record.Attempt) {
	if o.Probe == nil {
		return
	}
	if hint := o.Probe(ctx); hint != (fault.Step{}) {
		a.Hint = hint
	}
}

// maskCookies hides the target's session secrets in the record. The sender has been given them.
func maskCookies(h http.Header) http.Header {
	if values := h["Set-Cookie"]; len(values) > 0 {
		h["Set-Cookie"] = []string{masking.Masked}
	}
	return h
}
