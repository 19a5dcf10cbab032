package cmdkit

import (
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
)

// SplitPatterns reads a flag of event types: comma separated, repeatable.
func SplitPatterns(flag string, given []string) ([]string, error) {
	patterns, ok := event.SplitPatterns(given)
	if !ok {
		return nil, fault.Hint(fault.New(fault.Usage, "%s holds an empty event type", flag), "write it as %s card.activated,kyc.status.changed", fault.Word(flag))
	}
	return patterns, nil
}

// WarnPatterns tells about patterns that are not what they look like, or that cover no event type of the scheme: everything
// would be left out, and nothing would say so. Scheme "" is none in particular.
func (e *Env) WarnPatterns(flag, scheme string, patterns []string) {
	for _, p := range patterns {
		if w := event.PatternWarning(p); w != "" {
			e.Warn("%s %s: %s", flag, p, w)
			continue
		}
		known, all, meant := event.CheckPattern(scheme, p)
		if known || e.quiet() {
			continue
		}
		if all {
			e.Warn("%s %s: %s has no such event type, so nothing matches", flag, p, scheme)
		} else {
			e.Warn("%s %s: this is none of the event types of %s that whctl knows", flag, p, scheme)
		}
		if meant != "" {
			e.Say("hint: did you mean %s?", meant)
		}
	}
}
