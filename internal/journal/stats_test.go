package journal

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// noBudget is of a scheme of which nothing is known.
func noBudget(string) Budget { return Budget{} }

// tried records a delivery, and a try of it for each outcome.
func tried(t *testing.T, j *Journal, d *record.Delivery, took time.Duration, outcomes ...record.OutcomeKind) *record.Delivery {
	t.Helper()
	status := map[record.OutcomeKind]int{record.OutcomeDelivered: 200, record.OutcomeRefused: 401, record.OutcomeFailed: 500}
	d.Targets = []string{"app"}
	appendTest(t, j, d)
	for _, kind := range outcomes {
		a := record.Attempt{DeliveryID: d.ID, Target: "app", StartedAt: d.ReceivedAt, Duration: took, Origin: record.OriginForward, Outcome: kind, Status: status[kind]}
		if err := j.AppendAttempts(t.Context(), &a); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func TestStats(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openRunsAt(t, filepath.Join(t.TempDir(), "journal.db"), 1, c.now) // so that it is counted in parts
	first := tried(t, j, delivery(c.now(), "e"), time.Millisecond, record.OutcomeFailed, record.OutcomeDelivered)
	c.add(time.Hour)
	repeated := delivery(c.now(), "e")
	repeated.Late, repeated.OutOfOrder, repeated.BodySHA256 = time.Hour, true, "cd"
	appendTest(t, j, repeated)
	other := delivery(c.now(), "x")
	other.Profile, other.Verdict.OK, other.Verdict.Reason, other.Size = "sandbox", false, sign.Mismatch, 1000
	appendTest(t, j, other)
	skipped := delivery(c.now(), "y")
	skipped.Skipped = record.SkipUnrouted
	appendTest(t, j, skipped)
	replay := delivery(c.now(), "e")
	replay.ReplayOf = first.ID
	tried(t, j, replay, time.Hour, record.OutcomeRefused)

	s, err := j.Stats(t.Context(), Filter{}, noBudget)
	if err != nil || s.Deliveries != 4 || s.Attempts != 2 || s.Received != 1021 || s.FileBytes == 0 {
		t.Errorf("%+v, %v", s, err)
	}
	if s.Verdicts[sign.Valid] != 3 || s.Verdicts[sign.Mismatch] != 1 || len(s.Verdicts) != 2 || !s.Oldest.Equal(first.ReceivedAt) || !s.Newest.Equal(c.now()) {
		t.Errorf("%+v", s)
	}
	if s.Duplicates != 1 || s.Conflicts != 1 || s.Late != 1 || s.OutOfOrder != 1 || s.Skipped[record.SkipUnrouted] != 1 || s.Skipped[record.SkipFiltered] != 0 {
		t.Errorf("%+v", s)
	}
	if s.Outcomes[record.OutcomeDelivered] != 1 || len(s.Outcomes) != 1 {
		t.Errorf("the outcome of a job is that of its last attempt: %v", s.Outcomes)
	}
	if names, err := j.Profiles(t.Context()); err != nil || !slices.Equal(names, []string{"baanx", "sandbox"}) {
		t.Errorf("%v, %v", names, err)
	}
	s, err = j.Stats(t.Context(), Filter{Profile: "sandbox"}, noBudget)
	if err != nil || s.Deliveries != 1 || s.Attempts != 0 || s.Received != 1000 {
		t.Errorf("%+v, %v", s, err)
	}
}

// Each mark counts without any other.
func TestStatsOfMarks(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
	first := appendTest(t, j, delivery(time.Now(), "e"))
	for _, mark := range []func(d *record.Delivery){
		func(d *record.Delivery) { d.EventID = "e" },
		func(d *record.Delivery) { d.Conflict = first.ID },
		func(d *record.Delivery) { d.Late = 1 },
		func(d *record.Delivery) { d.OutOfOrder = true },
		func(d *record.Delivery) { d.Skipped = record.SkipFiltered },
		func(d *record.Delivery) { d.Skipped = record.SkipUnrouted },
	} {
		d := delivery(time.Now(), "")
		mark(d)
		appendTest(t, j, d)
	}
	s, err := j.Stats(t.Context(), Filter{}, noBudget)
	if err != nil || s.Duplicates != 1 || s.Conflicts != 1 || s.Late != 1 || s.OutOfOrder != 1 || s.Skipped[record.SkipFiltered] != 1 || s.Skipped[record.SkipUnrouted] != 1 {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestStatsOfTypes has tries that take from 1 to 100 ms, and a sender that waits 90.
func TestStatsOfTypes(t *testing.T) {
	t.Parallel()
	j := openRuns(t, filepath.Join(t.TempDir(), "journal.db"), 1)
	for i := range 100 {
		tried(t, j, delivery(time.Now(), ""), time.Duration(i+1)*time.Millisecond, record.OutcomeDelivered)
	}
	for _, kind := range record.Outcomes() {
		d := delivery(time.Now(), "")
		d.EventType = "kyc." + string(kind)
		tried(t, j, d, time.Millisecond, kind)
	}
	budget := func(string) Budget { return Budget{Answer: 90 * time.Millisecond, Final4xx: true} }
	s, err := j.Stats(t.Context(), Filter{}, budget)
	if err != nil || len(s.Types) != 7 {
		t.Fatalf("%d types, %v", len(s.Types), err)
	}
	card := s.Types[0]
	want := Took{P50: 50 * time.Millisecond, P95: 95 * time.Millisecond, P99: 99 * time.Millisecond, Most: 100 * time.Millisecond}
	if card.Type != "card.activated" || card.Tries != 100 || card.Took != want || card.Slow != 10 || card.Failed != 0 {
		t.Errorf("%+v", card)
	}
	failed := map[string]int{"kyc.failed": 1, "kyc.unreachable": 1, "kyc.timeout": 1}
	for _, of := range s.Types[1:] {
		if of.Slow != 0 || of.Failed != failed[of.Type] {
			t.Errorf("%s: %d slow, %d failed", of.Type, of.Slow, of.Failed)
		}
		if of.Type == "kyc.cancelled" && of.Tries != 0 {
			t.Error("a try that whctl gave up says something of the target")
		}
		if of.Type == "kyc.unreachable" && of.Took.Most != 0 {
			t.Error("how long it took to find nobody counts")
		}
	}
}

func TestStatsTakeFilters(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
	for i := range 5 {
		d := delivery(time.Now(), "")
		if i < 2 {
			d.EventType = "kyc.done"
		}
		tried(t, j, d, time.Second, record.OutcomeDelivered)
	}
	for name, of := range map[string]struct {
		f               Filter
		deliveries, all int
	}{
		"a type":         {Filter{Types: []string{"kyc.*"}}, 2, 2},
		"another target": {Filter{Target: "other"}, 0, 0},
		"an expression": {Filter{Match: func(_ context.Context, d *record.Delivery) (bool, error) {
			return d.EventType == "card.activated" && len(d.Body) > 0, nil
		}}, 3, 3},
	} {
		s, err := j.Stats(t.Context(), of.f, noBudget)
		if err != nil || s.Deliveries != of.deliveries || s.Outcomes[record.OutcomeDelivered] != of.all {
			t.Errorf("%s: %d deliveries, %v, %v", name, s.Deliveries, s.Outcomes, err)
		}
	}
}

// TestStatsOfManyTypes has more types than are told apart.
func TestStatsOfManyTypes(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
	var all []*record.Delivery
	for i := range mostTypes + 10 {
		d := delivery(time.Now(), "")
		d.EventType = "t." + formatID(int64(i))
		all = append(all, d)
	}
	appendMany(t, j, all)
	s, err := j.Stats(t.Context(), Filter{}, noBudget)
	if err != nil || s.Deliveries != mostTypes+10 || len(s.Types) != mostTypes || s.MoreTypes != 10 {
		t.Errorf("%d deliveries, %d types, %d of other types, %v", s.Deliveries, len(s.Types), s.MoreTypes, err)
	}
}
