package event_test

import (
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/event"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, typ string
		want         bool
	}{
		{"*", "kyc.status.changed", true},
		{"*", "", true},
		{"kyc.status.changed", "kyc.status.changed", true},
		{"kyc.status.changed", "kyc.status", false},
		{"kyc.status.changed", "KYC.status.changed", false},
		{"kyc.*", "kyc.status.changed", true},
		{"card.*", "card.activated", true},
		{"card.*", "card", false},
		{"card.*", "cardholder.created", false},
		{"card.*", "Card.activated", false},
		{"card.*", "x.card.activated", false},
		{"kyc.status.*", "kyc.status.changed", false},
		{"kyc.status.*", "kyc.status.*", true},
		{"*.activated", "card.activated", false},
		{"*.activated", "*.activated", true},
		{"kyc*", "kyc.status.changed", false},
		{"kyc*", "kyc*", true},
		{"*.*", "card.activated", false},
		{"**", "card.activated", false},
		{".*", ".x", false},
		{".*", ".*", true},
		{"", "card.activated", false},
		{"", "", true},
		{"card", "card", true},
	} {
		if got := event.Match(c.pattern, c.typ); got != c.want {
			t.Errorf("Match(%q, %q) = %v", c.pattern, c.typ, got)
		}
	}
}

func TestPatternWarning(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"*", "card.*", "card.activated", "", "card"} {
		if got := event.PatternWarning(pattern); got != "" {
			t.Errorf("%q: %s", pattern, got)
		}
	}
	for pattern, hint := range map[string]string{
		"kyc.status.*": `did you mean "kyc.*"`, "kyc*": `did you mean "kyc.*"`, "*.activated": "", "**": "", ".*": "", "k*c.x": "", "\x1b*": "",
	} {
		got := event.PatternWarning(pattern)
		if !strings.Contains(got, "literally") || !strings.HasSuffix(got, hint) || strings.Contains(got, "\x1b") {
			t.Errorf("%q: %s", pattern, got)
		}
	}
}

func FuzzMatch(f *testing.F) {
	for _, seed := range [][2]string{{"*", "a.b"}, {"card.*", "card.activated"}, {"kyc.status.*", "kyc.status.x"}, {".*", "."}, {"a", "a"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, typ string) {
		if !event.Match(typ, typ) {
			t.Errorf("%q does not cover itself", typ)
		}
		if !event.Match("*", typ) {
			t.Errorf("* does not cover %q", typ)
		}
		literal := event.PatternWarning(pattern) != "" || !strings.Contains(pattern, "*")
		if got := event.Match(pattern, typ); literal && got != (pattern == typ) {
			t.Errorf("literal %q on %q is %v", pattern, typ, got)
		} else if !literal && got && pattern != "*" && !strings.HasPrefix(typ, strings.TrimSuffix(pattern, "*")) {
			t.Errorf("%q covers %q", pattern, typ)
		}
	})
}
