package listen

// Deliveries that were recorded a moment ago, for jobs that are sent at once.

import (
	"slices"
	"sync"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
)

// freshBytes bounds what is kept, in bytes. Later deliveries are read from the journal when it is their turn.
const freshBytes = 16 << 20

// fresh keeps deliveries from their record to the first try of each of their jobs. A try that comes before people have been told of the
// delivery waits for that.
type fresh struct {
	mu    sync.Mutex
	byID  map[string]*recorded
	bytes int
}

// recorded is a delivery that was just recorded.
type recorded struct {
	left     []string      // the targets whose jobs have not been tried, of lanes that send
	told     chan struct{} // closed when people have been told
	isTold   bool
	delivery *record.Delivery // nil: it is read from the journal
	message  target.Message
}

func newFresh() fresh { return fresh{byID: map[string]*recorded{}} }

// expect says that there is a delivery whose jobs this process sends.
func (f *fresh) expect(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.byID[id] == nil {
		f.byID[id] = &recorded{told: make(chan struct{})}
	}
}

// put gives a delivery that people have been told of, for the first tries of the jobs for some targets. Where there is no room for it,
// its jobs read it from the journal.
func (f *fresh) put(d *record.Delivery, m target.Message, targets []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.byID[d.ID]
	if r == nil { // others send its jobs
		return
	}
	if weight := perRequest + len(m.Body); len(targets) > 0 && f.bytes+weight <= freshBytes {
		r.left, r.delivery, r.message = targets, d, m
		f.bytes += weight
	}
	f.tell(d.ID, r)
}

// abandon lets the jobs of a delivery go on that was never put.
func (f *fresh) abandon(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r := f.byID[id]; r != nil && !r.isTold {
		f.tell(id, r)
	}
}

func (f *fresh) tell(id string, r *recorded) {
	r.isTold = true
	close(r.told)
	if r.delivery == nil {
		delete(f.byID, id)
	}
}

// take gives a delivery for the first try of its job for a target. It is false if it must be read from the journal.
func (f *fresh) take(id, name string) (d *record.Delivery, m target.Message, ok bool) {
	f.mu.Lock()
	r := f.byID[id]
	f.mu.Unlock()
	if r == nil {
		return nil, target.Message{}, false
	}
	<-r.told
	f.mu.Lock()
	defer f.mu.Unlock()
	at := slices.Index(r.left, name)
	if r.delivery == nil || at < 0 {
		return nil, target.Message{}, false
	}
	d, m = r.delivery, r.message
	if r.left = slices.Delete(r.left, at, at+1); len(r.left) == 0 {
		f.drop(id, r)
	}
	return d, m, true
}

// clear drops what is kept. Jobs that were dropped meanwhile never take theirs.
func (f *fresh) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, r := range f.byID {
		if r.isTold {
			f.drop(id, r)
		}
	}
}

func (f *fresh) drop(id string, r *recorded) {
	f.bytes -= perRequest + len(r.message.Body)
	r.delivery, r.message = nil, target.Message{}
	delete(f.byID, id)
}
