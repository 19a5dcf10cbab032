package queue_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whctl/whctl/internal/queue"
	"github.com/whctl/whctl/internal/record"
)

const grace, drain = 7 * time.Second, 9 * time.Second

// world is a queue over a store in memory, in a bubble with a clock of its own. All its methods are for the test's goroutine.
type world struct {
	*queue.Queue
	store *queue.Memory
	order uint64
	begun chan string // deliveries, as they are begun
	ends  map[string]chan struct{}
	cut   chan string // deliveries whose context ended
	stop  context.CancelFunc
	done  chan error
}

// start runs a queue with three jobs under way at most. Its lanes have a width of one, and of two for the target wide; those of
// slow give up their place after grace.
func start(t *testing.T) *world {
	t.Helper()
	w := &world{begun: make(chan string, 100), ends: map[string]chan struct{}{}, cut: make(chan string, 100), done: make(chan error, 1)}
	w.store = queue.NewMemory(func(job record.Job) queue.Lane {
		return map[string]queue.Lane{
			"wide": {Name: "wide", Width: 2}, "slow": {Name: "slow", Width: 1, Hold: grace},
		}[job.Target]
	})
	w.Queue = queue.New(queue.Options{Store: w.store, Try: w.try, Max: 3, Drain: drain, Now: time.Now, After: time.After})
	ctx, stop := context.WithCancel(t.Context())
	w.stop = stop
	go func() { w.done <- w.Run(ctx) }()
	return w
}

// try leaves the job in the store until it is over, so that the store goes on naming it.
func (w *world) try(ctx context.Context, job record.Job) {
	defer w.store.Take(job)
	end := w.ends[job.DeliveryID]
	w.begun <- job.DeliveryID
	select {
	case <-end:
	case <-ctx.Done():
		w.cut <- job.DeliveryID
	}
}

// put adds jobs for a target that are due after a while.
func (w *world) put(target string, after time.Duration, deliveries ...string) {
	for _, id := range deliveries {
		w.ends[id] = make(chan struct{})
	}
	for _, id := range deliveries {
		w.order++
		w.store.Put(record.Job{DeliveryID: id, Target: target, State: record.JobQueued, Due: time.Now().Add(after)}, w.order)
	}
	w.Wake()
}

// expect waits until nothing moves any more and compares what was begun meanwhile.
func (w *world) expect(t *testing.T, when string, want ...string) {
	t.Helper()
	synctest.Wait()
	var got []string
	for len(w.begun) > 0 {
		got = append(got, <-w.begun)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%s: begun %v, want %v", when, got, want)
	}
}

func (w *world) end(deliveries ...string) {
	for _, id := range deliveries {
		close(w.ends[id])
	}
}

// finish ends the queue, and all jobs that are named.
func (w *world) finish(t *testing.T, deliveries ...string) {
	t.Helper()
	w.end(deliveries...)
	w.stop()
	if err := <-w.done; err != nil || w.UnderWay() != 0 {
		t.Errorf("the queue ended with %v and %d jobs under way", err, w.UnderWay())
	}
}

func pass(d time.Duration) { <-time.After(d) }

func TestLanes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := start(t)
		w.put("slow", 0, "a", "b", "c")
		w.expect(t, "one at a time", "a")
		pass(grace - time.Millisecond)
		w.expect(t, "before the grace is over")
		pass(2 * time.Millisecond)
		w.expect(t, "once it is over", "b")
		w.end("b")
		w.expect(t, "when the second is over", "c")
		w.end("c")
		w.put("wide", 0, "d", "e", "f")
		w.expect(t, "another lane, and two at a time", "d", "e")
		pass(time.Hour)
		w.expect(t, "without a grace")
		w.end("d")
		w.expect(t, "when one is over", "f")
		w.finish(t, "a", "e", "f")
	})
}

func TestMax(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := start(t)
		w.put("wide", 0, "a", "b")
		w.put("slow", 0, "c", "d")
		w.expect(t, "three in all", "a", "b", "c")
		pass(time.Hour)
		w.expect(t, "the lane has room, the queue has none")
		w.end("a")
		w.expect(t, "when one is over", "d")
		w.end("b", "c")
		pass(grace)
		w.put("slow", 0, "e")
		w.expect(t, "with room for two", "e")
		w.put("wide", 0, "f", "g")
		w.expect(t, "with room for one, and two in the lane", "f")
		w.finish(t, "d", "e", "f")
	})
}

