package cmdkit

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/secret"
	"github.com/whctl/whctl/internal/sign"
)

// AutoScheme is the name that has the scheme of each request found.
const AutoScheme = "auto"

// guesser finds the scheme of each request among the catalogue and the user's own.
type guesser struct {
	candidates []*sign.Rules
	keys       []sign.AutoKey
	worked     workedOut
}

// Choice is the scheme picked for a request, with the keys that may be used with it, in the order in which they were given.
type Choice struct {
	Rules      *sign.Rules // nil: no scheme fits the request
	Keys       []sign.Key
	Labels     []string
	Guessed    bool
	Confidence float64 // 0 to 1
	Why        string  // what in the headers spoke for it
	// Verdict is the request's, where the scheme was found by verifying; nil where verifying is still to be done.
	Verdict *sign.Verdict
	// First are findings that come before those of a search, Last is what the request looks like.
	First, Last []sign.Finding
}

// Verify gives the request's verdict.
func (c Choice) Verify(m *sign.Message, o sign.VerifyOptions) sign.Verdict {
	if c.Verdict != nil {
		return *c.Verdict
	}
	return c.Rules.Verify(m, c.Keys, o)
}

// settled says whether a rule that is known holds, or would but for its time or for what may count.
func (c Choice) settled() bool {
	return c.Verdict != nil && (c.Verdict.OK || timely(*c.Verdict)) || len(c.First) > 0
}

func timely(v sign.Verdict) bool { return v.Reason == sign.TooOld || v.Reason == sign.TooNew }

// Searchable says whether looking for a mistake may bring more to light than what finding the scheme did.
func (c Choice) Searchable() bool {
	return len(c.First) == 0 || c.Verdict != nil && timely(*c.Verdict)
}

// Explained puts the findings of finding the scheme around those of a search.
func (c Choice) Explained(d sign.Diagnosis) sign.Diagnosis {
	if len(c.First) > 0 && c.First[0].Certain {
		d.Next = ""
	}
	d.Findings = slices.Concat(c.First, d.Findings, c.Last)
	return d
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

// inferTime is how long a request of an unknown provider is looked into where somebody waits for it.
const inferTime = 5 * time.Second

// Judge gives the scheme and keys for a request: the one that was named, or with --scheme auto the one under which a key
// verifies, worked out where the catalogue has none.
func (s *KeySet) Judge(ctx context.Context, m *sign.Message, o sign.VerifyOptions) Choice {
	c := s.Pick(m, o)
	if s.guess == nil || c.settled() {
		return c
	}
	ctx, cancel := context.WithTimeout(ctx, inferTime)
	defer cancel()
	if worked, ok := s.workOut(ctx, m, o); ok {
		worked.Last = c.Last
		return worked
	}
	return c
}

// Pick is Judge without working out the rules of a provider that is in no catalogue.
func (s *KeySet) Pick(m *sign.Message, o sign.VerifyOptions) Choice {
	if s.guess == nil {
		return Choice{Rules: s.Rules, Keys: s.Keys, Labels: s.Labels}
	}
	r := sign.Auto(m, s.guess.candidates, s.guess.keys, o)
	c := Choice{Rules: r.Rules, Keys: r.Keys, Labels: s.Labels}
	if r.Rules == nil {
		return c
	}
	c.Guessed, c.Confidence, c.Why, c.Verdict = true, r.Guess.Confidence, r.Guess.Why, &r.Verdict
	switch f := r.Finding; {
	case f == nil:
	case f.ID == sign.LooksLike:
		c.Last = []sign.Finding{*f}
	default:
		c.First = []sign.Finding{*f}
	}
	return c
}

// workOut looks for the rules of a provider that is in no catalogue.
func (s *KeySet) workOut(ctx context.Context, m *sign.Message, o sign.VerifyOptions) (Choice, bool) {
	r, scheme, ok := sign.AutoInfer(ctx, m, s.guess.candidates, s.guess.keys, o)
	if !ok {
		return Choice{}, false
	}
	c := Choice{Rules: r.Rules, Keys: r.Keys, Labels: s.Labels, Verdict: &r.Verdict, First: []sign.Finding{sign.InferredFinding(scheme)}}
	if r.Finding != nil {
		c.First = append(c.First, *r.Finding)
	}
	return c, true
}

// The bounds of working out rules before a request is answered: this long at a time, for bodies of this size, and over time a
// tenth of it.
const (
	inferBrief = 50 * time.Millisecond
	inferBody  = 1 << 20
	inferSaved = 500 * time.Millisecond // of searching may be saved up
	inferShare = 10
)

// workedOut keeps small what refused requests cost a listener.
type workedOut struct {
	mu    sync.Mutex
	spent time.Duration
	at    time.Time // when spent was looked at
}

// JudgeQuickly is Judge for a sender that waits for its answer, and may be anybody.
func (s *KeySet) JudgeQuickly(ctx context.Context, m *sign.Message, o sign.VerifyOptions) Choice {
	c := s.Pick(m, o)
	if s.guess == nil || c.settled() || len(m.Body) > inferBody || !s.guess.worked.mu.TryLock() {
		return c
	}
	w := &s.guess.worked
	defer w.mu.Unlock()
	w.spent, w.at = max(0, w.spent-o.Now.Sub(w.at)/inferShare), o.Now
	if w.spent >= inferSaved {
		return c
	}
	ctx, cancel := context.WithTimeout(ctx, inferBrief)
	defer cancel()
	start := time.Now()
	worked, ok := s.workOut(ctx, m, o)
	w.spent += time.Since(start)
	if ok {
		worked.Last = c.Last
		return worked
	}
	return c
}

// Infer looks for the rules of a provider that is in no catalogue, with --scheme auto only.
func (s *KeySet) Infer(ctx context.Context, m *sign.Message) (sign.Finding, bool) {
	if s.guess == nil {
		return sign.Finding{}, false
	}
	ctx, cancel := context.WithTimeout(ctx, inferTime)
	defer cancel()
	c, ok := s.workOut(ctx, m, sign.VerifyOptions{IgnoreTime: true, Now: time.Now()})
	if !ok {
		return sign.Finding{}, false
	}
	return c.First[0], true
}

// Auto says whether the scheme is found for each request.
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
		return len(s.guess.keys)
	}
	return len(s.Keys)
}

// Empty says whether there is no key to verify with.
func (s *KeySet) Empty() bool { return s.Count() == 0 }

// SecretHeaders are the headers that any scheme in question holds for secret.
func (s *KeySet) SecretHeaders() []string { return s.headers((*sign.Rules).SecretHeaders) }

// SignatureHeaders are the headers that a signature stands in with any scheme in question.
func (s *KeySet) SignatureHeaders() []string { return s.headers((*sign.Rules).SignatureHeaders) }

func (s *KeySet) headers(of func(*sign.Rules) []string) []string {
	if s.guess == nil {
		return of(s.Rules)
	}
	var out []string
	for _, r := range s.guess.candidates {
		out = append(out, of(r)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// newGuesser compiles every scheme there is. Only --scheme auto pays for that.
func newGuesser(s *config.Settings, found []secret.Resolved) (*guesser, error) {
	g := &guesser{}
	for _, k := range found {
		g.keys = append(g.keys, sign.AutoKey{Text: k.Text, Scheme: k.Scheme})
	}
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
