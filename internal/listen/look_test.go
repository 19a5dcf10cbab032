package listen_test

// Whose a delivery looks like is worked out behind its answer.

import (
	"context"
	"net/http"
	"testing"

	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/listen"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// ofMailgun is a body that has Mailgun's signature in it.
const ofMailgun = `{"signature":{"timestamp":"1529006854","token":"a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0","signature":"d2271d12299f6592d9d44cd9d250f0704e4674c30d79d07c47a66f95ce71cf55"},"event-data":{"event":"opened"}}`

// TestLooksBehindTheAnswer: every sender is answered while nobody can say yet whose the first delivery looks like. Of a flood some
// deliveries are looked at, and not all.
func TestLooksBehindTheAnswer(t *testing.T) {
	t.Parallel()
	const flood = 40
	rules := signtest.Rules(t, "baanx")
	for status, keys := range map[int][]judge.Key{
		http.StatusOK:           nil,
		http.StatusUnauthorized: {{Key: signtest.Keys(t, rules, "secret")[0]}},
	} {
		known := make(chan struct{})
		judging := judge.New(rules, keys, judge.Options{Rivals: func() []*sign.Rules {
			<-known
			return []*sign.Rules{signtest.Rules(t, "mailgun")}
		}})
		r := start(t, func(o *listen.Options) { o.Judge = func(context.Context) *judge.Judge { return judging } })
		for range flood {
			if got := post(t, r.url, ofMailgun); got != status {
				t.Fatalf("answered %d, not %d", got, status)
			}
		}
		close(known)
		r.stop()
		if err := <-r.ended; err != nil {
			t.Fatal(err)
		}
		close(r.events)
		looks, others := 0, 0
		for e := range r.events {
			if e, ok := e.(record.Explained); ok {
				looks++
				if looksLike(e.Diagnosis) != "mailgun" {
					others++
				}
			}
		}
		if looks == 0 || looks > flood/2 || others > 1 { // the time of the first may have been up
			t.Errorf("%d: %d of %d deliveries were looked at, and %d in vain", status, looks, flood, others)
		}
	}
}

// looksLike is the scheme whose a delivery looks like, as its diagnosis says; of a refused one the first finding does.
func looksLike(d *record.Diagnosis) string {
	switch {
	case d.Look != nil:
		return d.Look.Scheme
	case len(d.Findings) > 0 && d.Findings[0].ID == "scheme.looks_like" && d.Findings[0].Title == "the request looks like mailgun":
		return "mailgun"
	default:
		return ""
	}
}
