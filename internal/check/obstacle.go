package check

// What keeps a receiver from taking any right event: that is one failure, and not as many as there are cases.

import (
	"context"
	"net/http"
	"slices"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/refusal"
)

// Obstacle is why a receiver accepted no right event at all.
type Obstacle struct {
	Title    string // what came of a plain event that is signed rightly
	Why      string // what that probably comes from
	Fix      string
	Answer   deliver.Result
	Request  *Request // the plain event
	Follow   int      // cases that failed or warned for that alone
	Unproven int      // cases that were skipped for that alone
}

// plain is what came of a plain event that is signed rightly.
type plain struct {
	shot *shot
	res  deliver.Result
}

// takes notes whether a request was a right event, and was accepted.
func (r *runner) takes(s *shot, res deliver.Result) {
	if !r.taken && res.OK() {
		r.taken = r.verdict(s).OK
	}
}

// tryPlain sends a plain event, where none was sent.
func (t *trial) tryPlain(ctx context.Context) {
	if t.r.plain != nil {
		return
	}
	s, ok := t.now()
	if !ok {
		return
	}
	res := t.r.Send(ctx, s.Request)
	t.r.takes(s, res)
	t.r.plain = &plain{s, res}
}

// obstacle looks for what all failures have in common, and marks the cases that follow from it.
func (r *runner) obstacle(ctx context.Context, report *Report) {
	bad := func(res Result) bool { return res.Outcome == Failed || res.Outcome == Warned || res.unproven }
	if r.taken || !slices.ContainsFunc(report.Results, bad) {
		return
	}
	(&trial{r: r, outcome: Passed}).tryPlain(ctx)
	if r.plain == nil || r.taken || ctx.Err() != nil {
		return
	}
	res := r.plain.res
	o := &Obstacle{Answer: res, Request: r.request(r.plain.shot)}
	o.Title, o.Why, o.Fix = r.explained(res)
	for i := range report.Results {
		one := &report.Results[i]
		switch one.Follows = bad(*one) && one.same(res); {
		case !one.Follows:
		case one.Outcome == Skipped:
			o.Unproven++
		default:
			o.Follow++
		}
	}
	if res.Err != nil && len(r.answers) == 0 {
		report.Gone = true
	}
	report.Obstacle = o
}

// same says whether a case got nothing else than the plain event did.
func (r *Result) same(as deliver.Result) bool {
	other := func(status int) bool { return status != as.Status }
	return r.unproven || len(r.statuses) > 0 && !slices.ContainsFunc(r.statuses, other)
}

// explained is what an answer to a plain event probably comes from.
func (r *runner) explained(res deliver.Result) (title, why, fix string) {
	if res.Err != nil {
		return "the receiver gives no answer: " + res.Err.Error(), silentWhy, silentFix(res)
	}
	title = "the receiver accepts no right event: it answers " + status(res) + " to a plain one"
	s := r.plain.shot
	cause, told := refusal.Read(refusal.Answer{
		Status: res.Status, Method: s.Method, Type: s.Header.Get("Content-Type"), Header: res.Header, Body: res.Body, URL: s.URL,
	})
	const mayBeKey = "its key or its scheme is probably another one than here"
	const giveKey = "give the key that it verifies with, and its scheme; whctl listen in its place explains what it refuses"
	switch {
	case res.Status == http.StatusNotFound, res.Status == http.StatusMethodNotAllowed:
		return title, "there is probably no " + s.Method + " at this URL", "give the URL of its webhooks, with the path"
	case told && cause.ID == refusal.Signature, !told && refusal.MayBeSignature(res.Status), !told && res.Status == http.StatusBadRequest:
		return title, mayBeKey, giveKey
	case told && res.Status < http.StatusBadRequest:
		return title, cause.Title, "give the URL that it leads to, or have this one answer itself"
	case told && res.Status == http.StatusInternalServerError:
		return title, cause.Title, "see its log for what it needs"
	case told && cause.Certain:
		return title, cause.Title, cause.Fix.String()
	case told:
		return title, "probably " + cause.Title, cause.Fix.String()
	default:
		return title, "its answer does not tell what is wrong", "see its log for the reason"
	}
}

const silentWhy = "a delivery that is not answered counts as failed, and the provider sends it again"

// silentFix is what to do about a request without an answer.
func silentFix(res deliver.Result) string {
	if fix := res.Hint.String(); fix != "" {
		return fix
	}
	return "see its log for what became of the request; --timeout says how long to wait"
}
