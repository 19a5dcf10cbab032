package check

// The same event more than once, and what requests bring about.

import (
	"context"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/deliver"
)

const (
	onceWhy = "every provider sends an event again when it is not sure that it arrived; a receiver that handles it twice ships or pays twice"
	onceFix = "store the event's id with a unique constraint in the same transaction as what it brings about, and answer 2xx to one that is there"
	atOnce  = 20
)

func repeatCases() []Case {
	return []Case{
		{
			ID: "same-twice", Group: groupRepeat, Title: "the same event twice", Severity: Failure, Expects: "2xx both times", Why: onceWhy, Fix: onceFix,
			run: func(ctx context.Context, t *trial) { t.again(ctx, nil) },
		},
		{
			ID: "same-at-once", Group: groupRepeat, Title: "the same event twenty times at once", Severity: Failure, Expects: "2xx, or 409 and 429 for the later ones, never 5xx",
			Why: "providers send again while the first try is still handled; a race on the unique constraint then shows as 500", Fix: onceFix,
			run: sameAtOnce,
		},
		{
			ID: "same-id-other-bytes", Group: groupRepeat, Title: "the same event id with another body", Severity: Failure, Expects: "2xx or 4xx", Why: "two events with one id must not crash the handler, nor overwrite what was handled", Fix: onceFix,
			run: func(ctx context.Context, t *trial) {
				t.again(ctx, func(body []byte) ([]byte, bool) { return edited(body, "whctl_other", "true") })
			},
		},
		{
			ID: "wrong-order", Group: groupRepeat, Title: "two events in the wrong order", Severity: Failure, Expects: "2xx both times", Why: "no provider promises an order; a receiver that insists on one loses events",
			Fix: "compare the event's own time with the newest that you have, or fetch the object's state from the API",
			run: wrongOrder,
		},
		{
			ID: "effect", Group: groupRepeat, Title: "a valid event brings something about", Severity: Warning, Expects: "--probe prints something else", Why: "an answer of 2xx alone does not say that the event was handled",
			Fix: "let --probe print what the event of this type changes", run: effect,
		},
		{
			ID: "effect-once", Group: groupRepeat, Title: "the same event twice brings it about once", Severity: Failure, Expects: "--probe prints the same after the second", Why: onceWhy, Fix: onceFix, run: effectOnce,
		},
		{
			ID: "effect-once-at-once", Group: groupRepeat, Title: "the same event twenty times at once brings it about once", Severity: Failure, Expects: "--probe counts one", Why: onceWhy, Fix: onceFix, run: effectOnceAtOnce,
		},
		{
			ID: "effect-none", Group: groupRepeat, Title: "a refused request brings nothing about", Severity: Failure, Expects: "--probe prints the same", Why: "some handlers work on a request before they verify it, or go on after they have answered 401",
			Fix: "verify before anything else, and return when it does not hold", run: effectNone,
		},
	}
}

// again sends an event, and once more with a fresh time and signature.
func (t *trial) again(ctx context.Context, change func([]byte) ([]byte, bool)) {
	e, ok := t.sample()
	if !ok {
		return
	}
	first, ok := t.sign(e, t.r.Now())
	if !ok {
		return
	}
	if _, ok := t.send(ctx, first); !ok {
		return
	}
	if change != nil {
		body, ok := change(e.Body)
		if !ok {
			t.skip("the body is no JSON object")
			return
		}
		e = t.with(e, body)
	}
	second, ok := t.sign(e, t.r.Now())
	if !ok {
		return
	}
	res, ok := t.send(ctx, second)
	t.shown = t.r.request(second)
	t.shown.Raw = "sent after another one with the same event id"
	switch {
	case !ok || res.OK():
	case change != nil && res.Status >= 400 && res.Status < 500:
	case res.Status >= 500:
		t.fail(nil, "answered %s to the second, and senders try such an answer again", status(res))
	default:
		t.fail(nil, "answered %s to the second; 2xx is right, or the provider sends it again and again", status(res))
	}
}

// volley sends requests side by side.
func (t *trial) volley(ctx context.Context, shots []*shot) []deliver.Result {
	results := make([]deliver.Result, len(shots))
	var wg sync.WaitGroup
	for i, s := range shots {
		wg.Go(func() { results[i] = t.r.Send(ctx, s.Request) })
	}
	wg.Wait()
	return results
}

// copies are n requests with one event, each signed on its own.
func (t *trial) copies(e craft.Event, n int) ([]*shot, bool) {
	var shots []*shot
	for range n {
		s, ok := t.sign(e, t.r.Now())
		if !ok {
			return nil, false
		}
		shots = append(shots, s)
	}
	return shots, true
}

