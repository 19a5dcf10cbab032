package sandbox

import (
	"time"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/queue"
)

const defaultTimeout = 30 * time.Second

// scheduleOf turns the waits of a scheme, in seconds, into a schedule.
func scheduleOf(seconds []float64) queue.Schedule {
	waits := make(queue.Schedule, 0, len(seconds))
	for _, n := range seconds {
		waits = append(waits, time.Duration(n*float64(time.Second)))
	}
	return waits
}

// timeout is how long a receiver is given.
func (s *Sandbox) timeout() time.Duration {
	if s.scheme.AnswerTimeout > 0 {
		return time.Duration(s.scheme.AnswerTimeout * float64(time.Second))
	}
	return defaultTimeout
}

// retries says whether a failure is one that the provider tries again. What is not dialled at all stays so.
func (s *Sandbox) retries(r deliver.Result) bool {
	if r.Err != nil {
		return r.Cause != deliver.Denied && r.Cause != deliver.Invalid
	}
	switch r.Status / 100 {
	case 4:
		return !s.scheme.NoRetry4xx
	case 3: // the platform documents nothing; one that takes a 4xx for final is taken to do so here too
		return !s.scheme.NoRetry4xx
	default:
		return true
	}
}
