package check

// Events that a receiver has to take.

import (
	"context"
	"fmt"
	"time"
)

func acceptCases(types []string) []Case {
	var all []Case
	for _, typ := range types {
		all = append(all, Case{
			ID: "valid." + idOf(typ), Group: groupAccept, Title: typ + " with a right signature", Severity: Failure, Expects: "2xx",
			Why: "an answer that is not 2xx makes the provider send the event again, and then give it up",
			Fix: "answer 2xx once the event is stored. If it is refused, the key, the signed text or the bytes of the body differ: whctl listen explains which",
			run: func(ctx context.Context, t *trial) { t.valid(ctx, typ) },
		})
	}
	return append(all,
		Case{
			ID: "answer-time", Group: groupAccept, Title: "answers in time", Severity: Failure, Expects: "an answer in half the time that the provider waits",
			Why: "a provider that has waited too long counts the delivery as failed and sends it again, although it was handled",
			Fix: "store the event, answer, and work on it afterwards",
			run: answerTime,
		},
		Case{
			ID: "unknown-type", Group: groupAccept, Title: "an event type that is not known", Severity: Failure, Expects: "2xx",
			Why: "providers add event types without notice; a receiver that refuses them is switched off after some failures",
			Fix: "answer 2xx to a verified event whose type means nothing to you, and ignore it",
			run: unknownType,
		},
		Case{
			ID: "unknown-fields", Group: groupAccept, Title: "fields that are not known", Severity: Failure, Expects: "2xx",
			Why: "providers add fields to events without notice",
			Fix: "read the fields that you need and ignore the rest: no strict decoding",
			run: unknownFields,
		})
}

func (t *trial) valid(ctx context.Context, typ string) {
	e, ok := t.sampleOf(typ)
	if !ok {
		return
	}
	s, ok := t.sign(e, t.r.Now())
	if !ok {
		return
	}
	res, ok := t.send(ctx, s)
	if t.r.plain == nil && typ == t.r.Types[0] {
		t.r.plain = &plain{s, res}
	}
	if !ok {
		t.silent = &res
		return
	}
	if !res.OK() {
		t.fail(s, "answered %s; 2xx is right", status(res))
		return
	}
	t.r.slowest = max(t.r.slowest, res.Duration)
}

func answerTime(_ context.Context, t *trial) {
	limit := time.Duration(t.r.Rules.Scheme().AnswerTimeout * float64(time.Second))
	slowest := t.r.slowest
	switch {
	case limit == 0:
		t.skip("%s does not say how long it waits", t.r.Rules.Scheme().Name)
	case slowest == 0:
		t.unproven = !t.r.taken
		t.skip("no valid event was accepted")
	case slowest > limit:
		t.fail(nil, "the slowest answer took %s; the provider waits %s", rounded(slowest), limit)
	case slowest > limit/2:
		t.warn(nil, "the slowest answer took %s, more than half of the %s that the provider waits", rounded(slowest), limit)
	}
}

func rounded(d time.Duration) time.Duration {
	if d > time.Second {
		return d.Round(10 * time.Millisecond)
	}
	return d.Round(time.Millisecond)
}

func unknownType(ctx context.Context, t *trial) {
	e, ok := t.sample()
	if !ok {
		return
	}
	spec := t.r.Rules.Scheme().Event
	for _, place := range spec.Type {
		if body, is := edited(e.Body, place, `"whctl.unknown"`); is && isJSON(e.Body) && place != "" && !isHeader(place) {
			if s, ok := t.sign(t.with(e, body), t.r.Now()); ok {
				t.accept(ctx, s)
			}
			return
		}
		if name, is := headerName(place); is {
			if s, ok := t.sign(e, t.r.Now()); ok {
				s.setHeader(name, "whctl.unknown")
				s.sample = e.Source
				t.accept(ctx, s)
			}
			return
		}
	}
	t.skip("%s does not say where the type of an event stands", t.r.Rules.Scheme().Name)
}

func unknownFields(ctx context.Context, t *trial) {
	e, ok := t.sample()
	if !ok {
		return
	}
	if !isJSON(e.Body) {
		t.skip("the body is no JSON object")
		return
	}
	body, ok := edited(e.Body, "whctl_new_field", `{"added":[1,"two",null]}`)
	if !ok {
		t.skip("no field can be added to this body")
		return
	}
	if s, ok := t.sign(t.with(e, body), t.r.Now()); ok {
		t.accept(ctx, s)
	}
}

// headerName is the header of a place that a scheme gives as header:NAME.
func headerName(place string) (string, bool) {
	const mark = "header:"
	if len(place) > len(mark) && place[:len(mark)] == mark {
		return place[len(mark):], true
	}
	return "", false
}

func isHeader(place string) bool {
	_, is := headerName(place)
	return is
}

// say is fmt.Sprintf for titles.
func say(format string, args ...any) string { return fmt.Sprintf(format, args...) }
