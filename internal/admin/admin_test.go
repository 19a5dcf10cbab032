package admin_test

import (
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/admin"
	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/record"
)

// served serves a page on a real socket until the test ends.
func served(t *testing.T, o admin.Options) (p *admin.Page, url string) {
	t.Helper()
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o.Addr, o.Now = ln.Addr().String(), func() time.Time { return time.Unix(5000, 0) }
	p = admin.New(o)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Serve(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return p, "http://" + ln.Addr().String()
}

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := new(http.Client).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func noLanes(context.Context) ([]record.Lane, error) { return nil, nil }

// TestHealth follows /readyz and /healthz from the start to the end.
func TestHealth(t *testing.T) {
	t.Parallel()
	p, url := served(t, admin.Options{})
	var broken error
	rechecked := 0
	changed := func(s record.State) func() {
		return func() { p.Read(hub.Stamped{Event: record.Changed{State: s}}) }
	}
	engine := admin.Engine{
		Lanes: noLanes,
		Alive: func(context.Context) error { return broken },
		Recheck: func(context.Context) {
			if rechecked++; rechecked == 2 {
				changed(record.StorageRecovered)()
			}
		},
	}
	for _, step := range []struct {
		what         string
		do           func()
		alive, ready string
	}{
		{"starting", func() {}, "ok", "starting: the socket is not open yet"},
		{"open", func() { p.Open(engine) }, "ok", "ready"},
		{"a target is lost", changed(record.Lost), "ok", "ready"},
		{"the journal is gone", changed(record.JournalLost), "ok", "deliveries cannot be recorded"},
		{"the journal is back", changed(record.JournalRecovered), "ok", "ready"},
		{"the disk is full", func() { rechecked = 0; changed(record.StorageLost)() }, "ok", "deliveries cannot be recorded"},
		{"the disk has room", func() {}, "ok", "ready"},
		{"it hangs", func() { broken = errors.New("the writer of /secret/journal.db") }, "the listener does not answer", "ready"},
		{"it goes on", func() { broken = nil }, "ok", "ready"},
		{"the end", p.End, "ok", "ending: no more deliveries are taken"},
	} {
		step.do()
		for path, want := range map[string]string{"/healthz": step.alive, "/readyz": step.ready} {
			status, body := get(t, url+path)
			if good := want == "ok" || want == "ready"; body != want+"\n" || (status == 200) != good || !good && status != 503 {
				t.Errorf("%s: %s answers %d %q, want %q", step.what, path, status, body, want)
			}
		}
	}
}

// TestHungEngine: /healthz waits for what must run, and not for ever. Meanwhile no second one asks.
func TestHungEngine(t *testing.T) {
	t.Parallel()
	p, url := served(t, admin.Options{})
	p.Open(admin.Engine{Lanes: noLanes, Alive: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }})
	began := time.Now()
	if status, _ := get(t, url+"/healthz"); status != 503 || time.Since(began) > time.Minute {
		t.Errorf("answered %d after %s", status, time.Since(began))
	}
}

