package journal

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// drawn is a journal of deliveries of all kinds, and what the test knows of them: newest first, with the states of their jobs.
func drawn(t *testing.T, r *rand.Rand, n int) (j *Journal, all []*record.Delivery, states map[string]map[string]record.JobState) {
	t.Helper()
	c := newClock()
	j, states = openTest(t, Options{Now: c.now, MaxAge: -1}), map[string]map[string]record.JobState{}
	one := func(words ...string) string { return words[r.IntN(len(words))] }
	for i := range n {
		c.add(time.Duration(r.IntN(40)) * time.Minute)
		received := c.now()
		if r.IntN(20) == 0 {
			received = received.Add(-time.Duration(r.IntN(300)) * time.Minute) // the clock went back
		}
		d := delivery(received, fmt.Sprint("evt_", r.IntN(n)))
		d.Profile = one("baanx", "baanx", "sandbox", "acme")
		d.EventType = one("card.activated", "card.", "card", "cards.lost", "card.lost.again", "kyc.status", "card/", "", "*")
		d.Path = one("/hooks", "/hooks?x=1", "/hooks/a", "/", "/[a]", "/h*", "/über?q=/hooks")
		d.Body = fmt.Appendf(nil, `{"n":%d}`, i%5)
		d.Size = int64(len(d.Body))
		d.Verdict.Reason = sign.Reason(one("valid", "valid", "mismatch", "too_old", "unverified"))
		d.Verdict.OK = d.Verdict.Reason == sign.Valid
		if r.IntN(8) == 0 && len(all) > 0 {
			d.ReplayOf = all[0].ID
		}
		for _, target := range []string{"api", "billing"} {
			if r.IntN(2) == 0 {
				d.Targets = append(d.Targets, target)
			}
		}
		appendTest(t, j, d)
		states[d.ID] = map[string]record.JobState{}
		for _, job := range d.Jobs() {
			next := job
			next.State = record.JobStates()[r.IntN(len(record.JobStates()))]
			a := &record.Attempt{DeliveryID: d.ID, Target: job.Target, StartedAt: c.now(), Outcome: record.OutcomeFailed, Status: 500}
			if err := j.Backlog(d.Profile, TakeUp).AppendTry(t.Context(), a, job, next); err != nil {
				t.Fatal(err)
			}
			states[d.ID][job.Target] = next.State
		}
		all = slices.Insert(all, 0, d)
	}
	return j, all, states
}

// drawFilter draws a filter with one to four wishes.
func drawFilter(r *rand.Rand, all []*record.Delivery) Filter {
	var f Filter
	one := func(words ...string) string { return words[r.IntN(len(words))] }
	some := func() *record.Delivery { return all[r.IntN(len(all))] }
	for range 1 + r.IntN(4) {
		switch r.IntN(11) {
		case 0:
			f.Profile = one("baanx", "acme", "nobody")
		case 1:
			f.Types = append(f.Types, one("card.*", "card.activated", "card", "*", "nothing", "kyc.*", "card/", "*.lost"))
		case 2:
			f.Verdict = Verdict(one(Verdicts()...))
		case 3:
			f.Outcome = Outcome(one(Outcomes()...))
		case 4:
			f.Target = one("api", "billing", "other")
		case 5:
			f.Since = some().ReceivedAt
		case 6:
			f.Until = some().ReceivedAt
		case 7:
			f.Event = some().EventID
		case 8:
			f.Path = one("/hooks", "/hooks*", "*", "/hooks?x=1", "/[a]", "/h*", "*q=*", "/über", "/nothing")
		case 9:
			f.Replays = true
		case 10:
			f.After = some().ID
		}
	}
	if r.IntN(4) == 0 {
		f.Match = func(_ context.Context, d *record.Delivery) (bool, error) {
			return strings.Contains(string(d.Body), "3"), nil
		}
	}
	f.Limit = []int{0, 0, 1, 7}[r.IntN(4)]
	return f
}

