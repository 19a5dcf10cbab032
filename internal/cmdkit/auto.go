package cmdkit

import (
	"maps"
	"slices"

	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/sign"
)

// AutoScheme is the name that has the scheme of each request found.
const AutoScheme = "auto"

// allSchemes compiles every scheme there is: the user's own and the catalogue's. Only --scheme auto and refusals pay for that.
func allSchemes(s *config.Settings) ([]*sign.Rules, error) {
	var out []*sign.Rules
	for _, name := range append(slices.Sorted(maps.Keys(s.Schemes)), sign.BuiltinNames()...) {
		rules, err := rulesOf(s, name)
		if err != nil {
			return nil, err
		}
		out = append(out, rules)
	}
	return out, nil
}

// Suggest names the scheme that a request's headers clearly point to, when it is not the one in use; "" otherwise,
// and when flag or environment named one: somebody knows better.
func Suggest(e *Env, header map[string][]string, used string) string {
	s, err := e.Settings()
	if err != nil || e.Globals.Scheme != "" || e.Getenv("WHCTL_SCHEME") != "" {
		return ""
	}
	all, err := allSchemes(s)
	if err != nil {
		return ""
	}
	if name := judge.LooksLike(header, all); name != used {
		return name
	}
	return ""
}

func noAutoSigning() error {
	return fault.Hint(fault.New(fault.Usage, "--scheme auto is for verifying; to sign, the scheme must be named"), "see whctl schemes list")
}
