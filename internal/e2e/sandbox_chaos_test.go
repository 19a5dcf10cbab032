package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

const troubledEvents = 40

// troubled raises events in a sandbox with chaos and gives what arrived at a receiver: the events by their order of
// raising, and the ids as they came.
func troubled(t *testing.T, spec, seed string) (order []int, ids []string) {
	t.Helper()
	w := newWorld(t)
	w.platform("--chaos", spec, "--seed", seed)
	tg := okTarget(t)
	w.webhook("one", "http://"+tg.addr)
	raised := w.trigger("card.activated", "--count", fmt.Sprint(troubledEvents))
	w.must(0, "sandbox", "advance", "1h")
	return arrived(tg, raised)
}

// arrived gives what a receiver got: the events by their order of raising, and the ids as they came.
func arrived(tg *target, raised []string) (order []int, ids []string) {
	ids = tg.eventIDs()
	for _, id := range ids {
		order = append(order, slices.Index(raised, id))
	}
	return order, ids
}

// TestPlatformChaos runs the same triggers under the same seed twice and under another one: the same deliveries in the
// same order, and others.
func TestPlatformChaos(t *testing.T) {
	t.Parallel()
	const spec, n = "duplicate=0.2,reorder=0.3,delay=2s:0.3,drop=0.1,status=500:0.1", troubledEvents
	order, ids := troubled(t, spec, "7")
	again, sameIDs := troubled(t, spec, "7")
	if !slices.Equal(order, again) || !slices.Equal(ids, sameIDs) {
		t.Errorf("seed 7 twice:\n%v\n%v", order, again)
	}
	other, _ := troubled(t, spec, "8")
	if slices.Equal(order, other) {
		t.Errorf("seeds 7 and 8 deliver the same: %v", order)
	}
	if slices.IsSorted(order) || len(order) <= n {
		t.Errorf("there is no disorder or no duplicate in %v", order)
	}
	for i := range n {
		if !slices.Contains(order, i) {
			t.Errorf("event %d never arrived", i)
		}
	}
	calm, _ := troubled(t, "delay=1s:0", "7")
	if !slices.IsSorted(calm) || len(calm) != n {
		t.Errorf("without chaos: %v", calm)
	}
}

// oneByOne raises events with a command for each. Before some of them, other commands take their time.
func oneByOne(t *testing.T, events int, pauses map[int]string) (order []int, ids []string) {
	t.Helper()
	w := newWorld(t)
	w.platform("--chaos", "duplicate=0.2,reorder=0.3,delay=2s:0.3,drop=0.2,status=500:0.2", "--seed", "7")
	tg := okTarget(t)
	w.webhook("one", "http://"+tg.addr)
	var raised []string
	for i := range events {
		if pause, some := pauses[i]; some {
			w.must(0, "sandbox", "--addr", "127.0.0.1:0", "--for", pause)
		}
		raised = append(raised, w.trigger("card.activated")...)
	}
	w.must(0, "sandbox", "advance", "1h")
	return arrived(tg, raised)
}

// TestPlatformChaosOneByOne raises events one by one in two sandboxes with the same seed, in the second one with pauses in which
// what is held back, delayed or tried again would be due by the wall clock: the same events in the same order.
func TestPlatformChaosOneByOne(t *testing.T) {
	t.Parallel()
	const n = 24
	order, ids := oneByOne(t, n, nil)
	again, sameIDs := oneByOne(t, n, map[int]string{3: "1100ms", 9: "2200ms", 10: "1100ms"})
	if !slices.Equal(order, again) || !slices.Equal(ids, sameIDs) {
		t.Errorf("seed 7 twice:\n%v\n%v", order, again)
	}
	if slices.IsSorted(order) || len(order) <= n {
		t.Errorf("there is no disorder or no duplicate in %v", order)
	}
}

// TestPlatformAPIChaos has the API refuse calls: the same ones for the same seed, never those that drive the sandbox, and a command
// that is refused says so.
func TestPlatformAPIChaos(t *testing.T) {
	t.Parallel()
	const n = 40
	statuses := func(seed string) (all []int) {
		w := newWorld(t)
		p := w.platform("--chaos", "api=503:0.2,api=429:0.2,api-delay=1ms", "--seed", seed)
		for range n {
			all = append(all, call(t, http.MethodGet, "http://"+p.addr+"/v1/webhooks", "whctl-sandbox-token", ""))
		}
		return all
	}
	a, b, c := statuses("7"), statuses("7"), statuses("8")
	if !slices.Equal(a, b) || slices.Equal(a, c) {
		t.Errorf("seed 7 twice, and seed 8:\n%v\n%v\n%v", a, b, c)
	}
	for _, status := range []int{200, 429, 503} {
		if !slices.Contains(a, status) {
			t.Errorf("no %d in %v", status, a)
		}
	}
	w := newWorld(t)
	w.platform("--chaos", "api=503")
	r := w.must(5, "webhooks", "create", "--name", "one", "--url", "http://127.0.0.1:1/", "--events", "*")
	if r.out != "" || !strings.Contains(r.err, "chaos: this call is answered 503 on purpose, and did nothing") {
		t.Errorf("stdout %q, stderr %q", r.out, r.err)
	}
	if s := jsonOf[struct {
		Chaos    string   `json:"chaos"`
		Webhooks []object `json:"webhooks"`
	}](t, w.must(0, "sandbox", "status", "-o", "json")); s.Chaos != "api=503:1" || len(s.Webhooks) != 0 {
		t.Errorf("status %v", s)
	}
}

// TestPlatformDuplicatesAreMarked lets the platform deliver everything twice to a listener.
func TestPlatformDuplicatesAreMarked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform("--chaos", "duplicate=1", "--seed", "1")
	w.webhook("one", "http://"+closedPort(t))
	const n = 5
	l := w.start("listen", "--addr", "127.0.0.1:0", "--webhook", "one", "--exit-after", fmt.Sprint(2*n))
	w.must(0, "webhooks", "update", "one", "--url", "http://"+l.addr)
	w.trigger("card.activated", "--count", fmt.Sprint(n))
	first := map[string]string{} // event id → delivery id
	for _, d := range l.rest("delivery") {
		id := d.str("eventId")
		if !d.sub("verdict").truth("ok") {
			t.Errorf("%s: %v", id, d["verdict"])
		}
		switch original, seen := first[id]; {
		case !seen && d.truth("duplicate"):
			t.Errorf("the first delivery of %s is marked as a duplicate", id)
		case seen && (!d.truth("duplicate") || d.str("duplicateOf") != original):
			t.Errorf("the second delivery of %s is no duplicate of %s: %v, %v", id, original, d["duplicate"], d["duplicateOf"])
		case !seen:
			first[id] = d.str("id")
		}
	}
	if code := l.wait(); code != 0 || len(first) != n {
		t.Errorf("exit code %d, %d events", code, len(first))
	}
}

func (o object) truth(key string) bool { b, _ := o[key].(bool); return b }
