package load

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whctl/whctl/internal/deliver"
)

// receiver answers after a time, which may differ from one request to the next. The clock is that of a synctest bubble.
type receiver struct {
	takes  func(n int64) time.Duration
	answer func(n int64) deliver.Result
	n      atomic.Int64
	busy   atomic.Int64
	most   atomic.Int64
}

func (r *receiver) send(ctx context.Context, _ deliver.Request) deliver.Result {
	n := r.n.Add(1)
	r.most.Store(max(r.most.Load(), r.busy.Add(1)))
	defer r.busy.Add(-1)
	timer := time.NewTimer(r.takes(n))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return deliver.Result{Err: ctx.Err(), Cause: deliver.Canceled}
	}
	if r.answer == nil {
		return deliver.Result{Status: 200}
	}
	return r.answer(n)
}

func always(d time.Duration) func(int64) time.Duration { return func(int64) time.Duration { return d } }

func newRun(p Plan, r *receiver) *Run {
	return New(Options{
		Plan: p, Send: r.send, Accepts: func(status int) bool { return status == 200 },
		Make: func() (deliver.Request, error) { return deliver.Request{}, nil },
	})
}

func do(t *testing.T, p Plan, r *receiver) Summary {
	t.Helper()
	s, err := newRun(p, r).Do(t.Context())
	if err != nil {
		t.Error(err)
	}
	return s
}

// TestSchedule: requests begin at the times of the schedule, exactly, and none after the end.
func TestSchedule(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		plan Plan
		sent int64
		took time.Duration
	}{
		"for a time":           {Plan{Duration: 20 * time.Second, Step: time.Second / 2000, Concurrency: 50}, 40_000, 20*time.Second - time.Second/2000 + time.Millisecond},
		"a number":             {Plan{Count: 10, Step: 100 * time.Millisecond, Concurrency: 50}, 10, 901 * time.Millisecond},
		"number comes first":   {Plan{Count: 10, Duration: time.Hour, Step: 100 * time.Millisecond, Concurrency: 50}, 10, 901 * time.Millisecond},
		"time comes first":     {Plan{Count: 1000, Duration: 950 * time.Millisecond, Step: 100 * time.Millisecond, Concurrency: 50}, 10, 901 * time.Millisecond},
		"slower than a second": {Plan{Count: 3, Step: time.Minute, Concurrency: 50}, 3, 2*time.Minute + time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := do(t, c.plan, &receiver{takes: always(time.Millisecond)})
				if s.Sent != c.sent || s.Accepted != c.sent || s.Took != c.took || s.Missed != 0 || s.Late.Count != 0 || s.Limit() != NoLimit {
					t.Errorf("%+v", s)
				}
				if want := s.Asked(); s.Rate() < 0.99*want || s.Rate() > 1.01*want {
					t.Errorf("%v a second, and %v were asked for", s.Rate(), want)
				}
				if l := s.Latencies; l.Count != c.sent || l.P50 != time.Millisecond || l.Max != time.Millisecond {
					t.Errorf("%+v", l)
				}
			})
		})
	}
}

// TestNoOmission: a receiver that hangs for a second makes the requests late that were due meanwhile, and that is in their latencies.
func TestNoOmission(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{takes: func(n int64) time.Duration {
			if n == 100 {
				return time.Second
			}
			return time.Millisecond
		}}
		s := do(t, Plan{Duration: 4 * time.Second, Step: 10 * time.Millisecond, Concurrency: 1}, r)
		if s.Sent != 400 || s.Accepted != 400 || s.Missed != 0 {
			t.Errorf("%+v", s)
		}
		if l := s.Latencies; l.Max != time.Second || l.P90 < 500*time.Millisecond || l.P50 != time.Millisecond {
			t.Errorf("%+v", l)
		}
		if s.Late.Count < 90 || s.Late.Idle != 0 || s.Late.Longest < 980*time.Millisecond || s.Limit() != Connections {
			t.Errorf("late %+v, limit %q", s.Late, s.Limit())
		}
	})
}

