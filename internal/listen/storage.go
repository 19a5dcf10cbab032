package listen

// What is told and answered while deliveries cannot be recorded.

import (
	"context"
	"fmt"
	"sync"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
)

// storage knows whether deliveries can be recorded. A change is told once, however many deliveries it touches.
type storage struct {
	mu     sync.Mutex
	lost   bool
	turned int   // deliveries that were answered 503 since
	need   int64 // bytes of the largest of them: a smaller one proves nothing on a disk that is nearly full
}

// countTurned counts a request that was answered 503.
func (s *storage) countTurned() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turned++
}

// tellUnrecorded tells of the first delivery that could not be recorded.
func (l *Listener) tellUnrecorded(d *record.Delivery, cause error) {
	l.storage.mu.Lock()
	first := !l.storage.lost
	l.storage.lost = true
	l.storage.need = max(l.storage.need, int64(len(d.Body)))
	l.storage.mu.Unlock()
	if !first {
		return
	}
	step := fault.HintOf(cause)
	if step == (fault.Step{}) {
		step = fault.NextStep("see whctl journal path for the file, and free some disk space")
	}
	l.emit(record.Changed{State: record.StorageLost, Message: fmt.Sprintf("%s; %s until they can be recorded: %s", cause, l.away, step)})
}

// stored says that a delivery was recorded.
func (l *Listener) stored(ctx context.Context) {
	if l.unrecorded() {
		l.Recheck(ctx)
	}
}

// recovered tells that deliveries are recorded again.
func (l *Listener) recovered() {
	l.storage.mu.Lock()
	lost, turned := l.storage.lost, l.storage.turned
	l.storage.lost, l.storage.turned, l.storage.need = false, 0, 0
	l.storage.mu.Unlock()
	if lost {
		l.emit(record.Changed{State: record.StorageRecovered, Count: turned, Message: "deliveries are recorded again" + answered503(turned)})
	}
}

// answered503 says how many requests were turned away meanwhile.
func answered503(n int) string {
	switch n {
	case 0: // messages of a broker wait there
		return ""
	case 1:
		return "; 1 was answered 503 in between"
	default:
		return fmt.Sprintf("; %d were answered 503 in between", n)
	}
}

// Recheck looks whether deliveries can be recorded again, after one could not be. While none come because of that, nobody else
// finds out.
func (l *Listener) Recheck(ctx context.Context) {
	l.storage.mu.Lock()
	lost, need := l.storage.lost, l.storage.need
	l.storage.mu.Unlock()
	if lost && l.o.Recorder.Probe(context.WithoutCancel(ctx), need) == nil {
		l.recovered()
	}
}

// unrecorded says whether the last delivery could not be recorded.
func (l *Listener) unrecorded() bool {
	l.storage.mu.Lock()
	defer l.storage.mu.Unlock()
	return l.storage.lost
}

// sayUnrecorded tells what else could not be recorded, unless people already know that nothing can.
func (l *Listener) sayUnrecorded(what, deliveryID string, cause error) {
	if !l.unrecorded() {
		l.emit(record.Failed{Message: what + " could not be recorded: " + cause.Error(), DeliveryID: deliveryID})
	}
}
