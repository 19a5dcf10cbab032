package render

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/term"
)

// A line says where a redirect leads, without its query and raw characters of it, and that a delivery was sent again.
func TestOutcomeOfAnAttempt(t *testing.T) {
	t.Parallel()
	stream, _, _ := term.Fake(term.FakeOptions{})
	style := stream.Style()
	for want, a := range map[string]record.Attempt{
		"308 to /hooks/ in 2.0 ms  localhost:3000":           {Status: 308, Header: http.Header{"Location": {"/hooks/"}}},
		"302 to /login?… in 2.0 ms  localhost:3000":          {Status: 302, Header: http.Header{"Location": {"/login?token=s3cr3t"}}},
		"301 to /%1b[31m in 2.0 ms  localhost:3000":          {Status: 301, Header: http.Header{"Location": {"/%1b[31m"}}},
		"200 in 2.0 ms  localhost:3000  repeated":            {Status: 200, Header: http.Header{"Location": {"/made"}}, Repeated: true},
		"502 connection refused  localhost:3000":             {Answer: 502, Error: "connection refused"},
		"502 connection refused  localhost:3000  repeated":   {Answer: 502, Error: "connection refused", Repeated: true},
		"303 in 2.0 ms  localhost:3000  attempt 2  repeated": {Status: 303, Number: 2, Repeated: true},
	} {
		a.Target, a.Duration = "http://localhost:3000", 2*time.Millisecond
		if got := OutcomeOf(style, &a); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	began := time.Date(2026, 3, 4, 9, 15, 0, 0, time.UTC)
	job := func(state record.JobState, reason record.JobReason) *record.Job {
		return &record.Job{State: state, Reason: reason, Tries: 2, Since: began.Add(-72 * time.Hour), Due: began.Add(4*time.Second + 2*time.Millisecond)}
	}
	for want, a := range map[string]record.Attempt{
		"200 in 2.0 ms  app  attempt 3  resigned":              {Status: 200, Number: 3, Signing: record.Resigned, Job: job(record.JobDelivered, "")},
		"200 in 2.0 ms  app  with its old signature  overtook": {Status: 200, Signing: record.Outdated, Overtook: true},
		"500 in 2.0 ms  retry 2 in 4 s  app  attempt 2":        {Status: 500, Number: 2, Job: job(record.JobWaiting, "")},
		"connection refused  stays queued  app":                {Error: "connection refused", Job: job(record.JobQueued, "")},
		"401 in 2.0 ms  dead: refused  app":                    {Status: 401, Job: job(record.JobDead, record.ReasonRefused)},
		"503 in 2.0 ms  dead after 72 h  app  attempt 9":       {Status: 503, Number: 9, Job: job(record.JobDead, record.ReasonExpired)},
		"the journal no longer has it  dead: damaged  app":     {Error: "the journal no longer has it", Job: job(record.JobDead, record.ReasonDamaged)},
		"200 in 2.0 ms  app  repeated  resigned  overtook":     {Status: 200, Repeated: true, Signing: record.Resigned, Overtook: true},
	} {
		a.Target, a.Duration, a.StartedAt = "app", 2*time.Millisecond, began
		if got := OutcomeOf(style, &a); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	long := record.Attempt{Status: 307, Header: http.Header{"Location": {"/" + strings.Repeat("x", 500)}}}
	if got := OutcomeOf(style, &long); len(got) > 80 {
		t.Errorf("%q is long", got)
	}
}
