package load

// The figures of a run.

import (
	"cmp"
	"sort"
	"time"
)

// Summary is what came of a run, or of a part of it.
type Summary struct {
	Plan
	Took     time.Duration // from its beginning until the last answer, or until now
	Sending  time.Duration // of that, in which requests were begun
	Sent     int64
	Accepted int64
	Refused  int64 // answered with a status that is no good one
	Failed   int64 // not answered
	GivenUp  int64 // under way when the run was stopped
	Missed   int64 // due, and not begun before the end
	Repeated int64 // sent a second time over a new connection, as the first was closed
	Statuses []StatusCount
	Failures []Failure // most frequent first

	// Latencies are of requests that were answered, and of those that were not answered in time. With a schedule they count from the
	// time at which a request was due.
	Latencies Latencies
	Late      Late
	// Queued is how long half of the time that work of this process waits for a processor. Much of a latency is this process's own then.
	Queued time.Duration
}

// StatusCount is how often a status was answered.
type StatusCount struct {
	Status int
	Count  int64
}

// Latencies are all 0 when Count is.
type Latencies struct {
	Count                          int64
	Mean, P50, P90, P99, P999, Max time.Duration
}

// Snapshot is the summary so far. It may be called while Do runs.
func (r *Run) Snapshot() Summary { return r.summary(time.Now()) }

func (r *Run) summary(now time.Time) Summary {
	t := r.tally
	t.mu.Lock()
	defer t.mu.Unlock()
	s := Summary{
		Plan: r.o.Plan, Sent: t.sent, Accepted: t.accepted, Refused: t.refused, Failed: t.failed, GivenUp: t.givenUp,
		Repeated: t.repeated, Late: t.late, Latencies: t.measured(),
	}
	s.Took = now.Sub(t.begun)
	s.Sending = t.sending(r.o.Plan, s.Took)
	s.Missed = max(s.due()-s.Sent, 0)
	for status, n := range t.status {
		if n > 0 {
			s.Statuses = append(s.Statuses, StatusCount{status, n})
		}
	}
	for _, f := range t.causes {
		s.Failures = append(s.Failures, *f)
	}
	sort.Slice(s.Failures, func(i, j int) bool {
		a, b := &s.Failures[i], &s.Failures[j]
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Cause, b.Cause)) < 0
	})
	return s
}

// sending is how long requests were begun for. With a schedule the step after the last one belongs to it: ten requests at ten a second
// take a second.
func (t *tally) sending(p Plan, took time.Duration) time.Duration {
	if t.sent == 0 || p.Step == 0 {
		return took
	}
	until := t.last.Sub(t.begun) + p.Step
	if p.Duration > 0 && t.sent != p.Count {
		until = max(until, min(took, p.Duration))
	}
	return until
}

// due is how many requests should have begun. Those of the last moment may be about to.
func (s *Summary) due() int64 {
	if s.Step == 0 {
		return 0
	}
	n := int64((s.Took-lateFrom)/s.Step) + 1
	if s.Duration > 0 && s.Took >= s.Duration {
		n = int64((s.Duration + s.Step - 1) / s.Step)
	}
	if s.Count > 0 {
		n = min(n, s.Count)
	}
	return n
}

// Rate is how many requests were begun in a second. Without a schedule it is how many came to an end.
func (s *Summary) Rate() float64 {
	if s.Sending <= 0 {
		return 0
	}
	return float64(s.Sent-s.GivenUp) / s.Sending.Seconds()
}

// Asked is the rate of the plan in a second, 0 when it has none.
func (s *Summary) Asked() float64 {
	if s.Step == 0 {
		return 0
	}
	return float64(time.Second) / float64(s.Step)
}

// Limit is what kept a run from more.
type Limit string

// The limits.
const (
	NoLimit     Limit = ""            // the receiver, or the plan
	Connections Limit = "connections" // all were busy when requests were due
	Generator   Limit = "generator"   // this process did not keep up
)

// keptUp is the part of a plan that may be late before that is called a limit.
const keptUp = 0.01

// Limit says what kept the run from more.
func (s *Summary) Limit() Limit {
	most := keptUp * float64(s.Sent+s.Missed)
	own := s.Queued > s.Latencies.P50/4 && s.Queued > time.Millisecond/2
	switch {
	case s.Step == 0 && own:
		return Generator
	case s.Step == 0, float64(s.Late.Count+s.Missed) <= most:
		return NoLimit
	case own, float64(s.Late.Idle) > most && s.Late.Idle > s.Late.Count/2:
		return Generator
	default:
		return Connections
	}
}

func (t *tally) measured() Latencies {
	h := t.latencies
	if h.TotalCount() == 0 {
		return Latencies{}
	}
	micros := func(n int64) time.Duration { return min(time.Duration(n)*time.Microsecond, t.longest) }
	q := func(percent float64) time.Duration { return micros(h.ValueAtPercentile(percent)) }
	return Latencies{
		Count: h.TotalCount(), Mean: micros(int64(h.Mean())), P50: q(50), P90: q(90), P99: q(99), P999: q(99.9), Max: t.longest,
	}
}
