package cmdkit

// Flags that take patterns of event types.

import (
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
)

// SplitPatterns reads a flag of event types, which is repeatable and takes several with commas.
func SplitPatterns(flag string, given []string) ([]string, error) {
	patterns, ok := event.SplitPatterns(given)
	if !ok {
		return nil, fault.Hint(fault.New(fault.Usage, "%s holds an empty event type", flag), "write it as %s card.activated,kyc.status.changed", fault.Word(flag))
	}
	return patterns, nil
}

// WarnPlatformPatterns warns of patterns for types of the profile's platform.
func (e *Env) WarnPlatformPatterns(flag string, patterns []string) {
	scheme := ""
	if s, err := e.Settings(); err == nil {
		scheme = s.Scheme
	}
	e.WarnPatterns(flag, scheme, patterns)
}

// WarnPatterns warns of patterns that are not what they look like, and of patterns that match no event type of the scheme: they
// would leave out every event in silence. Scheme "" is any scheme.
func (e *Env) WarnPatterns(flag, scheme string, patterns []string) {
	for _, p := range patterns {
		if w := event.PatternWarning(p); w != "" {
			e.Warn("%s %s: %s", flag, p, w)
			continue
		}
		known, all, nearest := event.CheckPattern(scheme, p)
		if known || e.Quiet() {
			continue
		}
		if all {
			e.Warn("%s %s: %s has no such event type, so nothing matches", flag, p, scheme)
		} else {
			e.Warn("%s %s: this is none of the event types of %s that whctl knows", flag, p, scheme)
		}
		if nearest != "" {
			e.Say("hint: did you mean %s %s?", flag, fault.Quote(nearest))
		}
	}
}
