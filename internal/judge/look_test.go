package judge

// Whose a request looks like, within bounds.

import (
	"context"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sign"
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
