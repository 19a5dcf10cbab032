package journal

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"reflect"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// fixedClock is a clock that stands still until it is set.
type fixedClock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *fixedClock {
	return &fixedClock{t: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
}

func (c *fixedClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *fixedClock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func openTest(t testing.TB, o Options) *Journal {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "data", "journal.db"), o)
}

func openAt(t testing.TB, path string, o Options) *Journal {
	t.Helper()
	j, err := Open(t.Context(), path, o)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return j
}

// delivery is a verified delivery of an event.
func delivery(at time.Time, eventID string) *record.Delivery {
	return &record.Delivery{
		Profile: "baanx", ReceivedAt: at, RemoteAddr: "127.0.0.1:5000", Method: "POST", Path: "/hooks?x=1", Host: "localhost",
		Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"a":1}`), Size: 7, BodySHA256: "ab",
		Verdict:   sign.Verdict{OK: true, Reason: sign.Valid, Scheme: "baanx", SignedAt: at, Skew: time.Second},
		EventType: "card.activated", EventID: eventID, EventTime: "2026-03-01T12:00:00Z",
	}
}

func appendTest(t testing.TB, j *Journal, d *record.Delivery) *record.Delivery {
	t.Helper()
	if err := j.AppendDelivery(t.Context(), d); err != nil {
		t.Fatalf("append: %v", err)
	}
	return d
}

// appendMany records deliveries at once, so that they share commits. They end up in any order.
func appendMany(t testing.TB, j *Journal, ds []*record.Delivery) {
	t.Helper()
	var wg sync.WaitGroup
	for _, d := range ds {
		wg.Go(func() {
			if err := j.AppendDelivery(t.Context(), d); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func wantFault(t testing.TB, err error, kind fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != kind {
		t.Fatalf("got %v (%v), want a %v fault", err, fault.KindOf(err), kind)
	}
	if fault.HintOf(err).String() == "" {
		t.Errorf("no hint: %v", err)
	}
}

func TestDeliveryComesBackAsItWas(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{Now: newClock().now})
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	at := time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)
	for name, change := range map[string]func(d *record.Delivery){
		"plain":          func(*record.Delivery) {},
		"every byte":     func(d *record.Delivery) { d.Body = all; d.Size = 256 },
		"large":          func(d *record.Delivery) { d.Body = make([]byte, 5<<20); d.Body[5<<20-1] = 7; d.Size = 5 << 20 },
		"no body":        func(d *record.Delivery) { d.Body, d.Size = nil, 0 },
		"cut":            func(d *record.Delivery) { d.Size, d.Answer = 1<<20, 413 },
		"hostile text":   func(d *record.Delivery) { d.Path, d.EventID, d.EventType = "/\x00\xff\x1b[2J", "a\x00b", "\u202e\xfe" },
		"header bytes":   func(d *record.Delivery) { d.Header["X"] = []string{"", "\xff\x00\"\\\n", "é\u2028<&>", string(all)} },
		"header absence": func(d *record.Delivery) { d.Header = nil },
		"header empty":   func(d *record.Delivery) { d.Header = http.Header{} },
		"header no value": func(d *record.Delivery) {
			d.Header = http.Header{"A": nil, "B": {}, "C": {""}}
		},
		"refused": func(d *record.Delivery) {
			d.Verdict = sign.Verdict{Reason: sign.TooOld, Scheme: "s", KeyIndex: -1, ID: "m\x00", Detail: sign.Words("old"), Skew: -time.Hour, SignedAt: at}
		},
		"unsigned":     func(d *record.Delivery) { d.Verdict = sign.Verdict{Reason: sign.Unverified, KeyIndex: -1} },
		"absurd time":  func(d *record.Delivery) { d.Verdict.SignedAt = time.Unix(1<<40, 5).UTC() },
		"ancient time": func(d *record.Delivery) { d.Verdict.SignedAt = time.Unix(-1<<40, 999999999).UTC() },
		"answered":     func(d *record.Delivery) { d.Answer = 202; d.Targets = []string{"http://a/", "\xff\"b"} },
	} {
		d := delivery(at, "")
		change(d)
		want := *d
		appendTest(t, j, d)
		want.ID, want.Seq = d.ID, d.Seq
		got, attempts, err := j.Get(t.Context(), "", d.ID)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(got.Body) == 0 && len(want.Body) == 0 {
			got.Body, want.Body = nil, nil
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, want)
		}
		if len(attempts) != 0 {
			t.Errorf("%s: %d attempts of nothing", name, len(attempts))
		}
	}
}

func TestAttemptsComeBackInOrder(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
	d := appendTest(t, j, delivery(time.Now(), ""))
	other := appendTest(t, j, delivery(time.Now(), ""))
	want := []record.Attempt{
		{Target: "http://a/", Number: 1, Status: 500, Body: []byte("no\x00"), BodySize: 3, Header: http.Header{"A": {"1", "2"}}, Duration: 5 * time.Millisecond},
		{Target: "http://b/", Number: 1, Error: "refused", Hint: fault.StoredStep("start it")},
		{Target: "http://a/", Number: 2, Status: 200, Answer: 200},
		{Target: "http://a/", Number: 7, Status: 200},
		{Target: "http://a/", Number: 8, Status: 200},
	}
	for i := range want {
		a := &want[i]
		a.DeliveryID = d.ID
		a.StartedAt = time.Date(2026, 1, 1, 0, 0, i, 5, time.UTC)
		number := a.Number
		if number != 7 {
			a.Number = 0
		}
		if err := j.AppendAttempts(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		if a.Number != number {
			t.Errorf("attempt %d got number %d, want %d", i, a.Number, number)
		}
	}
	if err := j.AppendAttempts(t.Context(), &record.Attempt{DeliveryID: other.ID, Target: "http://a/"}); err != nil {
		t.Fatal(err)
	}
	_, got, err := j.Get(t.Context(), "", d.ID)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
	}
	err = j.AppendAttempts(t.Context(), &record.Attempt{DeliveryID: "nonsense!"})
	if fault.KindOf(err) != fault.Internal || err == nil {
		t.Errorf("an attempt of no delivery: %v", err)
	}
}

func TestIDsSortByRecordingWhateverTheClockDoes(t *testing.T) {
	t.Parallel()
	c := newClock()
	path := filepath.Join(t.TempDir(), "journal.db")
	j := openAt(t, path, Options{Now: c.now})
	second := openAt(t, path, Options{Now: c.now})
	last := ""
	for i, step := range []time.Duration{0, 0, time.Second, -time.Hour, 0, 80 * 365 * 24 * time.Hour, -80 * 365 * 24 * time.Hour} {
		c.add(step)
		for _, to := range []*Journal{j, second} {
			d := appendTest(t, to, delivery(c.now().Add(-time.Minute), ""))
			if len(d.ID) != idChars || d.ID <= last {
				t.Fatalf("step %d: %q after %q", i, d.ID, last)
			}
			if n, _ := parseID(d.ID); n < idAt(c.now()) {
				t.Errorf("step %d: %q says a time before it was recorded", i, d.ID)
			}
			last = d.ID
		}
	}
}

func TestManyWritersGetTheirOwnIDs(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
	const writers, each = 64, 30
	var mu sync.Mutex
	seen := map[string]string{}
	one := func(event string) {
		d := delivery(time.Now(), event)
		if err := j.AppendDelivery(t.Context(), d); err != nil {
			t.Error(err)
			return
		}
		a := &record.Attempt{DeliveryID: d.ID, Target: "t", Answer: 200}
		if err := j.AppendAttempts(t.Context(), a); err != nil || a.Number != 1 {
			t.Errorf("attempt: %v, number %d", err, a.Number)
		}
		mu.Lock()
		defer mu.Unlock()
		if d.Duplicate != nil || seen[d.ID] != "" {
			t.Errorf("%s: duplicate %v, before %q", d.ID, d.Duplicate, seen[d.ID])
		}
		seen[d.ID] = event
	}
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				one(fmt.Sprintf("e-%d-%d", w, i))
			}
		})
	}
	wg.Wait()
	got, err := j.List(t.Context(), Filter{})
	if err != nil || len(got) != writers*each {
		t.Fatalf("%d of %d deliveries, %v", len(got), writers*each, err)
	}
	for _, d := range got {
		if seen[d.ID] != d.EventID {
			t.Errorf("%s holds event %q, not %q", d.ID, d.EventID, seen[d.ID])
		}
	}
}

func TestCloseDrainsAndEndsUse(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	j := openAt(t, path, Options{})
	var wg sync.WaitGroup
	var mu sync.Mutex
	var ids []string
	started := make(chan struct{}, 64)
	for range 64 {
		wg.Go(func() {
			for {
				d := delivery(time.Now(), "")
				if err := j.AppendDelivery(context.Background(), d); err != nil {
					return
				}
				mu.Lock()
				ids = append(ids, d.ID)
				mu.Unlock()
				select {
				case started <- struct{}{}:
				default:
				}
			}
		})
	}
	<-started
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	if err := j.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
	if _, err := j.List(t.Context(), Filter{}); err == nil {
		t.Error("a closed journal answers")
	}
	again := openAt(t, path, Options{})
	for _, id := range ids {
		if _, _, err := again.Get(t.Context(), "", id); err != nil {
			t.Errorf("%s is lost: %v", id, err)
		}
	}
}

func TestCancelledBeforeAcceptedIsNotRecorded(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := j.AppendDelivery(ctx, delivery(time.Now(), "")); fault.KindOf(err) != fault.Stopped {
		t.Errorf("got %v", err)
	}
	if got, err := j.List(t.Context(), Filter{}); err != nil || len(got) != 0 {
		t.Errorf("%d recorded, %v", len(got), err)
	}
}

// Once an append was accepted, its context ends nothing: it waits for the outcome and tells it.
func TestCancelledAfterAcceptedIsRecorded(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
	for i := range 20 { // two things happen at once, in either order
		hold, held := make(chan struct{}), make(chan struct{})
		go func() {
			_ = j.do(context.Background(), func(*writer) error {
				close(held)
				<-hold
				return nil
			})
		}()
		<-held
		ctx, cancel := context.WithCancel(t.Context())
		d := delivery(time.Now(), fmt.Sprint(i))
		done := make(chan error, 1)
		go func() { done <- j.AppendDelivery(ctx, d) }()
		for len(j.writer.ops) == 0 {
			runtime.Gosched()
		}
		cancel()
		close(hold)
		if err := <-done; err != nil {
			t.Fatalf("the writer had it, and the append said %v", err)
		}
		if _, _, err := j.Get(t.Context(), "", d.ID); err != nil {
			t.Fatal(err)
		}
	}
}

// While the context of every append is being cancelled, an append says truly whether its delivery is there.
func TestCancellationLosesNoCommit(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
	var wg sync.WaitGroup
	var mu sync.Mutex
	told := map[string]bool{}
	for w := range 16 {
		wg.Go(func() {
			for i := range 30 {
				ctx, cancel := context.WithCancel(t.Context())
				go cancel()
				id := fmt.Sprintf("%d-%d", w, i)
				err := j.AppendDelivery(ctx, delivery(time.Now(), id))
				mu.Lock()
				told[id] = err == nil
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	got, err := j.List(t.Context(), Filter{})
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, d := range got {
		there[d.EventID] = true
	}
	for id, ok := range told {
		if there[id] != ok {
			t.Errorf("event %s: append said %v, recorded %v", id, ok, there[id])
		}
	}
}
