package listen

// How much the queue may hold, and what senders are answered when it is full.

import (
	"fmt"
	"sync"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
)

// room knows whether the queue is full. That is told once, however often one job makes room for one more.
type room struct {
	mu   sync.Mutex
	full bool
	away int // how many deliveries were answered 503 since
}

// admits says whether there is room for the jobs of one more delivery, and tells of a change. The queue was full until a tenth of it is
// free.
func (o *owed) admits() bool {
	open, bytes := o.lanes.Open()
	most, mostBytes := o.l.o.Queue.MaxJobs, o.l.o.Queue.MaxBytes
	over := open >= most || bytes >= mostBytes
	roomy := open <= most-max(most/10, 1) && bytes <= mostBytes-mostBytes/10
	o.room.mu.Lock()
	before, away := o.room.full, o.room.away
	switch {
	case over && !before:
		o.room.full, o.room.away = true, 0
	case before && roomy:
		o.room.full = false
	}
	after := o.room.full
	o.room.mu.Unlock()
	switch {
	case after && !before:
		o.l.emit(record.Changed{State: record.QueueFull, Count: open, Message: fmt.Sprintf(
			"%s of %s are open, and --max-queue allows no more; %s until there is room", fault.Plural(open, "job"), fault.Plural(bytes, "byte"), o.l.away)})
	case before && !after:
		o.l.emit(record.Changed{State: record.QueueDrained, Count: away, Message: "the queue has room again" + answered503(away)})
	}
	return !over
}

// countAway counts a request that the queue has no room for.
func (o *owed) countAway() {
	o.room.mu.Lock()
	defer o.room.mu.Unlock()
	o.room.away++
}
