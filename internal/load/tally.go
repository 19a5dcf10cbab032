package load

// Counting what came of requests, in memory that does not grow with them.

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/fault"
)

// The range of latencies, in microseconds. What is longer counts as the longest.
const (
	longestLatency = int64(time.Hour / time.Microsecond)
	digits         = 3 // of a latency are exact
	statuses       = 1000
)

// tally is safe for concurrent use.
type tally struct {
	mu        sync.Mutex
	latencies *hdrhistogram.Histogram
	longest   time.Duration
	begun     time.Time
	last      time.Time // when the last request was begun
	sent      int64
	accepted  int64
	refused   int64
	failed    int64
	givenUp   int64 // under way when the run was stopped
	repeated  int64
	status    [statuses]int64
	causes    map[deliver.Cause]*Failure
	late      Late
}

func newTally() *tally {
	return &tally{latencies: hdrhistogram.New(1, longestLatency, digits), causes: map[deliver.Cause]*Failure{}}
}

// begin says that the run begins.
func (t *tally) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.begun = time.Now()
	t.last = t.begun
}

// started counts a request that is about to be sent.
func (t *tally) started(now time.Time, l lateness) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sent++
	if now.After(t.last) {
		t.last = now
	}
	if l.by < lateFrom {
		return
	}
	t.late.Count++
	t.late.Longest = max(t.late.Longest, l.by)
	if l.idle {
		t.late.Idle++
	}
}

// add counts what came of a request. Its latency counts when it was answered, and when it was not answered in time.
func (t *tally) add(res deliver.Result, took time.Duration, stopped bool, accepts func(int) bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if res.Repeated {
		t.repeated++
	}
	switch {
	case res.Err == nil:
		if t.status[min(res.Status, statuses-1)]++; accepts(res.Status) {
			t.accepted++
		} else {
			t.refused++
		}
	case stopped && res.Cause == deliver.Canceled:
		t.givenUp++
		return
	default:
		t.failed++
		t.fail(res)
		if res.Cause != deliver.Timeout {
			return
		}
	}
	t.longest = max(t.longest, took)
	_ = t.latencies.RecordValue(min(max(took.Microseconds(), 1), longestLatency)) // which is in its range
}

func (t *tally) fail(res deliver.Result) {
	f := t.causes[res.Cause]
	if f == nil {
		f = &Failure{Cause: res.Cause, First: res}
		t.causes[res.Cause] = f
	}
	f.Count++
}

// Failure is why requests got no answer.
type Failure struct {
	Cause deliver.Cause
	Count int64
	First deliver.Result // of the first of them
}

// Hint is the next step for the first of them, none when it is not known.
func (f *Failure) Hint() fault.Step { return f.First.Hint }

// Late is what is known of requests that began over 10 ms after they were due.
type Late struct {
	Count   int64
	Idle    int64 // of them had a connection that waited for their time: this process was behind. For the others all connections were busy
	Longest time.Duration
}