func TestDueTimes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := start(t)
		w.put("slow", 2*time.Hour, "late")
		w.put("wide", time.Hour, "later")
		w.put("wide", time.Minute, "soon")
		w.put("wide", 1500*time.Millisecond, "first")
		w.expect(t, "at first")
		pass(1500 * time.Millisecond)
		w.expect(t, "between two looks at the clock", "first")
		w.end("first")
		pass(time.Minute - 1501*time.Millisecond)
		w.expect(t, "before it is due")
		pass(time.Millisecond)
		w.expect(t, "when it is due", "soon")
		pass(time.Hour)
		w.expect(t, "an hour on", "later")
		w.finish(t, "soon", "later")
	})
}

// TestClockThatIsSet has the clock set an hour ahead while the queue waits for a job.
func TestClockThatIsSet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var ahead atomic.Int64
		now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
		store, tried := queue.NewMemory(laneOf), make(chan time.Time, 1)
		store.Put(record.Job{DeliveryID: "a", Due: now().Add(time.Hour)}, 1)
		q := queue.New(queue.Options{Store: store, Max: 1, Drain: drain, Now: now, After: time.After, Try: func(_ context.Context, job record.Job) {
			store.Take(job)
			tried <- time.Now()
		}})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- q.Run(ctx) }()
		synctest.Wait()
		set := time.Now()
		ahead.Store(int64(time.Hour))
		if late := (<-tried).Sub(set); late > time.Second {
			t.Errorf("the job was tried %s after it was due", late)
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestDrain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := start(t)
		w.put("wide", 0, "a", "b", "c")
		w.expect(t, "at first", "a", "b")
		w.stop()
		w.end("a")
		w.expect(t, "while it ends")
		pass(drain - time.Millisecond)
		if len(w.cut) > 0 || len(w.done) > 0 {
			t.Error("it did not wait")
		}
		if err := <-w.done; err != nil || w.UnderWay() != 0 || <-w.cut != "b" {
			t.Errorf("it ended with %v", err)
		}
		if _, left := w.store.First(1); left != 1 {
			t.Errorf("%d jobs are left", left)
		}
	})
}

// broken is a store that cannot be read from some time on.
type broken struct {
	*queue.Memory
	from time.Time
}

var errBroken = errors.New("broken")

func (b broken) Lanes() ([]queue.Lane, error) {
	if time.Now().Before(b.from) {
		return b.Memory.Lanes()
	}
	return nil, errBroken
}

func TestBrokenStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ended := false
		store := broken{queue.NewMemory(laneOf), time.Now().Add(time.Minute)}
		q := queue.New(queue.Options{
			Store: store, Max: 1, Drain: drain, Now: time.Now, After: time.After,
			Try: func(_ context.Context, job record.Job) { store.Take(job); pass(time.Second); ended = true },
		})
		store.Put(record.Job{DeliveryID: "a", Due: store.from.Add(-time.Millisecond)}, 1)
		if err := q.Run(t.Context()); !errors.Is(err, errBroken) || !ended {
			t.Errorf("it ended with %v; the job under way was over: %v", err, ended)
		}
	})
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	s := queue.Schedule{time.Second, time.Minute}
	for tries, want := range []time.Duration{0, time.Second, time.Minute, 0} {
		if wait, again := s.Wait(tries); wait != want || again != (want > 0) {
			t.Errorf("after %d tries: %s, %v", tries, wait, again)
		}
	}
}

// A job that is due again at once goes before the one behind it.
func TestDueAgainAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const again = 1000
		store, tried, order := queue.NewMemory(laneOf), make(chan struct{}), ""
		for i, id := range []string{"a", "b"} {
			store.Put(record.Job{DeliveryID: id}, uint64(i))
		}
		q := queue.New(queue.Options{Store: store, Max: 2, Drain: drain, Now: time.Now, After: time.After, Try: func(_ context.Context, job record.Job) {
			store.Take(job)
			if order += job.DeliveryID; job.DeliveryID == "b" {
				close(tried)
			} else if len(order) < again {
				store.Put(job, 0)
			}
		}})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- q.Run(ctx) }()
		<-tried
		stop()
		if err := <-done; err != nil || len(order) != again+1 {
			t.Errorf("%v; the one behind went after %d tries, want %d", err, len(order)-1, again)
		}
	})
}
