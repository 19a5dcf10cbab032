package cmdkit

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/secret"
	"github.com/whctl/whctl/internal/sign"
)

// AutoScheme is the name that has the scheme guessed from a request's headers.
const AutoScheme = "auto"

// maxGuesses bounds how many schemes are tried on one request.
const maxGuesses = 8

// guesser picks the scheme of each request among the catalogue and the user's own.
type guesser struct {
	candidates []*sign.Rules
	texts      []secret.Resolved
}

// Choice is the scheme picked for a request, with the keys that have its form.
type Choice struct {
	Rules      *sign.Rules // nil: no scheme fits the headers
	Keys       []sign.Key
	Labels     []string
	Guessed    bool
	Confidence float64 // 0 to 1
	Why        string  // what in the headers spoke for it
}

// Label names the key a verdict matched, or "".
func (c Choice) Label(v sign.Verdict) string {
	if v.KeyIndex < 0 || v.KeyIndex >= len(c.Labels) {
		return ""
	}
	return c.Labels[v.KeyIndex]
}

// Words say what was guessed and how sure that is, or are "" when the scheme was named.
func (c Choice) Words() string {
	if !c.Guessed {
		return ""
	}
	return fmt.Sprintf("scheme %s, %.0f %% sure: %s", c.Rules.Scheme().Name, c.Confidence*100, c.Why)
}

// Pick gives the scheme and keys for a request: the one that was named, or with --scheme auto the one under which a key
// verifies, else the likeliest.
func (s *KeySet) Pick(m *sign.Message, o sign.VerifyOptions) Choice {
	if s.guess == nil {
		return Choice{Rules: s.Rules, Keys: s.Keys, Labels: s.Labels}
	}
	guesses := sign.Detect(m.Header, s.guess.candidates)
	var best Choice
	for i, g := range guesses[:min(len(guesses), maxGuesses)] {
		c := Choice{Rules: g.Rules, Guessed: true, Confidence: g.Confidence, Why: g.Why}
		for _, t := range s.guess.texts {
			if key, err := g.Rules.Key(t.Text); err == nil {
				c.Keys, c.Labels = append(c.Keys, key), append(c.Labels, t.Label)
			}
		}
		if len(c.Keys) > 0 && g.Rules.Verify(m, c.Keys, o).OK {
			return c
		}
		if i == 0 {
			best = c
		}
	}
	return best
}

// inferTime is how long a request of an unknown provider is looked into: somebody waits for it.
const inferTime = 5 * time.Second

// Infer looks for the rules of a provider that is in no catalogue, with --scheme auto only.
func (s *KeySet) Infer(ctx context.Context, m *sign.Message) (sign.Finding, bool) {
	if s.guess == nil {
		return sign.Finding{}, false
	}
	ctx, cancel := context.WithTimeout(ctx, inferTime)
	defer cancel()
	texts := make([]string, 0, len(s.guess.texts))
	for _, t := range s.guess.texts {
		texts = append(texts, t.Text)
	}
	scheme, _, ok := sign.Infer(ctx, m, texts)
	if !ok {
		return sign.Finding{}, false
	}
	return sign.InferredFinding(scheme), true
}

// Auto says whether the scheme is guessed for each request.
func (s *KeySet) Auto() bool { return s.guess != nil }

// Scheme is the name of the scheme, or auto.
func (s *KeySet) Scheme() string {
	if s.guess != nil {
		return AutoScheme
	}
	return s.Rules.Scheme().Name
}

// Count is how many keys verify.
func (s *KeySet) Count() int {
	if s.guess != nil {
		return len(s.guess.texts)
	}
	return len(s.Keys)
}

// Empty says whether there is no key to verify with.
func (s *KeySet) Empty() bool { return s.Count() == 0 }

// SecretHeaders are the headers that any scheme in question holds for secret.
func (s *KeySet) SecretHeaders() []string {
	if s.guess == nil {
		return s.Rules.SecretHeaders()
	}
	var out []string
	for _, r := range s.guess.candidates {
		out = append(out, r.SecretHeaders()...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// newGuesser compiles every scheme there is. Only --scheme auto pays for that.
func newGuesser(s *config.Settings, texts []secret.Resolved) (*guesser, error) {
	g := &guesser{texts: texts}
	names := append(slices.Sorted(maps.Keys(s.Schemes)), sign.BuiltinNames()...)
	for _, name := range names {
		rules, err := rulesOf(s, name)
		if err != nil {
			return nil, err
		}
		g.candidates = append(g.candidates, rules)
	}
	return g, nil
}

// Suggest names the scheme that a request's headers clearly point to, when it is not the one in use; "" otherwise,
// and when flag or environment named one: somebody knows better.
func Suggest(e *Env, header map[string][]string, used string) string {
	s, err := e.Settings()
	if err != nil || e.Globals.Scheme != "" || e.Getenv("WHCTL_SCHEME") != "" {
		return ""
	}
	g, err := newGuesser(s, nil)
	if err != nil {
		return ""
	}
	const clearly = 0.8
	guesses := sign.Detect(header, g.candidates)
	if len(guesses) == 0 || guesses[0].Confidence < clearly || guesses[0].Rules.Scheme().Name == used {
		return ""
	}
	return guesses[0].Rules.Scheme().Name
}

func noAutoSigning() error {
	return fault.Hint(fault.New(fault.Usage, "--scheme auto is for verifying; to sign, the scheme must be named"), "see whctl schemes list")
}
