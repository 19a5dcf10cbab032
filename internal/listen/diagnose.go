package listen

// The queue of deliveries that do not hold and are explained after their answer: why, or of those that nothing verified whose they are.

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/scrub"
	"github.com/whctl/whctl/internal/sign/explain"
)

const (
	// diagnoseQueue bounds the bodies that are held for explaining. Of a flood of such deliveries only some are explained.
	diagnoseQueue = 8
	diagnoseTime  = 500 * time.Millisecond
)

// task is a delivery that waits to be explained.
type task struct {
	id string
	judge.Judgement
	scrub *scrub.Scrubber // nil: what is found is recorded as it is
}

// askDiagnosis queues a delivery for explaining. When the queue is full, the delivery is not explained.
func (l *Listener) askDiagnosis(t task) {
	select {
	case l.diagnose <- t:
	default:
	}
}

// diagnoseLoop explains one delivery at a time, so that hostile traffic cannot use up the machine. After quit it finishes what is
// queued.
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

// explain tells what is probably wrong with a delivery. A stranger wrote it, and a bug that it finds here must not end the listener.
func (l *Listener) explain(t task) {
	defer func() {
		if p := recover(); p != nil {
			if l.o.Trace != nil {
				l.o.Trace(string(debug.Stack()))
			}
			l.emit(record.Failed{
				DeliveryID: t.id, Message: fmt.Sprintf("whctl has a bug, so this delivery could not be explained: %v", p),
				Hint: fault.NextStep("run it again with --debug and report what it shows at https://github.com/whctl/whctl/issues"),
			})
		}
	}()
	ctx, cancel := context.WithTimeout(l.server.Forced(), diagnoseTime)
	defer cancel()
	if !t.Refused() {
		l.tellLook(ctx, t)
		return
	}
	l.tellCause(ctx, t)
}

// tellLook tells whose an unverified delivery looks like. That is not recorded, because why finds it again.
func (l *Listener) tellLook(ctx context.Context, t task) {
	if look := t.Look(ctx); look != nil {
		l.emit(record.Explained{Diagnosis: &record.Diagnosis{
			DeliveryID: t.id, Look: &record.Look{Scheme: look.Scheme, Provider: look.Provider, Signed: look.Signed},
		}})
	}
}

// tellCause records what is probably wrong with an invalid delivery.
func (l *Listener) tellCause(ctx context.Context, t task) {
	found := judge.Explain(ctx, t.Judgement, explain.OffSocket())
	if len(found.Findings) == 0 && len(found.Next) == 0 {
		return // no known mistake makes such a signature
	}
	d := t.scrubbed(&record.Diagnosis{
		DeliveryID: t.id, Findings: found.Findings, Tried: found.Tried, Elapsed: found.Elapsed, CutOff: found.CutOff, Next: found.Next,
	})
	// The diagnosis is recorded, because not every delivery can be judged again: neither a shared token is recorded nor all of a large
	// body.
	if err := l.o.Recorder.AppendDiagnosis(context.WithoutCancel(ctx), d); err != nil {
		l.sayUnrecorded("a diagnosis", t.id, err)
	}
	l.emit(record.Explained{Diagnosis: d})
}