func sameAtOnce(ctx context.Context, t *trial) {
	e, ok := t.sample()
	if !ok {
		return
	}
	shots, ok := t.copies(e, atOnce)
	if !ok {
		return
	}
	accepted := 0
	for i, res := range t.volley(ctx, shots) {
		if !t.took(shots[i], res) {
			return
		}
		switch {
		case res.OK():
			accepted++
		case res.Status >= 500:
			t.fail(shots[i], "answered %s to one of %d, and senders try such an answer again", status(res), atOnce)
		case res.Status != 409 && res.Status != 425 && res.Status != 429:
			t.fail(shots[i], "answered %s to one of %d; 2xx is right", status(res), atOnce)
		}
	}
	if accepted == 0 {
		t.fail(shots[0], "none of %d was accepted", atOnce)
	}
	t.shown.times(atOnce, true)
}

func wrongOrder(ctx context.Context, t *trial) {
	for _, off := range []time.Duration{0, -time.Minute} {
		e, ok := t.sample()
		if !ok {
			return
		}
		for _, place := range t.r.Rules.Scheme().Event.Time {
			if isHeader(place) || !isJSON(e.Body) {
				continue
			}
			text := say("%q", t.r.Now().Add(off).UTC().Format(time.RFC3339))
			if numeric(e.Body, place) {
				text = say("%d", t.r.Now().Add(off).Unix())
			}
			if body, ok := edited(e.Body, place, text); ok {
				e = t.with(e, body)
			}
			break
		}
		s, ok := t.sign(e, t.r.Now())
		if !ok {
			return
		}
		t.accept(ctx, s)
		if t.shown != nil && off != 0 {
			t.shown = t.r.request(s)
			t.shown.Raw = "sent after a newer event"
		}
	}
}

// needProbe says whether there is one.
func (t *trial) needProbe() bool {
	if t.r.Probe == nil {
		t.skip("what a request brings about cannot be seen: give --probe")
		return false
	}
	return true
}

// look asks the probe.
func (t *trial) look(ctx context.Context) (string, bool) {
	text, err := t.r.Probe(ctx)
	if err != nil {
		t.skip("the probe failed: %s", err)
		return "", false
	}
	return text, true
}

// changes sends requests and gives what the probe says before and after.
func (t *trial) changes(ctx context.Context, shots ...*shot) (before, after string, ok bool) {
	if before, ok = t.look(ctx); !ok {
		return "", "", false
	}
	results := t.volley(ctx, shots)
	for i, s := range shots {
		if !t.took(s, results[i]) {
			return "", "", false
		}
	}
	after, ok = t.look(ctx)
	return before, after, ok
}

func effect(ctx context.Context, t *trial) {
	if !t.needProbe() {
		return
	}
	s, ok := t.now()
	if !ok {
		return
	}
	if before, after, ok := t.changes(ctx, s); ok && before == after {
		t.fail(s, "--probe printed %q before and after", before)
	}
}

func effectOnce(ctx context.Context, t *trial) {
	e, ok := t.sample()
	if !ok || !t.needProbe() {
		return
	}
	shots, ok := t.copies(e, 2)
	if !ok {
		return
	}
	before, first, ok := t.changes(ctx, shots[0])
	if !ok {
		return
	}
	if before == first {
		t.skip("the first one brought nothing about")
		return
	}
	if _, second, ok := t.changes(ctx, shots[1]); ok && second != first {
		t.fail(shots[1], "--probe printed %q, %q after the first and %q after the second", before, first, second)
		t.shown.Raw = "sent after another one with the same event"
	}
}

// effectOnceAtOnce compares what many copies bring about with what one event does. It needs numbers.
func effectOnceAtOnce(ctx context.Context, t *trial) {
	e, ok := t.sample()
	if !ok || !t.needProbe() {
		return
	}
	one, ok := t.now()
	if !ok {
		return
	}
	before, after, ok := t.changes(ctx, one)
	if !ok {
		return
	}
	step, ok := difference(before, after)
	if !ok || step == 0 {
		t.skip("--probe prints no number that an event changes")
		return
	}
	shots, ok := t.copies(e, atOnce)
	if !ok {
		return
	}
	if before, after, ok = t.changes(ctx, shots...); !ok {
		return
	}
	if got, ok := difference(before, after); ok && got != step {
		t.fail(shots[0], "--probe went from %s to %s; one event changes it by %g", before, after, step)
		t.shown.times(atOnce, true)
	}
}

func effectNone(ctx context.Context, t *trial) {
	e, ok := t.sample()
	if !ok || !t.needProbe() {
		return
	}
	for _, part := range []craft.Tamper{craft.TamperSignature, craft.TamperBody} {
		s, ok := t.make(craft.Request{Rules: t.r.Rules, Event: e, At: t.r.Now(), Tamper: part})
		if !ok {
			return
		}
		if before, after, ok := t.changes(ctx, s); ok && before != after {
			t.fail(s, "--probe printed %q before and %q after", before, after)
		}
	}
}
