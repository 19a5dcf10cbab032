package check

// Cases that a shell completes.

import (
	"context"

	"github.com/whctl/whctl/internal/check"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/event"
)

// caseWords are groups of cases, and cases for the samples of the profile's scheme.
func caseWords(e *cmdkit.Env) cmdkit.Words {
	return func(context.Context, string) []cmdkit.Word {
		words := cmdkit.Plain(check.Groups())
		s, err := e.Settings()
		if err != nil {
			return words
		}
		for _, c := range check.Cases(check.Types(event.SampleTypes(s.Scheme))) {
			words = append(words, cmdkit.Word{Text: c.ID, About: c.Title})
		}
		return words
	}
}
