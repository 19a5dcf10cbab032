package check

// Large bodies, and many requests at once.

import (
	"context"
	"net/http"
	"strings"
	"time"
)

const (
	manyAtOnce = 50
	kib        = 1 << 10
)

func loadCases() []Case {
	large := func(id, title string, size int, severity Severity) Case {
		return Case{
			ID: id, Group: groupLoad, Title: title, Severity: severity, Expects: "2xx", heavy: true,
			Why: "events with lists in them grow; a parser's limit (100 KiB in Express) then loses those that matter most",
			Fix: "raise the limit of the body parser and of the proxy in front of it",
			run: func(ctx context.Context, t *trial) { t.large(ctx, size) },
		}
	}
	return []Case{
		large("body-256k", "a body of 256 KiB", 256*kib, Failure),
		large("body-1m", "a body of 1 MiB", 1024*kib, Warning),
		{
			ID: "many-at-once", Group: groupLoad, Title: "fifty events at once", Severity: Failure, Expects: "2xx to all, in time", heavy: true,
			Why: "providers send in bursts: after an outage, at the end of a month", Fix: "answer before you work on the event, and let a queue do the rest",
			run: many,
		},
	}
}

func (t *trial) large(ctx context.Context, size int) {
	e, ok := t.sample()
	if !ok {
		return
	}
	body, ok := member(`"whctl_padding":"` + strings.Repeat("x", max(size-len(e.Body), 1)) + `"`)(e.Body)
	if !ok {
		body, ok = formed(strings.NewReplacer(), "whctl_padding="+strings.Repeat("x", size))(e.Body)
	}
	if !ok {
		t.skip("nothing can be added to the body")
		return
	}
	s, ok := t.sign(t.with(e, body), t.r.Now())
	if !ok {
		return
	}
	res, ok := t.send(ctx, s)
	switch {
	case !ok || res.OK():
	case res.Status == http.StatusRequestEntityTooLarge && t.c.Severity == Warning:
		t.warn(s, "answered %s", status(res))
	default:
		t.settle(s, Failed, "answered %s; 2xx is right", status(res))
	}
}

func many(ctx context.Context, t *trial) {
	var shots []*shot
	at := t.r.Now() // of all: those that come side by side have no order
	for range manyAtOnce {
		e, ok := t.sampleAt(at, t.r.Types[0])
		if !ok {
			return
		}
		s, ok := t.sign(e, at)
		if !ok {
			return
		}
		shots = append(shots, s)
	}
	limit := time.Duration(t.r.Rules.Scheme().AnswerTimeout * float64(time.Second))
	for i, res := range t.volley(ctx, shots) {
		if !t.took(shots[i], res) {
			break
		}
		switch {
		case !res.OK():
			t.fail(shots[i], "answered %s to one of %d", status(res), manyAtOnce)
		case limit > 0 && res.Duration > limit:
			t.fail(shots[i], "one of %d took %s; the provider waits %s", manyAtOnce, rounded(res.Duration), limit)
		}
	}
	if t.shown != nil {
		t.shown.times(manyAtOnce, true)
	}
}
