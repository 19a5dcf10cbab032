package admin

// The figures of /metrics. docs/operate.md says what each of them is.

import (
	"io"
	"math"
	"runtime"
	"runtime/metrics"
	"slices"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// Figure is a number that is asked for when somebody looks. NaN stands for one that nobody knows.
type Figure struct {
	Name   string
	Labels []string // name and value in turn; the values are words of this program
	Value  func() float64
}

// figures are what the stream of events adds up to, and what others know.
type figures struct {
	set     exposition
	targets targets

	mu    sync.Mutex
	types types
	down  map[string]time.Time   // since when, by label
	isOK  bool                   // deliveries are taken
	lanes map[string]record.Lane // by label; nil while nobody knows
}

func newFigures(o Options) *figures {
	f := &figures{set: exposition{families: map[string]family{}}, types: types{}, down: map[string]time.Time{}}
	var labels []string
	f.targets, labels = newTargets(o.Targets)
	// What was never counted is 0 and not missing, so that the first one is an increase.
	for _, reason := range sign.Reasons() {
		f.counter("whctl_deliveries_total", "verdict", string(reason))
	}
	f.counter("whctl_refused_total")
	f.counter("whctl_duplicates_total")
	f.counter("whctl_events_missed_total", "reader", "metrics")
	for _, target := range append(slices.Clone(labels), other) {
		for _, state := range record.JobStates() {
			if !state.Open() {
				f.counter("whctl_jobs_total", "target", target, "state", string(state))
			}
		}
		f.lane("whctl_queue_jobs", target, func(l record.Lane) float64 { return float64(l.Open) })
		f.lane("whctl_dead_letters", target, func(l record.Lane) float64 { return float64(l.Dead) })
		f.lane("whctl_queue_oldest_age_seconds", target, func(l record.Lane) float64 {
			if l.Oldest.IsZero() {
				return 0
			}
			return max(0, o.Now().Sub(l.Oldest).Seconds())
		})
	}
	for _, target := range labels {
		for _, outcome := range record.Outcomes() {
			f.counter("whctl_attempts_total", "target", target, "outcome", string(outcome))
		}
		f.answers(target)
		f.gauge(Figure{"whctl_target_up", []string{"target", target}, func() float64 { return truth(f.downSince(target).IsZero()) }})
		f.gauge(Figure{"whctl_target_down_since_seconds", []string{"target", target}, func() float64 { return seconds(f.downSince(target)) }})
	}
	f.gauge(Figure{"whctl_ready", nil, f.ready})
	f.gauge(Figure{"whctl_info", []string{"version", version(o.Version)}, func() float64 { return 1 }})
	f.gauge(Figure{"go_goroutines", nil, func() float64 { return float64(runtime.NumGoroutine()) }})
	f.gauge(Figure{"go_memstats_heap_alloc_bytes", nil, heap})
	f.process(o.Now())
	return f
}

func (f *figures) counter(name string, labels ...string) *counter {
	return find(&f.set, name, labelled(labels...), func() *counter { return &counter{} })
}

func (f *figures) gauge(g Figure) {
	find(&f.set, g.Name, labelled(g.Labels...), func() gauge { return g.Value })
}

// total is a counter that somebody else counts.
func (f *figures) total(t Figure) {
	find(&f.set, t.Name, labelled(t.Labels...), func() total { return t.Value })
}

// answers are how long a target's answers took. 5 seconds are what many providers wait.
func (f *figures) answers(target string) *histogram {
	return find(&f.set, "whctl_answer_seconds", labelled("target", target), func() *histogram {
		return newHistogram(.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60)
	})
}

// lane is a figure of the lane of a target.
func (f *figures) lane(name, target string, value func(record.Lane) float64) {
	f.gauge(Figure{name, []string{"target", target}, func() float64 {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.lanes == nil {
			return math.NaN()
		}
		return value(f.lanes[target])
	}})
}

// setLanes takes the lanes as they are now, if somebody knows. What other runs left for other targets is one.
func (f *figures) setLanes(list []record.Lane, known bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lanes = nil
	if !known {
		return
	}
	f.lanes = map[string]record.Lane{}
	for _, l := range list {
		label := f.targets.label(l.Target)
		sum := f.lanes[label]
		sum.Open, sum.Dead = sum.Open+l.Open, sum.Dead+l.Dead
		if sum.Oldest.IsZero() || !l.Oldest.IsZero() && l.Oldest.Before(sum.Oldest) {
			sum.Oldest = l.Oldest
		}
		f.lanes[label] = sum
	}
}

func (f *figures) read(s hub.Stamped) {
	switch e := s.Event.(type) {
	case record.Received:
		f.received(e.Delivery)
	case record.Attempted:
		f.attempted(e.Attempt)
	case record.JobChanged:
		if !e.Job.State.Open() {
			f.counter("whctl_jobs_total", "target", f.targets.label(e.Job.Target), "state", string(e.Job.State)).Add(1)
		}
	case record.Changed:
		f.changed(s.Time, e)
	case record.Missed:
		f.counter("whctl_events_missed_total", "reader", "metrics").Add(uint64(max(0, e.Count)))
	default:
	}
}

func (f *figures) received(d *record.Delivery) {
	f.counter("whctl_deliveries_total", "verdict", string(d.Verdict.Reason)).Add(1)
	if d.Duplicate != nil {
		f.counter("whctl_duplicates_total").Add(1)
	}
	if d.Refused() { // a stranger's type does not take the place of another one
		f.counter("whctl_refused_total").Add(1)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counter("whctl_events_total", "type", f.types.label(d.EventType)).Add(1)
}

func (f *figures) attempted(a *record.Attempt) {
	target := f.targets.label(a.Target)
	f.counter("whctl_attempts_total", "target", target, "outcome", string(a.Outcome)).Add(1)
	if a.Outcome != record.OutcomeUnreachable && a.Outcome != record.OutcomeCancelled { // a time-out is an answer that took too long
		f.answers(target).add(a.Duration.Seconds())
	}
}

func (f *figures) changed(at time.Time, c record.Changed) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch c.State {
	case record.Lost:
		f.down[f.targets.label(c.Target)] = at
	case record.Recovered:
		delete(f.down, f.targets.label(c.Target))
	default:
	}
}

// downSince is when a target stopped to answer, zero while it answers.
func (f *figures) downSince(target string) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.down[target]
}

func (f *figures) ready() float64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return truth(f.isOK)
}

// write writes all figures in Prometheus's text format.
func (f *figures) write(w io.Writer, ready bool) {
	f.mu.Lock()
	f.isOK = ready
	f.mu.Unlock()
	f.set.write(w)
}

func truth(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// seconds is a time as Prometheus has it, 0 for none.
func seconds(at time.Time) float64 {
	if at.IsZero() {
		return 0
	}
	return float64(at.UnixMilli()) / 1000
}

func version(text string) string {
	if plain(text) {
		return text
	}
	return other
}

// heap is how many bytes of the heap are in use.
func heap() float64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return float64(sample[0].Value.Uint64())
}
