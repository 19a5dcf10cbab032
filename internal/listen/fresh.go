package listen

// Deliveries that were recorded a moment ago, for jobs that are sent at once.

import (
	"sync"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
)

// freshBytes bounds the bodies that are kept, in bytes. Later deliveries are read from the journal when it is their turn.
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
	jobs     int           // that have not been tried
	told     chan struct{} // closed when people have been told
	delivery *record.Delivery
	message  target.Message
}

func newFresh() fresh { return fresh{byID: map[string]*recorded{}} }

// expect says that a delivery has one job more that this process sends.
func (f *fresh) expect(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.byID[id]
	if r == nil {
		r = &recorded{told: make(chan struct{})}
		f.byID[id] = r
	}
	r.jobs++
}

// put gives a delivery that people have been told of. Where there is no room for it, its jobs read it from the journal.
func (f *fresh) put(d *record.Delivery, m target.Message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.byID[d.ID]
	if r == nil { // others send its jobs
		return
	}
	if r.delivery, r.message = d, m; f.bytes+len(m.Body) > freshBytes {
		r.delivery = nil
		delete(f.byID, d.ID)
	} else {
		f.bytes += len(m.Body)
	}
	close(r.told)
}

// take gives a delivery for the first try of one of its jobs. It is false if it must be read from the journal.
func (f *fresh) take(id string) (d *record.Delivery, m target.Message, ok bool) {
	f.mu.Lock()
	r := f.byID[id]
	f.mu.Unlock()
	if r == nil {
		return nil, target.Message{}, false
	}
	<-r.told
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.delivery == nil {
		return nil, target.Message{}, false
	}
	d, m = r.delivery, r.message
	if r.jobs--; r.jobs == 0 {
		f.bytes -= len(m.Body)
		delete(f.byID, id)
	}
	return d, m, true
}
