package sandbox

import (
	"time"

	"github.com/whctl/whctl/internal/deliver"
)

const defaultTimeout = 30 * time.Second

// schedule gives the waits before the second and later attempts, in seconds.
func (s *Sandbox) schedule() []float64 { return s.scheme.Retry }

// retryDelay is the wait after a failed attempt, and whether there is another attempt at all.
func (s *Sandbox) retryDelay(attempt int) (time.Duration, bool) {
	waits := s.schedule()
	if attempt < 1 || attempt > len(waits) {
		return 0, false
	}
	return time.Duration(waits[attempt-1] * float64(time.Second)), true
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