// TestTooSlow: what was due and could not begin before the end is counted.
func TestTooSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{takes: always(time.Second)}
		s := do(t, Plan{Duration: 10 * time.Second, Step: 10 * time.Millisecond, Concurrency: 5}, r)
		if s.Sent != 50 || s.Missed != 950 || r.most.Load() != 5 || s.Limit() != Connections || s.Rate() != 5 {
			t.Errorf("%+v, %d at once, limit %q", s, r.most.Load(), s.Limit())
		}
	})
}

// TestAsFastAsAnswered: without a schedule each connection goes on when it has its answer.
func TestAsFastAsAnswered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{takes: always(10 * time.Millisecond)}
		s := do(t, Plan{Duration: time.Second, Concurrency: 7}, r)
		if s.Sent != 700 || r.most.Load() != 7 || s.Took != time.Second || s.Rate() != 700 || s.Limit() != NoLimit {
			t.Errorf("%+v, %d at once", s, r.most.Load())
		}
		if s := do(t, Plan{Count: 3, Concurrency: 50}, &receiver{takes: always(time.Second)}); s.Sent != 3 || s.Took != time.Second {
			t.Errorf("%+v", s)
		}
	})
}

// TestOutcomes counts answers and errors by kind. A time-out has a latency, another error has none.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{takes: always(time.Millisecond), answer: func(n int64) deliver.Result {
			switch n % 4 {
			case 0:
				return deliver.Result{Status: 500}
			case 1:
				return deliver.Result{Err: errors.New("no answer in 1s"), Cause: deliver.Timeout}
			case 2:
				return deliver.Result{Err: errors.New("connection refused"), Cause: deliver.Refused}
			default:
				return deliver.Result{Status: 200, Repeated: true}
			}
		}}
		s := do(t, Plan{Count: 400, Concurrency: 1}, r)
		if s.Accepted != 100 || s.Refused != 100 || s.Failed != 200 || s.Repeated != 100 || s.Latencies.Count != 300 {
			t.Errorf("%+v", s)
		}
		if len(s.Statuses) != 2 || s.Statuses[0] != (StatusCount{200, 100}) || s.Statuses[1] != (StatusCount{500, 100}) {
			t.Errorf("%v", s.Statuses)
		}
		if len(s.Failures) != 2 || s.Failures[0].Cause != deliver.Refused || s.Failures[1].First.Err.Error() != "no answer in 1s" || s.Failures[1].Count != 100 {
			t.Errorf("%v", s.Failures)
		}
	})
}

// TestStopped: an ended context ends a run at once. What was under way is no error.
func TestStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 995*time.Millisecond)
		defer cancel()
		r := newRun(Plan{Duration: time.Hour, Step: 10 * time.Millisecond, Concurrency: 20}, &receiver{takes: always(50 * time.Millisecond)})
		s, err := r.Do(ctx)
		if err != nil || s.Took != 995*time.Millisecond || s.Sent != 100 || s.GivenUp != 5 || s.Accepted != 95 || s.Failed != 0 || s.Missed != 0 {
			t.Errorf("%+v %v", s, err)
		}
	})
}

// TestBrokenMake: a request that cannot be made ends the run with the reason.
func TestBrokenMake(t *testing.T) {
	t.Parallel()
	broken := errors.New("no randomness")
	r := New(Options{
		Plan: Plan{Count: 1000, Concurrency: 10},
		Make: func() (deliver.Request, error) { return deliver.Request{}, broken },
	})
	if s, err := r.Do(t.Context()); !errors.Is(err, broken) || s.Sent != 0 {
		t.Errorf("%+v %v", s, err)
	}
}

// BenchmarkRun is what the engine itself costs a request.
func BenchmarkRun(b *testing.B) {
	b.ReportAllocs()
	r := New(Options{
		Plan:    Plan{Count: int64(b.N), Concurrency: 50},
		Make:    func() (deliver.Request, error) { return deliver.Request{}, nil },
		Send:    func(context.Context, deliver.Request) deliver.Result { return deliver.Result{Status: 200} },
		Accepts: func(int) bool { return true },
	})
	if _, err := r.Do(b.Context()); err != nil {
		b.Fatal(err)
	}
}
