package listen

// The number of deliveries that a run takes.

import (
	"net/http"
	"sync"

	"github.com/whctl/whctl/internal/serve"
)

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

// turnAwayLate answers a delivery that comes after the last. It is not recorded, and so not acknowledged.
func (l *Listener) turnAwayLate(w http.ResponseWriter) {
	w.Header().Set("Connection", "close")
	w.Header().Set("Retry-After", "5")
	serve.Answer(w, http.StatusServiceUnavailable, "the listener has taken what it was to take, and ends")
	l.tell(cameLate, "a request came after the last delivery that --exit-after lets in: answered 503, not recorded")
}
