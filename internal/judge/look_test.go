package judge

// Whose a request looks like, within bounds.

import (
	"context"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// TestLookWithinItsTime: no body is searched once the time is up, and of a long User-Agent only the beginning is read.
func TestLookWithinItsTime(t *testing.T) {
	t.Parallel()
	j := New(signtest.Rules(t, "baanx"), nil, Options{Rivals: func() []*sign.Rules { return signtest.AllRules(t) }})
	body := &sign.Message{Header: map[string][]string{}, Body: []byte(`{"signature":{"timestamp":"1529006854","token":"t","signature":"d2271d12299f6592d9d44cd9d250f0704e4674c30d79d07c47a66f95ce71cf55"},"event-data":{}}`)}
	agent := func(text string) *sign.Message {
		return &sign.Message{Header: map[string][]string{"User-Agent": {text}}}
	}
	over, stop := context.WithCancel(t.Context())
	stop()
	for _, c := range []struct {
		name string
		ctx  context.Context
		m    *sign.Message
		want string
	}{
		{"body", t.Context(), body, "mailgun"},
		{"body, no time", over, body, ""},
		{"agent", t.Context(), agent("Stripe/1.0"), "stripe"},
		{"agent, no time", over, agent("Stripe/1.0"), "stripe"},
		{"behind a long text", t.Context(), agent(strings.Repeat("x ", maxAgent) + "Stripe/1.0"), ""},
	} {
		got := ""
		if look := j.Look(c.ctx, c.m); look != nil {
			got = look.Scheme
		}
		if got != c.want {
			t.Errorf("%s looks like %q, not %q", c.name, got, c.want)
		}
	}
}

// TestLargeBodiesAreSearchedBehindTheAnswer: where the scheme is left open, a sender waits for no search of a large body for the signatures
// of all schemes. Whose it is, is found with the diagnosis.
func TestLargeBodiesAreSearchedBehindTheAnswer(t *testing.T) {
	t.Parallel()
	all := signtest.AllRules(t)
	m := &sign.Message{Header: map[string][]string{}, Body: []byte(`{"signature":{"timestamp":"1529006854","token":"t","signature":"d2271d12299f6592d9d44cd9d250f0704e4674c30d79d07c47a66f95ce71cf55"},"event-data":{"x":"` + strings.Repeat("x", 1<<20) + `"}}`)}
	for name, patience := range map[string]Patience{"": Brief(), "mailgun": Long()} {
		o := Options{Patience: patience, Now: signtest.Clock, Rivals: func() []*sign.Rules { return all }}
		jm := NewAuto(signtest.Rules(t, "baanx"), all, []OpenKey{{Text: "a key of somebody"}}, o).Judge(t.Context(), m, signtest.Clock())
		if got := jm.scheme(); got != name {
			t.Errorf("it is taken for %q, not %q", got, name)
		}
		if d := Explain(t.Context(), jm, explain.OffSocket()); len(d.Findings) == 0 || !strings.Contains(d.Findings[0].Title, "looks like mailgun") {
			t.Errorf("%q: %+v", name, d.Findings)
		}
	}
}
