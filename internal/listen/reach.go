package listen

import (
	"sync"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
)

// reach remembers which targets answer, so that a change is said once.
type reach struct {
	mu   sync.Mutex
	lost map[string]bool
}

// seen notes an outcome and tells whether it is a change worth saying.
func (r *reach) seen(t target.Target, answered bool) (record.Changed, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lost[t.Name] == !answered {
		return record.Changed{}, false
	}
	if r.lost == nil {
		r.lost = map[string]bool{}
	}
	r.lost[t.Name] = !answered
	if answered {
		return record.Changed{State: record.Recovered, Target: t.Name, Message: "the target answers again"}, true
	}
	return record.Changed{State: record.Lost, Target: t.Name, Message: "the target gives no answer; deliveries are recorded, their senders get 502 or 504"}, true
}
