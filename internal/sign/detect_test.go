package sign_test

// Guesses of the scheme, by a request's headers.

import (
	"slices"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// TestDetectOwn: what a scheme signs is among the guesses for it, unless its signature stands in the body. For a twin without a header
// that sets it apart the scheme that it is like is guessed.
func TestDetectOwn(t *testing.T) {
	t.Parallel()
	all := signtest.AllRules(t)
	for _, name := range scheme.BuiltinNames() {
		c := signtest.NewCase(t, name, 1)
		want, marks := name, c.Rules.Marks()
		if c.Rules.Scheme().Twin() {
			want = c.Rules.Scheme().Like
		}
		if len(marks) > 0 {
			c.Message.Header[marks[0]], want = []string{"x"}, name
		}
		guesses := sign.Detect(c.Message.Header, all)
		at := slices.IndexFunc(guesses, func(g sign.Guess) bool { return g.Rules.Scheme().Name == want })
		if inBody := c.Rules.Scheme().Signature.JSON != ""; (at < 0) != inBody {
			t.Errorf("%s is guess %d of %d", name, at, len(guesses))
			continue
		}
		small := map[string][]string{} // as programs have names of headers that no library of HTTP has read
		for header, values := range c.Message.Header {
			small[strings.ToLower(header)] = values
		}
		if again := sign.Detect(small, all); len(again) != len(guesses) {
			t.Errorf("%s: %d guesses with names in small letters, %d without", name, len(again), len(guesses))
		}
		sum := 0.0
		for i, g := range guesses {
			sum += g.Confidence
			if i > 0 && g.Confidence > guesses[i-1].Confidence || g.Why == "" {
				t.Errorf("%s: guess %d: %+v", name, i, g)
			}
		}
		if sum > 1 {
			t.Errorf("%s: the confidences add up to %v", name, sum)
		}
	}
}

// TestDetectClear: what names its provider is sure, what many have in common is not.
func TestDetectClear(t *testing.T) {
	t.Parallel()
	all := signtest.AllRules(t)
	for name, clear := range map[string]bool{
		"stripe": true, "slack": true, "shopify": true, "paddle": true, "discord": true, "sendgrid": true, "baanx": true, "vercel": true, "fern": true,
		"linear": true, "box": true, "telnyx": true, "pusher": true, "zendesk": true, "svix": true, "verification": true, "gitlab": true,
		"standard-webhooks": false, "openai": false, "kyc.ts-body": false, "lemonsqueezy": false, "cursor": false,
	} {
		c := signtest.NewCase(t, name, 1)
		best := sign.Detect(c.Message.Header, all)[0]
		sure := best.Confidence > 0.8
		if sure != clear || clear && best.Rules.Scheme().Name != name {
			t.Errorf("%s: %s, %.2f", name, best.Rules.Scheme().Name, best.Confidence)
		}
	}
	github := signtest.NewCase(t, "github", 1).Message.Header
	github["X-Github-Event"], github["X-Github-Delivery"] = []string{"push"}, []string{"1"}
	github["X-Hub-Signature"] = []string{"sha1=0123456789012345678901234567890123456789"}
	if best := sign.Detect(github, all)[0]; best.Rules.Scheme().Name != "github" || best.Confidence < 0.8 {
		t.Errorf("github: %s, %.2f", best.Rules.Scheme().Name, best.Confidence)
	}
	for _, header := range []map[string][]string{nil, {"X-Signature": {"nonsense"}}, {"Content-Type": {"application/json"}}} {
		if guesses := sign.Detect(header, all); len(guesses) != 0 {
			t.Errorf("%v: %+v", header, guesses)
		}
	}
}
