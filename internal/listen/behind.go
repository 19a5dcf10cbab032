package listen

// Attempts are recorded behind the answers that they tell of: the sender's connection is free again before that is on disk.

import (
	"context"
	"sync"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
)

// mostBehind bounds the attempts that wait to be recorded, and those that are recorded together. A sender waits where there are more.
const mostBehind = 128

// tried is what came of a delivery whose sender has its answer.
type tried struct {
	attempt *record.Attempt
	target  target.Target
	outcome target.Outcome
	turn    *turn
	hold    *hold
	lost    string // what people are told of a target that gives no answer
}

// behind has attempts recorded, all that wait in one commit, and tells of them in the order of their answers.
type behind struct {
	l       *Listener
	waiting chan tried
	over    chan struct{}
}

func newBehind(l *Listener) *behind {
	return &behind{l: l, waiting: make(chan tried, mostBehind), over: make(chan struct{})}
}

// run records what comes until end is called.
func (b *behind) run(ctx context.Context) {
	defer close(b.over)
	all := make([]tried, 0, mostBehind)
	for first := range b.waiting {
		all = append(all[:0], first)
		for n := min(len(b.waiting), mostBehind-1); n > 0; n-- {
			all = append(all, <-b.waiting)
		}
		b.record(ctx, all)
		clear(all)
	}
}

// record records attempts, and tells of each.
func (b *behind) record(ctx context.Context, all []tried) {
	attempts, settled := make([]*record.Attempt, len(all)), []string(nil)
	var probes sync.WaitGroup
	for i, t := range all {
		if t.outcome.Probe != nil { // which may wait for the target
			probes.Go(func() { b.l.probe(ctx, t.outcome, t.attempt) })
		}
		attempts[i] = t.attempt
	}
	probes.Wait()
	if err := b.l.o.Recorder.AppendAttempts(context.WithoutCancel(ctx), attempts...); err != nil {
		for _, a := range attempts {
			b.l.sayUnrecorded("an attempt", a.DeliveryID, err)
		}
	}
	for _, t := range all {
		settled = append(settled, t.turn.end()...)
	}
	b.l.settle(settled...)
	for _, t := range all {
		b.l.emit(record.Attempted{Attempt: t.attempt})
		b.l.tellLost(t.target, t.outcome, t.lost)
		t.hold.done()
	}
}

// end waits for all that is not recorded. Nothing may be put behind after it.
func (b *behind) end() {
	close(b.waiting)
	<-b.over
}
