package check

// The time that a request says it was signed at.

import (
	"context"
	"strconv"
	"time"

	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

const (
	replayWhy  = "a request that somebody recorded is accepted for ever: the payment is made again"
	tooOldFix  = "refuse a request whose time differs from now by more than the provider says, in both directions"
	narrowWhy  = "clocks differ, and a request that waited in a queue for a moment is lost"
	narrowFix  = "take the tolerance that the provider says, and keep the clock of the machine right"
	oddTimeWhy = "a time that is no number compares as neither too old nor too new in some languages (NaN), or crashes the handler"
	oddTimeFix = "parse the timestamp strictly, refuse what is no whole number of the right unit, and answer 401"
)

// near is how far from the edge of the window a request is tried.
const near = 2 * time.Second

func timeCases() []Case {
	window := func(id, title, expects, why, fix string, off func(tolerance time.Duration) time.Duration, inside bool) Case {
		return Case{ID: id, Group: groupTime, Title: title, Severity: Failure, Expects: expects, Why: why, Fix: fix, run: func(ctx context.Context, t *trial) { t.window(ctx, off, inside) }}
	}
	given := func(id, title string, run func(context.Context, *trial)) Case {
		return Case{ID: id, Group: groupTime, Title: title, Severity: Failure, Expects: "401, or another 4xx", Why: oddTimeWhy, Fix: oddTimeFix, run: run}
	}
	odd := func(id, title string, text func(now time.Time) string) Case {
		return given(id, title, func(ctx context.Context, t *trial) { t.oddTime(ctx, text) })
	}
	future := func(id, title string, text func(now time.Time) string) Case {
		return given(id, title, func(ctx context.Context, t *trial) { t.futureTime(ctx, text) })
	}
	unix := func(now time.Time) string { return strconv.FormatInt(now.Unix(), 10) }
	return []Case{
		window("time-old-inside", "signed as long ago as is allowed", "2xx", narrowWhy, narrowFix, func(d time.Duration) time.Duration { return -(d - near) }, true),
		window("time-new-inside", "signed as far in the future as is allowed", "2xx", narrowWhy, narrowFix, func(d time.Duration) time.Duration { return d - near }, true),
		window("time-old", "signed too long ago", "401, or another 4xx", replayWhy, tooOldFix, func(d time.Duration) time.Duration { return -(d + near) }, false),
		window("time-new", "signed too far in the future", "401, or another 4xx", "a request that was signed ahead of time stays valid until then", tooOldFix, func(d time.Duration) time.Duration { return d + near }, false),
		odd("time-text", "a timestamp that is no number", func(time.Time) string { return "yesterday" }),
		odd("time-negative", "a negative timestamp", func(now time.Time) string { return "-" + unix(now) }),
		given("time-fraction", "a timestamp with a fraction", func(ctx context.Context, t *trial) {
			t.fractionTime(ctx, func(now time.Time) string { return unix(now) + ".5" })
		}),
		future("time-huge", "a timestamp of 30 digits", func(time.Time) string { return "999999999999999999999999999999" }),
		future("time-unit", "a timestamp of the wrong unit", func(now time.Time) string { return unix(now) + "000" }),
		odd("time-exponent", "a timestamp with an exponent", func(time.Time) string { return "1e99" }),
	}
}

// window tries a time near the edge. A right answer may depend on the second in which a request arrives, so it is sent just after one begins,
// and once more before it counts as a failure.
func (t *trial) window(ctx context.Context, off func(time.Duration) time.Duration, inside bool) {
	if !t.r.Rules.HasTime {
		t.skip("%s has no timestamp", t.r.Rules.Scheme().Name)
		return
	}
	tolerance := t.r.Rules.Tolerance(&sign.VerifyOptions{})
	if t.r.Rules.Scheme().Timestamp.Tolerance.Off || tolerance <= near {
		t.skip("%s says no tolerance", t.r.Rules.Scheme().Name)
		return
	}
	for range 2 {
		e, ok := t.sample()
		if !ok || t.nextSecond(ctx) != nil {
			return
		}
		at := t.r.Now().Add(off(tolerance))
		e.Time = at
		s, ok := t.sign(e, at)
		if !ok {
			return
		}
		if t.r.verdict(s).OK != inside {
			t.skip("%s does not limit it so", t.r.Rules.Scheme().Name)
			return
		}
		t.outcome, t.detail = Passed, ""
		if inside {
			t.accept(ctx, s)
		} else {
			t.refuse(ctx, s)
		}
		if t.outcome == Passed || t.unanswered {
			return
		}
	}
}

// nextSecond waits until a second has just begun.
func (t *trial) nextSecond(ctx context.Context) error {
	const soon = 20 * time.Millisecond
	now := t.r.Now()
	return t.r.Wait(ctx, now.Truncate(time.Second).Add(time.Second+soon).Sub(now))
}

// futureTime signs a timestamp that says the far future. Stripe's and other providers' libraries look at the age alone, and accept it.
func (t *trial) futureTime(ctx context.Context, text func(time.Time) string) {
	if spec := t.r.Rules.Scheme().Timestamp; spec != nil && spec.Window == scheme.WindowPast {
		t.skip("%s does not limit the future", t.r.Rules.Scheme().Name)
		return
	}
	t.oddTime(ctx, text)
}

// oddTime expects that a timestamp which is none is refused.
func (t *trial) oddTime(ctx context.Context, text func(time.Time) string) {
	if s, ok := t.timed(text); ok {
		t.refuse(ctx, s)
	}
}

// fractionTime only warns when a fraction is accepted: it is inside the window. JavaScript's Number() and parseInt() read it, and many right
// handlers use them.
func (t *trial) fractionTime(ctx context.Context, text func(time.Time) string) {
	if s, ok := t.timed(text); ok {
		t.preferRefusal(ctx, s)
	}
}

// timed is a request with a timestamp that is none, signed with it.
func (t *trial) timed(text func(time.Time) string) (*shot, bool) {
	if !t.r.Rules.HasTime || t.r.Rules.TimeInBody() {
		t.skip("%s has no timestamp beside the body", t.r.Rules.Scheme().Name)
		return nil, false
	}
	e, ok := t.sample()
	if !ok {
		return nil, false
	}
	now := t.r.Now()
	s, ok := t.make(craft.Request{Rules: t.r.Rules, Event: e, At: now, Timestamp: text(now)})
	if !ok {
		return nil, false
	}
	pure, ok := t.sign(e, now)
	if !ok {
		return nil, false
	}
	s.pure = pure.Header // whctl send signs no such time, so its headers are given as they are
	return s, true
}
