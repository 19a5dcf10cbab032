package admin_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/admin"
	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// signed is a delivery that was signed so many seconds before it came.
func signed(age int, reason sign.Reason) *record.Delivery {
	return &record.Delivery{Verdict: sign.Verdict{
		OK: reason == sign.Valid, Reason: reason, SignedAt: time.Unix(1000, 0), Skew: time.Duration(age) * time.Second,
	}}
}

// TestSkew: several deliveries in a row that are off the same way are told of once, and so is the end of it.
func TestSkew(t *testing.T) {
	t.Parallel()
	var told []string
	s := admin.NewSkew(func(_ time.Time, e record.Event) {
		c, _ := e.(record.Changed)
		told = append(told, string(c.State)+": "+c.Message)
	})
	if !math.IsNaN(s.Seconds()) {
		t.Error("a median of nothing")
	}
	for _, step := range []struct {
		what   string
		ages   []int
		reason sign.Reason
		says   string // "" for nothing
		median float64
	}{
		{"usual", []int{0, 1, 0, 1, 0, 1}, sign.Valid, "", 1},
		{"a few late ones", []int{200, 0, 200, 200, 0, 200}, sign.Valid, "", 200},
		{"both ways", []int{-9, 9, -9, 9, -9}, sign.Valid, "", -9},
		{"forged", []int{900, 900, 900, 900, 900}, sign.Mismatch, "", -9},
		{"four", []int{10, 10, 11, 10}, sign.Valid, "", 10},
		{"and the fifth, refused for it", []int{12}, sign.TooOld, "clock_skew: the last 5 deliveries were signed 10s before they came", 10},
		{"more of them", []int{400, 400, 400, 400, 400, 400}, sign.TooOld, "", 400},
		{"one that is right", []int{1}, sign.Valid, "clock_skew: the clocks of this machine and of the sender agree again", 400},
		{"the future", []int{-30, -31, -30, -30, -29}, sign.TooNew, "clock_skew: the last 5 deliveries were signed 30s in the future", -30},
		{"right again", []int{0, 0, 0, 0, 0}, sign.Valid, "clock_skew: the clocks of this machine and of the sender agree again", 0},
	} {
		told = nil
		for _, age := range step.ages {
			s.Read(hub.Stamped{Event: record.Received{Delivery: signed(age, step.reason)}})
		}
		if len(told) > 1 || strings.Join(told, "") == "" != (step.says == "") || !strings.HasPrefix(strings.Join(told, ""), step.says) || s.Seconds() != step.median {
			t.Errorf("%s: told %q, median %v", step.what, told, s.Seconds())
		}
	}
	told = nil
	again, undated := signed(900, sign.Valid), signed(900, sign.Valid)
	again.Duplicate, undated.Verdict.SignedAt = &record.Duplicate{}, time.Time{}
	for range 10 {
		s.Read(hub.Stamped{Event: record.Received{Delivery: again}})
		s.Read(hub.Stamped{Event: record.Received{Delivery: undated}})
	}
	if told != nil || s.Seconds() != 0 {
		t.Errorf("what came again, or has no time, counts: %q", told)
	}
}

// changed is an event about a target.
func changed(state record.State, target string) hub.Stamped {
	return hub.Stamped{Event: record.Changed{State: state, Target: target}}
}

// TestDeadline: a target that stays down ends the run, one that comes back in time does not. The clock is given.
func TestDeadline(t *testing.T) {
	t.Parallel()
	waits, over := map[int]func(){}, []string{}
	d := admin.NewDeadline(admin.DeadlineOptions{
		Max: time.Minute,
		After: func(d time.Duration, f func()) func() {
			n := len(waits)
			if waits[n] = f; d != time.Minute {
				t.Errorf("it waits for %s", d)
			}
			return func() { delete(waits, n) }
		},
		Over: func(target string) { over = append(over, target) },
	})
	for _, e := range []hub.Stamped{
		changed(record.Recovered, "a"), changed(record.Lost, "a"), changed(record.Lost, "a"), changed(record.StorageLost, ""), changed(record.Recovered, "b"),
		{Event: record.Ready{}},
		changed(record.Recovered, "a"),
	} {
		d.Read(e)
	}
	if len(waits) != 0 {
		t.Errorf("%d waits though all targets answer", len(waits))
	}
	d.Read(changed(record.Lost, "a"))
	d.Read(changed(record.Lost, "b"))
	d.Read(changed(record.Recovered, "b"))
	for _, f := range waits {
		f()
	}
	if !slices.Equal(over, []string{"a"}) {
		t.Errorf("over: %q", over)
	}
	d.Read(changed(record.Lost, "c"))
	if err := d.Close(); err != nil || len(waits) != 0 {
		t.Errorf("%v, %d waits after the end", err, len(waits))
	}
}

// notified is a command that a test looks into.
type notified struct {
	mu   sync.Mutex
	ran  []string
	said []string
}

func (n *notified) saw() (ran, said []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.ran), slices.Clone(n.said)
}

