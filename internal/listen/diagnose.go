package listen

import (
	"context"
	"time"

	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/record"
)

const (
	// diagnoseQueue bounds the bodies kept for explaining; a flood of refusals is not explained one by one.
	diagnoseQueue = 8
	diagnoseTime  = 500 * time.Millisecond
)

// task is a refused delivery that waits for being explained.
type task struct {
	id string
	judge.Judgement
}

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
	ctx, cancel := context.WithTimeout(l.server.Forced(), diagnoseTime)
	defer cancel()
	found := judge.Explain(ctx, t.Judgement)
	if len(found.Findings) == 0 && found.Next == "" {
		return // whatever it was, nothing is known to sign so
	}
	d := &record.Diagnosis{
		DeliveryID: t.id, Findings: found.Findings, Tried: found.Tried, Elapsed: found.Elapsed, CutOff: found.CutOff, Next: found.Next,
	}
	// Not every delivery can be looked into again: a shared token is not recorded, nor all of a large refused body.
	if err := l.o.Recorder.AppendDiagnosis(context.WithoutCancel(ctx), d); err != nil {
		l.sayUnrecorded("a diagnosis", t.id, err)
	}
	l.emit(record.Explained{Diagnosis: d})
}