// wanted is what a filter means, told without SQL.
func wanted(f Filter, d *record.Delivery, jobs map[string]record.JobState) bool {
	matches := func(pattern string) bool { return event.Match(pattern, d.EventType) }
	request, _, _ := strings.Cut(d.Path, "?")
	if strings.Contains(f.Path, "?") {
		request = d.Path
	}
	switch {
	case f.Profile != "" && d.Profile != f.Profile,
		len(f.Types) > 0 && !slices.ContainsFunc(f.Types, matches),
		f.Verdict == VerdictOK && !d.Verdict.OK,
		f.Verdict == VerdictRefused && (d.Verdict.OK || d.Verdict.Reason == sign.Unverified),
		slices.Contains(sign.Reasons(), sign.Reason(f.Verdict)) && d.Verdict.Reason != sign.Reason(f.Verdict),
		!f.Since.IsZero() && d.ReceivedAt.Before(f.Since),
		!f.Until.IsZero() && !d.ReceivedAt.Before(f.Until),
		f.After != "" && d.ID <= f.After,
		f.Event != "" && d.EventID != f.Event,
		f.Path != "" && !globbed(f.Path, request),
		!f.Replays && d.ReplayOf != "",
		f.Match != nil && !strings.Contains(string(d.Body), "3"):
		return false
	}
	return cameOf(f, jobs)
}

// allWanted are the ids of those that a filter wants.
func allWanted(f Filter, list []*record.Delivery, states map[string]map[string]record.JobState) (want []string) {
	for _, d := range list {
		if wanted(f, d, states[d.ID]) && (f.Limit == 0 || len(want) < f.Limit) {
			want = append(want, d.ID)
		}
	}
	return want
}

// globbed says whether a text is as a pattern, in which * is any text.
func globbed(pattern, text string) bool {
	escaped := strings.NewReplacer("?", `\?`, "[", `\[`, "*", "*").Replace(pattern)
	is, err := path.Match(strings.ReplaceAll(escaped, "/", "|"), strings.ReplaceAll(text, "/", "|"))
	return is && err == nil
}

func cameOf(f Filter, jobs map[string]record.JobState) bool {
	var states []record.JobState
	for target, state := range jobs {
		if f.Target == "" || target == f.Target {
			states = append(states, state)
		}
	}
	is := func(of ...record.JobState) bool {
		return slices.ContainsFunc(states, func(s record.JobState) bool { return slices.Contains(of, s) })
	}
	switch f.Outcome {
	case "":
		return f.Target == "" || len(states) > 0
	case OutcomeDelivered:
		return len(states) > 0 && !slices.ContainsFunc(states, func(s record.JobState) bool { return s != record.JobDelivered })
	case OutcomeWaiting:
		return is(record.JobQueued, record.JobSending, record.JobWaiting)
	case OutcomeFailed:
		return is(record.JobFailed, record.JobInterrupted)
	case OutcomeDead:
		return is(record.JobDead)
	case OutcomeNone:
		return len(states) == 0
	}
	return false
}

// Every filter gives what looking at each delivery gives, in both directions, with the index and without.
func TestFiltersAgainstAllDeliveries(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 0))
	j, all, states := drawn(t, r, 700)
	forward := slices.Clone(all)
	slices.Reverse(forward)
	check := func(f Filter, backward bool) bool {
		each, want := j.EachForward, allWanted(f, forward, states)
		if backward {
			each, want = j.Each, allWanted(f, all, states)
		}
		var got []string
		err := each(t.Context(), f, func(d *record.Delivery) error { got = append(got, d.ID); return nil })
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("seed %d, %+v: %d deliveries, want %d, %v", seed, f, len(got), len(want), err)
		}
		return len(want) > 0
	}
	found := 0
	for i := range 800 {
		if i == 400 {
			err := j.do(t.Context(), func(w *writer) error {
				_, err := w.conn.ExecContext(t.Context(), "DROP INDEX deliveries_facts")
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if check(drawFilter(r, all), i%2 == 0) {
			found++
		}
	}
	if found < 200 || found > 780 {
		t.Errorf("seed %d: %d of 800 filters found something", seed, found)
	}
}