func (n *notified) options(run func(ctx context.Context, event string) error) admin.NotifierOptions {
	return admin.NotifierOptions{
		Run: func(ctx context.Context, event []byte) error {
			n.mu.Lock()
			n.ran = append(n.ran, string(event))
			n.mu.Unlock()
			return run(ctx, string(event))
		},
		Encode: func(s hub.Stamped) ([]byte, error) {
			if j, is := s.Event.(record.JobChanged); is {
				return []byte("job " + string(j.Job.State)), nil
			}
			c, _ := s.Event.(record.Changed)
			return []byte(string(c.State) + " " + c.Target), nil
		},
		Fail: func(err error) {
			n.mu.Lock()
			defer n.mu.Unlock()
			n.said = append(n.said, admin.Failure(err).Message)
		},
	}
}

// TestNotifier: the command runs for what somebody should know, one at a time and in order. Its failure is told once.
func TestNotifier(t *testing.T) {
	t.Parallel()
	var n notified
	r := admin.NewNotifier(t.Context(), n.options(func(_ context.Context, event string) error {
		if strings.HasPrefix(event, "lost bad") {
			return errors.New("exit status 1")
		}
		return nil
	}))
	for _, e := range []hub.Stamped{
		{Event: record.Ready{}},
		changed(record.Lost, "a"), changed(record.Waiting, "a"),
		{Event: record.Missed{Count: 1}},
		changed(record.Recovered, "a"),
		changed(record.Lost, "bad"), changed(record.Lost, "bad"), changed(record.Lost, "bad"), changed(record.Recovered, "a"), changed(record.Lost, "bad"),
		{Event: record.JobChanged{Job: &record.Job{State: record.JobWaiting}}},
		{Event: record.JobChanged{Job: &record.Job{State: record.JobDead}}},
	} {
		r.Read(e)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	ran, said := n.saw()
	if want := "lost a, recovered a, lost bad, lost bad, lost bad, recovered a, lost bad, job dead"; strings.Join(ran, ", ") != want {
		t.Errorf("ran for %q", ran)
	}
	if len(said) != 2 || said[0] != "--notify: exit status 1; it is told once until the command succeeds" {
		t.Errorf("said %q", said)
	}
}

// TestNotifierIsBounded: a command that hangs holds up nobody, a flood of changes waits nowhere, and the end comes.
func TestNotifierIsBounded(t *testing.T) {
	t.Parallel()
	var n notified
	ctx, stop := context.WithCancel(t.Context())
	begun := make(chan struct{}, 100)
	r := admin.NewNotifier(ctx, n.options(func(ctx context.Context, _ string) error {
		begun <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	}))
	r.Read(changed(record.Lost, "a"))
	<-begun
	for i := range 1000 {
		r.Read(changed(record.Lost, fmt.Sprint(i)))
	}
	if ran, said := n.saw(); len(ran) != 1 || len(said) != 1 || !strings.Contains(said[0], "takes too long") {
		t.Errorf("ran for %d, said %q", len(ran), said)
	}
	stop()
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if ran, _ := n.saw(); len(ran) > 20 {
		t.Errorf("ran for %d", len(ran))
	}
}

// TestSupervised: the manager is told of each state once, and that this process is alive only while it is. The clock is given.
func TestSupervised(t *testing.T) {
	t.Parallel()
	var told []string
	alive, tick, live := make(chan error), make(chan time.Time), make(chan struct{}, 1)
	s := admin.NewSupervised(admin.SupervisedOptions{
		Targets: []admin.Target{{Names: []string{"localhost:1/secret"}, Label: "localhost:1"}, {Names: []string{"shop"}, Label: "shop"}},
		Usual:   "taking deliveries",
		Status:  func(text string) { told = append(told, text) },
		Live:    func() { live <- struct{}{} },
		Alive: func(ctx context.Context) error {
			if _, bounded := ctx.Deadline(); !bounded {
				t.Error("it would wait for ever")
			}
			return <-alive
		},
		Every: time.Minute,
		After: func(d time.Duration) <-chan time.Time {
			if d != time.Minute {
				t.Errorf("it waits for %s", d)
			}
			return tick
		},
	})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx)
	}()
	alive <- nil
	<-live
	tick <- time.Time{}
	alive <- errors.New("the writer hangs")
	tick <- time.Time{}
	alive <- nil
	<-live
	stop()
	<-done
	select {
	case <-live:
		t.Error("a process that hangs was said to be alive")
	default:
	}
	for _, e := range []hub.Stamped{
		changed(record.Waiting, "shop"), changed(record.Lost, "localhost:1/secret"), changed(record.Lost, "shop"), changed(record.StorageLost, ""),
		changed(record.StorageRecovered, ""), changed(record.Recovered, "localhost:1/secret"), changed(record.Recovered, "shop"),
	} {
		s.Read(e)
	}
	want := "taking deliveries; no answer from localhost:1 | taking deliveries; no answer from localhost:1, shop | " +
		"deliveries cannot be recorded | taking deliveries; no answer from localhost:1, shop | taking deliveries; no answer from shop | taking deliveries"
	if got := strings.Join(told, " | "); got != want {
		t.Errorf("told %s", got)
	}
}
