package listen

// The bound on the memory that bodies take.

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/whctl/whctl/internal/serve"
)

// The bodies in memory are bounded over all connections. Small and large ones have separate budgets, and large ones that are
// still coming may use only half of theirs, so that a slow sender does not hold up the others.
const (
	smallBudget = 64 << 20
	largeBudget = 192 << 20
	budgetWait  = 10 * time.Second
	// Memory is about how many bytes the process needs: the bodies, a quarter more for copies of them, and the rest.
	Memory = (smallBudget+largeBudget)/4*5 + 64<<20
	// firstBytes is the room for a sender that has sent nothing yet: an announced length must not hold back others. The
	// bound on connections bounds these.
	firstBytes = 64 << 10
	// perRequest is what a request weighs besides its body.
	perRequest = 4 << 10
	// cutTick is how often a body that waits for room replaces a slow one.
	cutTick = 250 * time.Millisecond
)

var errBusy = errors.New("too many large bodies at once")

type budget struct {
	small, large, coming *semaphore.Weighted
	cutSlow              func()
	patience             time.Duration   // how long a body waits for room
	over                 <-chan struct{} // closed when the listener ends; nobody waits then
}

func newBudget(maxBody int64) *budget {
	large := max(largeBudget, 2*(maxBody+1))
	return &budget{
		small: semaphore.NewWeighted(smallBudget), large: semaphore.NewWeighted(large), coming: semaphore.NewWeighted(large / 2), patience: budgetWait,
	}
}

// hold is a request's part of the budget. The last user of the request gives it back, which may be the record of an attempt.
type hold struct {
	budget *budget
	small  int64
	large  int64
	coming int64
	users  atomic.Int32
	over   func() // called then
}

func (l *Listener) newHold() *hold {
	h := &hold{budget: l.bodies, over: func() {}}
	h.users.Store(1)
	return h
}

// keepSmall takes the room of a small body that has come whole.
func (h *hold) keepSmall(ctx context.Context, n int) error {
	weight := int64(perRequest + n)
	if err := h.budget.wait(ctx, h.budget.small, weight); err != nil {
		return err
	}
	h.small = weight
	return nil
}

// keep takes the room of a body that is in memory.
func (h *hold) keep(ctx context.Context, n int) error {
	if n <= firstBytes {
		return h.keepSmall(ctx, n)
	}
	weight := min(int64(perRequest+n), largeBudget)
	if err := h.budget.wait(ctx, h.budget.large, weight); err != nil {
		return err
	}
	h.large = weight
	return nil
}

// reserve takes room for a body that has begun to come and will have n bytes. While it waits, slow bodies are cut off.
func (h *hold) reserve(ctx context.Context, c *serve.Conn, n int64) error {
	if !h.budget.coming.TryAcquire(n) {
		stop := h.pressSlow()
		err := h.budget.wait(ctx, h.budget.coming, n)
		stop()
		if err != nil {
			return err
		}
	}
	h.coming = n
	c.Large()
	if err := h.budget.wait(ctx, h.budget.large, n+perRequest); err != nil {
		h.arrived(0)
		return err
	}
	h.large = n + perRequest
	return nil
}

// arrived says that a body has come with n bytes, or never will.
func (h *hold) arrived(n int) {
	h.budget.coming.Release(h.coming)
	h.coming = 0
	if over := h.large - perRequest - int64(n); h.large > 0 && over > 0 {
		h.budget.large.Release(over)
		h.large -= over
	}
}

// pressSlow cuts slow bodies off one by one until it is stopped.
func (h *hold) pressSlow() (stop func()) {
	over := make(chan struct{})
	go func() {
		tick := time.NewTicker(cutTick)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				h.budget.cutSlow()
			case <-over:
				return
			}
		}
	}()
	return func() { close(over) }
}

func (b *budget) wait(ctx context.Context, s *semaphore.Weighted, n int64) error {
	if s.TryAcquire(n) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, b.patience)
	defer cancel()
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-b.over:
			cancel()
		case <-done:
		}
	}()
	if err := s.Acquire(ctx, n); err != nil {
		return errBusy
	}
	return nil
}

func (h *hold) share() { h.users.Add(1) }

func (h *hold) done() {
	if h.users.Add(-1) > 0 {
		return
	}
	h.budget.small.Release(h.small)
	h.budget.large.Release(h.large)
	h.over()
}