// TestTargetsHaveLabelsOfTheirOwn: no two targets share a label, and no label holds a path, odd characters or all of a long name.
func TestTargetsHaveLabelsOfTheirOwn(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100)
	p, url := served(t, admin.Options{Version: "1.2.3 (odd)", Targets: []admin.Target{
		{Names: []string{"shop"}, Label: "shop"},
		{Names: []string{"localhost:1/a", "http://localhost:1/a"}, Label: "localhost:1"},
		{Names: []string{"localhost:1/b"}, Label: "localhost:1"},
		{Names: []string{"[::1]:1"}, Label: "[::1]:1"},
		{Names: []string{long}, Label: long},
		{Names: []string{"é\n\"}"}, Label: "é\n\"}"},
	}})
	for i, name := range []string{"shop", "localhost:1/a", "http://localhost:1/a", "localhost:1/b", "[::1]:1", long, "é\n\"}", "of another run"} {
		p.Read(hub.Stamped{Event: record.Attempted{Attempt: &record.Attempt{Target: name, Outcome: record.OutcomeDelivered, Duration: time.Duration(i) * time.Second}}})
		p.Read(hub.Stamped{Time: time.Unix(1000, 0), Event: record.Changed{State: record.Lost, Target: name}})
	}
	p.Read(hub.Stamped{Event: record.Changed{State: record.Recovered, Target: "[::1]:1"}})
	p.Read(hub.Stamped{Event: record.Missed{Count: 7}})
	for _, state := range []record.JobState{record.JobQueued, record.JobWaiting, record.JobDead, record.JobDead, record.JobDelivered} {
		p.Read(hub.Stamped{Event: record.JobChanged{Job: &record.Job{Target: "shop", State: state}}})
	}
	if _, body := get(t, url+"/metrics"); !strings.Contains(body, `whctl_queue_jobs{target="shop"} NaN`+"\n") {
		t.Errorf("jobs are known before the journal is open:\n%s", body)
	}
	p.Open(admin.Engine{
		Lanes: func(context.Context) ([]record.Lane, error) {
			return []record.Lane{
				{Target: "shop", Open: 3, Dead: 2, Oldest: time.Unix(4000, 0)},
				{Target: "localhost:1/b", Dead: 1},
				{Target: "of another run", Open: 1, Oldest: time.Unix(3000, 0)},
				{Target: "of a third", Open: 1, Dead: 1, Oldest: time.Unix(2000, 0)},
			}, nil
		},
		Gauges: []admin.Figure{{Name: "whctl_unknown", Value: math.NaN}},
		Totals: []admin.Figure{{Name: "whctl_some_total", Value: func() float64 { return 12 }}},
	})
	_, body := get(t, url+"/metrics")
	for _, line := range []string{
		`whctl_attempts_total{target="shop",outcome="delivered"} 1`, `whctl_attempts_total{target="localhost:1",outcome="delivered"} 2`,
		`whctl_attempts_total{target="localhost:1-3",outcome="delivered"} 1`, `whctl_attempts_total{target="[::1]:1",outcome="delivered"} 1`,
		`whctl_attempts_total{target="target-5",outcome="delivered"} 1`, `whctl_attempts_total{target="target-6",outcome="delivered"} 1`,
		`whctl_attempts_total{target="other",outcome="delivered"} 1`, `whctl_target_down_since_seconds{target="shop"} 1000`,
		`whctl_target_up{target="shop"} 0`, `whctl_target_up{target="[::1]:1"} 1`, `whctl_target_down_since_seconds{target="[::1]:1"} 0`,
		`whctl_answer_seconds_bucket{target="localhost:1",le="1"} 1`, `whctl_answer_seconds_bucket{target="localhost:1",le="2.5"} 2`,
		`whctl_jobs_total{target="shop",state="dead"} 2`, `whctl_jobs_total{target="shop",state="delivered"} 1`, `whctl_jobs_total{target="other",state="dead"} 0`,
		`whctl_queue_jobs{target="shop"} 3`, `whctl_dead_letters{target="shop"} 2`, `whctl_queue_oldest_age_seconds{target="shop"} 1000`,
		`whctl_dead_letters{target="localhost:1-3"} 1`, `whctl_queue_oldest_age_seconds{target="localhost:1-3"} 0`,
		`whctl_queue_jobs{target="other"} 2`, `whctl_dead_letters{target="other"} 1`, `whctl_queue_oldest_age_seconds{target="other"} 3000`,
		`whctl_events_missed_total{reader="metrics"} 7`, `whctl_info{version="other"} 1`, `whctl_unknown NaN`, `whctl_some_total 12`,
		"# TYPE whctl_some_total counter", "# TYPE whctl_answer_seconds histogram",
	} {
		if !strings.Contains(body, line+"\n") {
			t.Errorf("no line %s in\n%s", line, body)
		}
	}
	if strings.Contains(body, "localhost:1/") || strings.Contains(body, "xxxxx") || strings.Contains(body, "é") {
		t.Error(body)
	}
	for text := range strings.Lines(body) {
		if _, value, _ := strings.Cut(strings.TrimSpace(text), "} "); strings.Contains(text, "}") {
			if _, err := strconv.ParseFloat(value, 64); err != nil {
				t.Errorf("%q: %v", text, err)
			}
		}
	}
}
