package load

// How long work of this process waits for a processor.

import (
	"math"
	"runtime/metrics"
	"time"
)

// schedLatencies is the runtime's histogram of how long goroutines that could run have waited, in seconds.
const schedLatencies = "/sched/latencies:seconds"

// queued is the histogram as it was when a run began.
type queued struct{ counts []uint64 }

func measure() queued {
	h := readLatencies()
	if h == nil {
		return queued{}
	}
	return queued{append([]uint64(nil), h.Counts...)}
}

func readLatencies() *metrics.Float64Histogram {
	sample := []metrics.Sample{{Name: schedLatencies}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindFloat64Histogram {
		return nil // a later Go may not have it
	}
	return sample[0].Value.Float64Histogram()
}

// waited is how long half of the work has waited since, at most; 0 when it is not known.
func (q queued) waited() time.Duration {
	h := readLatencies()
	if h == nil || len(h.Counts) != len(q.counts) {
		return 0
	}
	var all, below uint64
	for i, n := range h.Counts {
		all += n - q.counts[i]
	}
	for i, n := range h.Counts {
		if below += n - q.counts[i]; below*2 >= all {
			if edge := h.Buckets[i]; !math.IsInf(edge, 0) {
				return time.Duration(edge * float64(time.Second))
			}
			return 0
		}
	}
	return 0
}
