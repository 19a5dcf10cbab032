package listen

// The number of deliveries that a run takes.

import "sync"

// quota admits a number of deliveries and says when the last of them is done. It counts at admission, because others may come
// between the last one and the end of the listener.
type quota struct {
	mu       sync.Mutex
	limit    int // 0: any number
	admitted int
	finished int
	full     chan struct{}
}

func newQuota(limit int) *quota { return &quota{limit: limit, full: make(chan struct{})} }

// admit takes a place, if there is one.
func (q *quota) admit() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.limit > 0 && q.admitted == q.limit {
		return false
	}
	q.admitted++
	return true
}

// giveBack returns the place of a delivery that could not be recorded.
func (q *quota) giveBack() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.admitted--
}

// finish says that an admitted delivery has been handled.
func (q *quota) finish() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.finished++; q.finished == q.limit {
		close(q.full)
	}
}
