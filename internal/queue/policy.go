package queue

// What becomes of a job and of its lane after a try.

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/whctl/whctl/internal/record"
)

const (
	firstPause   = time.Second // of a lane, doubled each time
	longestPause = 30 * time.Second
	firstWait    = 2 * time.Second // of a job, doubled each time
	longestWait  = 10 * time.Minute
	// mostRetryAfter is how long a target may make its lane wait. A target can send any number.
	mostRetryAfter = time.Hour
	// mostInARow is how many different jobs may fail one after the other before their lane pauses.
	mostInARow = 5
)

// Policy is what the user decides about all lanes.
type Policy struct {
	Width   int           // how many jobs of a lane are sent at one time; with more than one they are in no order
	GiveUp  time.Duration // a job that fails later than that after its time began is given up
	RetryOn []int         // statuses, besides the usual ones, after which a job is tried again
	Now     func() time.Time
	Rand    func() float64 // from 0 to 1
}

// Outcome is what came of a try, as far as it decides what is next.
type Outcome struct {
	Kind       record.OutcomeKind
	Status     int           // 0: there was no whole answer
	RetryAfter time.Duration // what the target asks for; 0: nothing
	Final      bool          // no later try of this job can end otherwise
	InDoubt    bool          // the target may have it or not: nothing overtakes it
}

// Change is what a try changed of a lane.
type Change int

// The changes.
const (
	Same Change = iota
	WentDown
	CameBack
)

// effect is what an outcome stops.
type effect int

const (
	delivered effect = iota
	stopsLane        // nothing else could be delivered now
	stopsJob         // this job, for a while
	endsJob
	saysNothing // whctl itself gave up
)

// effect decides by the kind of an outcome. A cut-off answer has no status.
func (p *Policy) effect(o Outcome) effect {
	if o.Final {
		return endsJob
	}
	if o.InDoubt {
		return stopsLane
	}
	switch o.Kind {
	case record.OutcomeDelivered:
		return delivered
	case record.OutcomeUnreachable:
		return stopsLane
	case record.OutcomeCancelled:
		return saysNothing
	case record.OutcomeTimeout:
		return stopsJob
	case record.OutcomeRefused, record.OutcomeFailed:
	}
	switch s := o.Status; {
	case s == http.StatusTooManyRequests, s == http.StatusServiceUnavailable:
		return stopsLane
	case s == 0, s >= 500, s == http.StatusRequestTimeout, s == http.StatusTooEarly, slices.Contains(p.RetryOn, s):
		return stopsJob
	default:
		return endsJob
	}
}

// health is how the target of a lane is.
type health struct {
	until  time.Time // nothing is sent before
	pauses int       // in a row; 0: the target takes what is sent
	failed []key     // the different jobs that failed in a row
}

func (h *health) down() bool { return h.pauses > 0 }

// decide gives the job as it is after a try, and says what the try changed of the lane.
func (h *health) decide(job record.Job, o Outcome, p *Policy) (next record.Job, c Change) {
	now, asked := p.Now(), min(o.RetryAfter, mostRetryAfter)
	late := now.Sub(job.Since) > p.GiveUp
	next = job
	switch effect := p.effect(o); effect {
	case delivered, endsJob:
		next.Tries++
		next.State = record.JobDelivered
		if effect == endsJob {
			next.State, next.Reason = record.JobDead, record.ReasonRefused
		}
		return next, h.back()
	case stopsLane:
		if late {
			next.State, next.Reason = record.JobDead, record.ReasonExpired
		}
		return next, h.pause(now, asked, p)
	case stopsJob:
		next.Tries++
		next.State, next.Due = record.JobWaiting, now.Add(p.jobWait(asked, next.Tries))
		if late {
			next.State, next.Reason = record.JobDead, record.ReasonExpired
		}
		if k := keyOf(job); !slices.Contains(h.failed, k) {
			h.failed = append(h.failed, k)
		}
		if len(h.failed) >= mostInARow {
			return next, h.pause(now, asked, p)
		}
	case saysNothing:
	}
	return next, Same
}

// back ends the pauses: the target answered.
func (h *health) back() Change {
	was := h.down()
	*h = health{}
	if was {
		return CameBack
	}
	return Same
}

// pause keeps the lane from sending for a while. Jobs that were sent side by side count as one.
func (h *health) pause(now time.Time, asked time.Duration, p *Policy) Change {
	before := h.pauses
	if now.Before(h.until) {
		if until := now.Add(asked); until.After(h.until) {
			h.until = until
		}
		return Same
	}
	h.pauses++
	h.failed = nil
	h.until = now.Add(p.laneWait(asked, h.pauses))
	if before > 0 {
		return Same
	}
	return WentDown
}

// Again says whether a job that no lane holds is to be tried again after a try, and how long whoever holds it waits before that. times
// is how often it has been tried.
func (p *Policy) Again(o Outcome, times int) (again bool, after time.Duration) {
	asked := min(o.RetryAfter, mostRetryAfter)
	switch p.effect(o) {
	case stopsLane:
		return true, p.laneWait(asked, times)
	case stopsJob:
		return true, p.jobWait(asked, times)
	case saysNothing:
		return true, 0
	case delivered, endsJob:
	}
	return false, 0
}

// laneWait is how long nothing is sent, after a number of times in a row.
func (p *Policy) laneWait(asked time.Duration, times int) time.Duration {
	return max(asked, p.backoff(firstPause, longestPause, times))
}

// jobWait is how long a job waits after a number of tries.
func (p *Policy) jobWait(asked time.Duration, times int) time.Duration {
	return max(asked, p.backoff(firstWait, longestWait, times))
}

// backoff doubles a wait for each time after the first, and varies it by a fifth, so that many do not come back at one moment.
func (p *Policy) backoff(first, longest time.Duration, times int) time.Duration {
	wait := longest
	if times < 16 {
		wait = min(first<<(times-1), longest)
	}
	return time.Duration(float64(wait) * (0.8 + 0.4*p.Rand()))
}

// NoJitter takes the middle of every wait.
func NoJitter() float64 { return 0.5 }

// Jitter varies waits. It decides nothing that must not be guessed.
func Jitter() float64 { return rand.Float64() } //nolint:gosec // see above
