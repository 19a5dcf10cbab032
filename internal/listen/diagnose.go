package listen

import (
	"context"
	"slices"
	"time"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

const (
	// diagnoseQueue bounds the bodies kept for explaining; a flood of refusals is not explained one by one.
	diagnoseQueue = 8
	diagnoseTime  = 500 * time.Millisecond
)

// task is a delivery that may have to be explained.
type task struct {
	id      string
	message *sign.Message
	rules   *sign.Rules // nil when no scheme fits
	keys    []sign.Key
	choice  Choice
	verdict sign.Verdict
	options sign.VerifyOptions
}

// refused says whether a signature was looked at and did not hold.
func refused(v sign.Verdict) bool { return !v.OK && v.Reason != sign.Unverified }

// askDiagnosis queues a refused delivery for explaining, after its answer. When the queue is full it is left out.
func (l *Listener) askDiagnosis(t task) {
	select {
	case l.diagnose <- t:
	default:
	}
}

// diagnoseLoop explains one refusal at a time, so that hostile traffic cannot take the machine with it. After quit it
// finishes what is queued.
func (l *Listener) diagnoseLoop(quit <-chan struct{}) {
	for {
		select {
		case t := <-l.diagnose:
			l.explain(t)
			continue
		default:
		}
		select {
		case t := <-l.diagnose:
			l.explain(t)
		case <-quit:
			return
		}
	}
}

func (l *Listener) explain(t task) {
	ctx, cancel := context.WithTimeout(l.force, diagnoseTime)
	defer cancel()
	found := l.search(ctx, t)
	if t.rules == nil && len(found.Findings) == 0 {
		return // whatever it was, nothing is known to sign so
	}
	d := &record.Diagnosis{
		DeliveryID: t.id, Findings: found.Findings, Tried: found.Tried, Elapsed: found.Elapsed, CutOff: found.CutOff, Next: found.Next,
	}
	// Not every delivery can be looked into again: a shared token is not recorded, nor all of a large refused body.
	if err := l.o.Recorder.AppendDiagnosis(context.WithoutCancel(ctx), d); err != nil {
		l.sayUnrecorded("a diagnosis", t.id, err)
	}
	l.o.Emit(record.Activity{Type: record.TypeDiagnosis, Time: l.o.Now(), Diagnosis: d})
}

// search looks for the mistake, and where none is certain for another way of signing.
func (l *Listener) search(ctx context.Context, t task) sign.Diagnosis {
	var found sign.Diagnosis
	timely := t.verdict.Reason == sign.TooOld || t.verdict.Reason == sign.TooNew
	if t.rules != nil && (len(t.choice.First) == 0 || timely) {
		found = t.rules.Diagnose(ctx, t.message, t.keys, t.verdict, t.options)
	}
	first, last := t.choice.First, t.choice.Last
	found.Findings = slices.Concat(first, found.Findings, last)
	if l.o.Infer == nil || len(found.Findings) > 0 && found.Findings[0].Certain || len(first) > 0 {
		return found
	}
	if f, ok := l.o.Infer(ctx, t.message); ok {
		found.Findings, found.Next = append([]sign.Finding{f}, found.Findings...), ""
	}
	return found
}
