package reconcile

import (
	"testing"

	"github.com/whctl/whctl/internal/record"
)

func job(target string, s record.JobState) Job { return Job{Target: target, State: s} }

func to(jobs ...Job) Arrival { return Arrival{Jobs: jobs} }

func replayOf(jobs ...Job) Arrival { return Arrival{ReplayOf: "x", Jobs: jobs} }

// TestCompare has what may come of an event, by what arrived of it.
func TestCompare(t *testing.T) {
	t.Parallel()
	const delivered, failed, dead, queued, waiting = record.JobDelivered, record.JobFailed, record.JobDead, record.JobQueued, record.JobWaiting
	ok, bad := Arrival{Answer: 200, Key: "k"}, Arrival{Answer: 401}
	for name, tc := range map[string]struct {
		phase    Phase
		arrivals []Arrival
		state    State
		by       By
		again    bool
	}{
		"nothing":                         {Failed, nil, Missing, "", false},
		"nothing, says the platform":      {Done, nil, Missing, "", false},
		"sent to nobody":                  {Unsent, nil, NotSent, "", false},
		"sent to nobody and here":         {Unsent, []Arrival{ok}, Accepted, "", false},
		"answered by whctl":               {Failed, []Arrival{ok}, Accepted, "", false},
		"twice":                           {Done, []Arrival{ok, ok}, Accepted, "", true},
		"from two webhooks":               {Done, []Arrival{ok, {Answer: 200, Key: "other"}}, Accepted, "", false},
		"under the key before":            {Done, []Arrival{{Answer: 200, Key: "a", Webhook: "w"}, {Answer: 200, Key: "b", Webhook: "w"}}, Accepted, "", true},
		"refused by whctl":                {Failed, []Arrival{bad, bad}, Refused, ByWhctl, false},
		"refused, then taken":             {Done, []Arrival{bad, ok}, Accepted, "", false},
		"taken, then refused as too old":  {Done, []Arrival{ok, bad}, Accepted, "", false},
		"taken by the target":             {Done, []Arrival{to(job("a", delivered))}, Accepted, "", false},
		"refused by the target":           {Failed, []Arrival{to(job("a", failed))}, Refused, ByTarget, false},
		"given up":                        {Done, []Arrival{to(job("a", dead))}, Refused, ByTarget, false},
		"in the queue":                    {Done, []Arrival{to(job("a", queued))}, Waiting, "", false},
		"one of two":                      {Done, []Arrival{to(job("a", delivered), job("b", failed))}, Refused, ByTarget, false},
		"one of two, the other waits":     {Done, []Arrival{to(job("a", delivered), job("b", waiting))}, Waiting, "", false},
		"one now, the other before":       {Done, []Arrival{to(job("a", failed), job("b", delivered)), to(job("a", delivered), job("b", failed))}, Accepted, "", false},
		"failed, then taken":              {Done, []Arrival{to(job("a", failed)), to(job("a", delivered))}, Accepted, "", false},
		"taken, then failed":              {Done, []Arrival{to(job("a", delivered)), to(job("a", failed))}, Accepted, "", true},
		"a target that is no longer":      {Done, []Arrival{to(job("old", failed)), to(job("new", delivered))}, Accepted, "", false},
		"a replay was taken":              {Failed, []Arrival{to(job("a", failed)), replayOf(job("a", delivered))}, Replayed, "", false},
		"a replay failed":                 {Failed, []Arrival{to(job("a", failed)), replayOf(job("a", failed))}, Refused, ByTarget, false},
		"a replay elsewhere":              {Failed, []Arrival{to(job("a", failed)), replayOf(job("b", delivered))}, Refused, ByTarget, false},
		"a replay of nothing that came":   {Failed, []Arrival{replayOf(job("a", delivered))}, Missing, "", false},
		"a replay is no second arrival":   {Done, []Arrival{to(job("a", delivered)), replayOf(job("a", delivered))}, Accepted, "", false},
		"a replay of what whctl refused":  {Failed, []Arrival{bad, replayOf(job("a", delivered))}, Refused, ByWhctl, false},
		"a replay after the first target": {Done, []Arrival{to(job("a", delivered), job("b", failed)), replayOf(job("b", delivered))}, Replayed, "", false},
	} {
		r := compare(Event{Phase: tc.phase}, tc.arrivals)
		if r.State != tc.state || r.By != tc.by || r.Again != tc.again {
			t.Errorf("%s: %s by %q, again %v; want %s by %q, again %v", name, r.State, r.By, r.Again, tc.state, tc.by, tc.again)
		}
		if gap := tc.state == Missing || tc.state == Refused; r.Gap() != gap {
			t.Errorf("%s: a gap is %v", name, r.Gap())
		}
	}
}
