package sandbox_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sandbox"
)

func chaos(t *testing.T, spec string) sandbox.Chaos {
	t.Helper()
	c, err := sandbox.ParseChaos(spec)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestParseChaos(t *testing.T) {
	t.Parallel()
	for spec, want := range map[string]string{
		"":  "",
		" ": "",
		"duplicate=0.1,reorder=0.2,delay=2s,drop=0.05,status=500:0.1": "duplicate=0.1,reorder=0.2,drop=0.05,delay=2s,status=500:0.1",
		"status=503:0.5,status=500:1":                                 "status=503:0.5,status=500:1",
		"status=500":                                                  "status=500:1",
		"delay=90s:0.25":                                              "delay=1m30s:0.25",
		"drop=0":                                                      "",
		"api=503:0.1,api=429:0.1,api-delay=2s":                        "api=503:0.1,api=429:0.1,api-delay=2s",
		"api-delay=90s:0.25,api=500,drop=1":                           "drop=1,api=500:1,api-delay=1m30s:0.25",
		"api=unavailable,api=429:0.5":                                 "api=429:0.5,api=unavailable:1",
		"api=503:0.8,api=500:0.1,api=429:0.1,drop=1":                  "drop=1,api=503:0.8,api=500:0.1,api=429:0.1",
		"api=unavailable:0.25":                                        "api=unavailable:0.25",
	} {
		c := chaos(t, spec)
		if c.String() != want {
			t.Errorf("%q reads as %q", spec, c)
		}
		if again := chaos(t, c.String()); again.String() != c.String() {
			t.Errorf("%q does not survive", c)
		}
	}
	for _, spec := range []string{
		",", "drop", "drop=", "drop=2", "drop=-1", "drop=NaN", "drop=x", "lose=1", "delay=0s", "delay=-1s", "delay=25h", "delay=2", "delay=1s:9", "status=99", "status=x:1", "status=500:2", "drop=1,drop=1", "=1", "api=200", "api=600", "api=503:2", "api", "api=unavailable:2", "api=unavailable:", "status=unavailable", "api-delay=0s", "api-delay=25h", "api-delay=2s:9", "api-delay=1s,api-delay=1s",
		"api=503:0.1,api=503:0.2", "status=500:0.1,status=0500:0.1", "api=unavailable:0.1,api=unavailable:0.1",
	} {
		if _, err := sandbox.ParseChaos(spec); fault.KindOf(err) != fault.Usage || fault.HintOf(err).String() == "" {
			t.Errorf("%q: %v", spec, err)
		}
	}
}

// sequence triggers n events one by one on a clock that is moved, and tells what arrived, by the events' numbers, and
// what the log says of it.
func sequence(t *testing.T, spec string, seed uint64, n int) (arrived, ids []string) {
	t.Helper()
	w := start(t, sandbox.Options{Chaos: chaos(t, spec), Seed: &seed})
	r := receive(t, always(200))
	w.create(t, "one", r.url)
	number := map[string]int{}
	for i, e := range w.trigger(t, api.TriggerRequest{Type: "card.activated", Count: n}) {
		number[e.EventID] = i
		ids = append(ids, e.EventID)
	}
	w.advance(t, time.Hour)
	for _, id := range r.ids() {
		arrived = append(arrived, fmt.Sprint(number[id]))
	}
	return arrived, ids
}

func TestSameSeedSameDeliveries(t *testing.T) {
	t.Parallel()
	const spec, n = "duplicate=0.1,reorder=0.2,delay=2s:0.2,drop=0.05,status=500:0.1", 60
	a, aIDs := sequence(t, spec, 7, n)
	b, bIDs := sequence(t, spec, 7, n)
	c, _ := sequence(t, spec, 8, n)
	if !slices.Equal(a, b) || !slices.Equal(aIDs, bIDs) {
		t.Errorf("seed 7 gave\n%v\nand\n%v", a, b)
	}
	if slices.Equal(a, c) {
		t.Error("seed 8 gave what seed 7 gave")
	}
	for i := range n {
		if !slices.Contains(a, fmt.Sprint(i)) {
			t.Errorf("event %d never arrived", i)
		}
	}
}

// The sequence does not depend on whether the clock is moved or runs.
func TestLiveIsLikeAdvanced(t *testing.T) {
	t.Parallel()
	const spec, n = "duplicate=0.2,reorder=0.2", 40
	want, _ := sequence(t, spec, 3, n)
	seed := uint64(3)
	w := start(t, sandbox.Options{Chaos: chaos(t, spec), Seed: &seed})
	r := receive(t, always(200))
	w.create(t, "one", r.url)
	number := map[string]int{}
	for i, e := range w.trigger(t, api.TriggerRequest{Type: "card.activated", Count: n}) {
		number[e.EventID] = i
	}
	seen := 0
	await(t, w, "as many deliveries", func(record.Tried) bool {
		seen++
		return seen == len(want)
	})
	var got []string
	for _, id := range r.ids() {
		got = append(got, fmt.Sprint(number[id]))
	}
	if !slices.Equal(got, want) {
		t.Errorf("live\n%v\nadvanced\n%v", got, want)
	}
}

func TestEachKindOfChaos(t *testing.T) {
	t.Parallel()
	in := func(s ...string) string { return strings.Join(s, " ") }
	for spec, want := range map[string]string{
		"duplicate=1": "0 0 1 1 2 2 3 3",
		"delay=5s":    "0 1 2 3",
		"drop=1":      "",
		// Each is held back until the next one comes, which is held back too.
		"reorder=1":    "0 1 2 3",
		"status=200:1": "0 1 2 3",
		// The receiver sees every attempt, since only the answer is lost.
		"status=500:1": strings.TrimSpace(strings.Repeat("0 1 2 3 ", 6)),
		"status=400:1": "0 1 2 3",
	} {
		got, _ := sequence(t, spec, 1, 4)
		if in(got...) != want {
			t.Errorf("%s: %s, want %s", spec, in(got...), want)
		}
	}
}

func TestReorderSwaps(t *testing.T) {
	t.Parallel()
	got, _ := sequence(t, "reorder=0.3", 11, 50)
	behind := 0
	for i := 1; i < len(got); i++ {
		var a, b int
		_, _ = fmt.Sscan(got[i-1], &a)
		_, _ = fmt.Sscan(got[i], &b)
		if b < a {
			behind++
		}
	}
	if len(got) != 50 || behind < 3 {
		t.Errorf("%d arrived, %d of them behind a later one: %v", len(got), behind, got)
	}
}

// What was dropped is logged as an attempt without an answer, and tried again.
func TestDropIsTriedAgain(t *testing.T) {
	t.Parallel()
	seed := uint64(5)
	w := start(t, sandbox.Options{Chaos: chaos(t, "drop=0.5"), Seed: &seed})
	r := receive(t, always(200))
	w.create(t, "one", r.url)
	raised := w.trigger(t, api.TriggerRequest{Type: "card.activated", Count: 20})
	w.advance(t, time.Minute)
	dropped := 0
	for _, e := range raised {
		logs, err := w.client.EventLogs(t.Context(), e.EventID)
		if err != nil {
			t.Fatal(err)
		}
		for i, l := range logs.Logs {
			if l.ErrorMessage == nil {
				continue
			}
			dropped++
			if l.ResponseStatus != nil || !strings.Contains(*l.ErrorMessage, "chaos") || i+1 < 6 && l.NextRetryAt.IsZero() {
				t.Errorf("log %s", l.Raw)
			}
		}
	}
	if dropped == 0 || len(r.arrivals()) == 0 {
		t.Errorf("%d dropped, %d arrived", dropped, len(r.arrivals()))
	}
}
