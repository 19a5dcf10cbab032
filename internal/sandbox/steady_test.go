package sandbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/sandbox"
)

// ordered is a receiver in a bubble that takes everything and notes the order of events.
type ordered struct{ ids []string }

// Do is for sandbox.Deliverer.
func (o *ordered) Do(_ context.Context, q deliver.Request) deliver.Result {
	var e struct {
		ID string `json:"event_id"`
	}
	if err := json.Unmarshal(q.Body, &e); err != nil {
		return deliver.Result{Err: err, Cause: deliver.Invalid}
	}
	o.ids = append(o.ids, e.ID)
	return deliver.Result{Status: http.StatusOK}
}

const everyTrouble = "duplicate=0.2,reorder=0.3,delay=2s:0.3,drop=0.2,status=500:0.2"

// raisedSlowly raises events one by one, with a pause before each, and tells in which order they arrive by their numbers.
func raisedSlowly(t *testing.T, pauses []time.Duration, then func(*testing.T, *world)) (order []string) {
	t.Helper()
	seed, r := uint64(7), &ordered{}
	inBubble(t, sandbox.Options{Chaos: chaos(t, everyTrouble), Seed: &seed, Deliver: r}, func(t *testing.T, w *world) {
		t.Helper()
		w.create(t, "one", "http://localhost/one")
		number := map[string]string{}
		for i, pause := range pauses {
			<-time.After(pause)
			e := w.trigger(t, api.TriggerRequest{Type: "card.activated"})[0]
			number[e.EventID] = fmt.Sprint(i)
		}
		then(t, w)
		for _, id := range r.ids {
			order = append(order, number[id])
		}
	})
	return order
}

// The order in which events arrive is the seed's alone, whenever they are raised: at once, or seconds apart, for longer than what
// chaos delays. It does not matter either whether the clock is moved then, once or twice, or left to itself.
func TestSeedRepeatsTheOrder(t *testing.T) {
	t.Parallel()
	const n = 60
	hour := func(t *testing.T, w *world) { t.Helper(); w.advance(t, time.Hour) }
	inTwo := func(t *testing.T, w *world) {
		t.Helper()
		w.advance(t, 1500*time.Millisecond)
		<-time.After(5 * time.Second)
		w.advance(t, time.Hour)
	}
	alone := func(t *testing.T, w *world) {
		t.Helper()
		if s, err := w.client.Sandbox().Status(t.Context()); err != nil || !s.Stands {
			t.Errorf("the clock runs: %+v, %v", s, err)
		}
		<-time.After(time.Minute)
		if s, err := w.client.Sandbox().Status(t.Context()); err != nil || s.Queued != 0 || s.OffsetMs != 0 || s.Stands {
			t.Errorf("left to itself: %+v, %v", s, err)
		}
	}
	atOnce, apart := make([]time.Duration, n), make([]time.Duration, n)
	for i := range apart {
		apart[i] = time.Duration(i*i*7%9500) * time.Millisecond
	}
	want := raisedSlowly(t, atOnce, hour)
	if slices.IsSorted(want) || len(want) <= n {
		t.Errorf("there is no disorder or no duplicate in %v", want)
	}
	for name, got := range map[string][]string{
		"apart, and the clock moved":         raisedSlowly(t, apart, hour),
		"at once, and the clock moved twice": raisedSlowly(t, atOnce, inTwo),
		"at once, and left to itself":        raisedSlowly(t, atOnce, alone),
		"apart, and left to itself":          raisedSlowly(t, apart, alone),
	} {
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n%v\nwant\n%v", name, got, want)
		}
	}
}

// Without a seed, or with nothing that goes wrong, the clock never stands.
func TestClockStandsForASeedOnly(t *testing.T) {
	t.Parallel()
	seed := uint64(7)
	for _, o := range []sandbox.Options{{Chaos: chaos(t, everyTrouble)}, {Seed: &seed}} {
		o.Deliver = &ordered{}
		inBubble(t, o, func(t *testing.T, w *world) {
			t.Helper()
			w.create(t, "one", "http://localhost/one")
			w.trigger(t, api.TriggerRequest{Type: "card.activated"})
			before := time.Now()
			<-time.After(time.Second)
			if s, err := w.client.Sandbox().Status(t.Context()); err != nil || s.Now.Sub(before) != time.Second || s.Stands {
				t.Errorf("the clock: %+v, %v", s.Now, err)
			}
		})
	}
}

func TestResetLetsTheClockRun(t *testing.T) {
	t.Parallel()
	seed := uint64(7)
	inBubble(t, sandbox.Options{Chaos: chaos(t, everyTrouble), Seed: &seed, Deliver: &ordered{}}, func(t *testing.T, w *world) {
		t.Helper()
		w.create(t, "one", "http://localhost/one")
		w.trigger(t, api.TriggerRequest{Type: "card.activated"})
		w.advance(t, time.Hour)
		if s, err := w.client.Sandbox().Status(t.Context()); err != nil || !s.Stands || s.OffsetMs != time.Hour.Milliseconds() {
			t.Errorf("after an advance: %+v, %v", s, err)
		}
		if err := w.client.Sandbox().Reset(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Minute)
		if s, err := w.client.Sandbox().Status(t.Context()); err != nil || s.Stands || s.OffsetMs != 0 || !s.Now.Equal(time.Now().UTC()) {
			t.Errorf("after a reset: %+v, %v", s, err)
		}
	})
}
