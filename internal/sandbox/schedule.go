package sandbox

import (
	"time"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/queue"
)

const defaultTimeout = 30 * time.Second

// scheduleOf makes a schedule of a scheme's waits, which are in seconds.
func scheduleOf(seconds []float64) queue.Schedule {
	waits := make(queue.Schedule, 0, len(seconds))
	for _, n := range seconds {
		waits = append(waits, time.Duration(n*float64(time.Second)))
	}
	return waits
}

// timeout returns how long a receiver may take.
func (s *Sandbox) timeout() time.Duration {
	if s.scheme.AnswerTimeout > 0 {
		return time.Duration(s.scheme.AnswerTimeout * float64(time.Second))
	}
	return defaultTimeout
}

// retries reports whether the provider tries again after a failure. An address that is not dialled is not tried again.
func (s *Sandbox) retries(r deliver.Result) bool {
	if r.Err != nil {
		return r.Cause != deliver.Denied && r.Cause != deliver.Invalid
	}
	final := r.Status >= 300 && r.Status < 500 // nothing documents a 3xx: treat it like a 4xx
	return !final || !s.scheme.NoRetry4xx
}
