package check

// The requests of the cases as data, with what is right, for verifiers that are not whctl's.

import (
	"cmp"
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/sign"
)

// Vector is one request and the verdict that is right at a time.
type Vector struct {
	ID      string
	Title   string
	Request deliver.Request
	Verdict sign.Verdict
}

// Vectors are the vectors of a scheme, with the key that was made up for them and the time at which they are verified.
type Vectors struct {
	Key    string // in the form in which the provider gives it out: what verifies
	Params map[string]string
	At     time.Time
	List   []Vector
}

// VectorTime is when vectors are verified, if nothing else is asked for. It is fixed, so that they stay the same.
func VectorTime() time.Time { return time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC) }

// vectorURL is where their requests go.
const vectorURL = "https://example.com/webhooks"

// MakeVectors makes the vectors of a scheme, to be verified at a time, from the requests of the cases. They are the same each time, except
// where the scheme signs with randomness. The error says why the scheme cannot be signed.
func MakeVectors(ctx context.Context, rules *sign.Rules, samples []string, at time.Time) (Vectors, error) {
	v := Vectors{At: at, Params: map[string]string{}}
	random := rand.NewChaCha8([32]byte{1})
	public, private, err := craft.NewKeyText(rules.Scheme(), random)
	if err != nil {
		return v, err
	}
	v.Key = public
	key, err := rules.SigningKey(cmp.Or(private, public))
	if err != nil {
		return v, err
	}
	for _, name := range rules.Needs().Params {
		v.Params[name] = "example"
	}
	var current Case
	var r *runner
	send := func(_ context.Context, q deliver.Request) deliver.Result {
		known := slices.ContainsFunc(v.List, func(one Vector) bool { return one.ID == current.ID })
		if !known && current.ID != "" {
			s := &shot{Made: craft.Made{Request: q}}
			s.Header = canonical(q.Header) // as a server sees them
			v.List = append(v.List, Vector{ID: current.ID, Title: current.Title, Request: q, Verdict: r.verdict(s)})
		}
		return deliver.Result{Status: http.StatusOK, Header: http.Header{}}
	}
	r = &runner{Options: Options{
		Rules: rules, Keys: []sign.Key{key}, Params: v.Params, URL: vectorURL, Agent: "whctl", Types: Types(samples)[:1],
		Send: send, Now: func() time.Time { return at }, Wait: func(context.Context, time.Duration) error { return nil }, Rand: random,
	}}
	for _, c := range Chosen(r.Types, []string{groupAccept, groupSignature, groupTime, groupBody, groupHeaders}) {
		current = c
		t := &trial{r: r, c: c, outcome: Passed}
		c.run(ctx, t)
	}
	return v, ctx.Err()
}
