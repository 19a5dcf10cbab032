// Package check proves a receiver right or wrong: it sends requests that a provider, a network or an attacker could send, and judges the
// answers. It prints nothing.
package check

import (
	"context"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/sign"
)

// Options are what a run is made of. Time, randomness and network are handed in.
type Options struct {
	Rules   *sign.Rules
	Keys    []sign.Key // the first one signs; a second one is for cases of rotation
	Params  map[string]string
	URL     string
	SignURL string // the URL as the provider knows it; "" is URL
	Header  http.Header
	Agent   string
	Types   []string // of events; the first is that of most cases
	Timeout time.Duration
	// VerifyToken is what the receiver expects in the handshake of its provider; "" where it expects none, or that is not known.
	VerifyToken string

	Only, Skip []string // ids of cases; none in Only are all
	Remote     bool     // the receiver is on another machine, so heavy cases run only when they are named
	Known      []string // ids of cases that are known to fail

	Send  func(ctx context.Context, q deliver.Request) deliver.Result
	Dial  Dial
	Probe Probe // nil: what a request brings about cannot be seen
	Now   func() time.Time
	Wait  func(ctx context.Context, d time.Duration) error
	Rand  io.Reader
	// Secret says whether a text holds a key.
	Secret func(text string) bool
	Begin  func(c Case)   // before a case
	Tell   func(r Result) // after it
}

// Probe gives what a receiver has brought about so far, as a number or any other text.
type Probe func(ctx context.Context) (string, error)

// Severity is what it means when a case does not hold.
type Severity string

// The severities.
const (
	Failure Severity = "fail" // events are lost, forged ones are taken, or the provider gives up
	Warning Severity = "warn" // it will be trouble some day
)

// Outcome is what came of a case.
type Outcome string

// The outcomes.
const (
	Passed  Outcome = "pass"
	Failed  Outcome = "fail"
	Warned  Outcome = "warn"
	Skipped Outcome = "skip"
	Known   Outcome = "known" // it fails, as it did before
)

// Case is one thing to prove.
type Case struct {
	ID       string // stable
	Group    string
	Title    string
	Severity Severity
	Expects  string
	Why      string // what goes wrong without it
	Fix      string

	heavy bool // many requests or large ones
	run   func(ctx context.Context, t *trial)
}

// Result is a case and what came of it.
type Result struct {
	Case
	Outcome Outcome
	Detail  string   // what happened, in words; "" where it passed
	Request *Request // that decided; nil when none was sent
	Took    time.Duration
	Unrun   bool // it was to be run, and the receiver was gone
	Taken   bool // a right event was accepted, in this case or one before
	Follows bool // it ended so for the obstacle of the report alone; false until the run has ended

	statuses []int // of its requests; 0 for one without an answer
	unproven bool  // it was skipped because no right event was accepted
}

// Report is what came of a run.
type Report struct {
	Results []Result
	Gone    bool // the receiver did not answer at all, at the start or from some case on
	// Obstacle is why no right event was accepted; nil where one was, or nothing needed one.
	Obstacle *Obstacle
}

// Count is how many cases ended in a way.
func (r *Report) Count(o Outcome) (n int) {
	for i := range r.Results {
		if r.Results[i].Outcome == o {
			n++
		}
	}
	return n
}

// mostSilent is how many cases in a row may end without an answer. Then the receiver is taken for gone, so that a run ends in bounded time.
const mostSilent = 3

// runner is a run under way.
type runner struct {
	Options
	answers []answered // one for each request that was answered, for the cases that look at all of them
	slowest time.Duration
	silent  int
	taken   bool   // a right event was accepted
	plain   *plain // nil until one was sent
}

// Run tries the cases, one after the other, and tells of each. It ends early when ctx does.
func Run(ctx context.Context, o Options) (Report, error) {
	r := &runner{Options: o}
	var report Report
	for _, c := range Chosen(o.Types, o.Only) {
		if err := ctx.Err(); err != nil {
			return report, err
		}
		res, ran := r.skip(c)
		switch {
		case ran:
		case r.silent >= mostSilent:
			report.Gone = true
			res = Result{Case: c, Outcome: Skipped, Detail: "not run: the receiver no longer answers", Unrun: true}
		default:
			if o.Begin != nil {
				o.Begin(c)
			}
			res = r.try(ctx, c)
		}
		if err := ctx.Err(); err != nil { // what was cut off proves nothing
			return report, err
		}
		if res.Outcome == Failed && slices.Contains(o.Known, c.ID) {
			res.Outcome = Known
		}
		report.Results = append(report.Results, res)
		o.Tell(res)
	}
	r.obstacle(ctx, &report)
	return report, ctx.Err()
}

// skip is the result of a case that is not to be run.
func (r *runner) skip(c Case) (Result, bool) {
	skip := Result{Case: c, Outcome: Skipped}
	switch {
	case slices.Contains(r.Skip, c.ID) || slices.Contains(r.Skip, c.Group):
		skip.Detail = "left out by --skip"
	case r.Remote && c.heavy && !slices.Contains(r.Only, c.ID) && !slices.Contains(r.Only, c.Group):
		skip.Detail = "a heavy case: on another machine it runs only when --only names it"
	default:
		return Result{}, false
	}
	return skip, true
}

func (r *runner) try(ctx context.Context, c Case) Result {
	t := &trial{r: r, c: c, outcome: Passed}
	began := time.Now()
	c.run(ctx, t)
	if t.answered {
		r.silent = 0
	} else if t.unanswered {
		r.silent++
	}
	if t.silent != nil {
		c.Why, c.Fix = silentWhy, silentFix(*t.silent)
	}
	return Result{
		Case: c, Outcome: t.outcome, Detail: t.detail, Request: t.shown, Took: time.Since(began), Taken: r.taken, statuses: t.statuses, unproven: t.unproven,
	}
}

// Types are the event types that a run takes: those of the samples of a scheme, or one that is made up.
func Types(samples []string) []string {
	if len(samples) == 0 {
		return []string{madeUpType}
	}
	return samples
}

// madeUpType is a type that no provider has.
const madeUpType = "whctl.check"

// answered is one answer.
type answered struct {
	id   string // of the case
	made craft.Made
	res  deliver.Result
}
