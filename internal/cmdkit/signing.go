package cmdkit

import (
	"context"
	"slices"

	"github.com/spf13/pflag"

	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/secret"
	"github.com/whctl/whctl/internal/sign"
)

// SignFlags are the flags of every command that signs or verifies: the scheme, the keys in their order on the command
// line, and what some schemes sign besides body and headers.
type SignFlags struct {
	Sources []secret.Source
	Params  []string
	// Usual is the scheme meant when --scheme is not given, in place of the settings' own; "" is theirs.
	Usual string
}

// Bind adds the flags.
func (f *SignFlags) Bind(fs *pflag.FlagSet, e *Env) {
	fs.StringVar(&e.Globals.Scheme, "scheme", "", "signature `scheme`, see whctl schemes list; auto guesses when verifying (default: the profile's, else baanx)")
	for _, one := range []struct {
		kind              secret.Kind
		name, what, usage string
	}{
		{secret.File, "secret-file", "FILE", "file that holds a key; - is standard input (repeatable)"},
		{secret.Env, "secret-env", "NAME", "environment variable that holds a key (repeatable)"},
		{secret.Webhook, "webhook", "WEBHOOK", "saved key of a webhook, by id or name (repeatable)"},
		{secret.Value, "secret", "KEY", "a key; others on this machine can see it, better use --secret-file (repeatable)"},
	} {
		fs.Var(&sourceValue{to: &f.Sources, kind: one.kind, what: one.what}, one.name, one.usage)
	}
	fs.StringArrayVar(&f.Params, "param", nil, "setting a scheme asks for, as `NAME=VALUE` (repeatable)")
}

// sourceValue appends to one list for all secret flags, because their order among each other counts.
type sourceValue struct {
	to   *[]secret.Source
	kind secret.Kind
	what string
}

func (v *sourceValue) String() string { return "" }
func (v *sourceValue) Type() string   { return v.what }
func (v *sourceValue) Set(arg string) error {
	if arg == "" {
		return fault.Hint(fault.New(fault.Usage, "it is empty"), "leave it out, or give it a value")
	}
	*v.to = append(*v.to, secret.Source{Kind: v.kind, Arg: arg})
	return nil
}

// KeySet are the keys of a run, decoded for their scheme. The labels name them without telling them.
type KeySet struct {
	Rules  *sign.Rules
	Keys   []sign.Key
	Labels []string
	Params map[string]string
	// Given says that keys were asked for by flag or WHCTL_SECRET, and not just found among the saved ones.
	Given bool
	// Others are saved keys that do not verify here but may explain a refusal.
	Others []sign.KnownKey
	guess  *guesser // nil unless the scheme is to be guessed
}

// Rules is the scheme that flags, environment and settings ask for.
func Rules(e *Env) (*sign.Rules, error) {
	s, err := e.Settings()
	if err != nil {
		return nil, err
	}
	if s.Scheme == AutoScheme {
		return nil, noAutoSigning()
	}
	return rulesOf(s, s.Scheme)
}

func rulesOf(s *config.Settings, name string) (*sign.Rules, error) {
	scheme, err := s.LookupScheme(name)
	if err != nil {
		return nil, err
	}
	rules, err := sign.Compile(scheme)
	if err != nil {
		return nil, fault.Wrap(fault.Usage, err, "scheme %s", name)
	}
	return rules, nil
}

// name is the scheme that is meant.
func (f *SignFlags) name(e *Env, s *config.Settings) string {
	if f.Usual != "" && e.Globals.Scheme == "" {
		return f.Usual
	}
	return s.Scheme
}

// Verifying gives every key that may verify. There may be none.
func (f *SignFlags) Verifying(ctx context.Context, e *Env, stdinTaken bool) (*KeySet, error) {
	return f.resolve(ctx, e, stdinTaken, false)
}

// Signing gives the one key that signs: the first. Having none is a usage fault.
func (f *SignFlags) Signing(ctx context.Context, e *Env, stdinTaken bool) (*KeySet, error) {
	set, err := f.resolve(ctx, e, stdinTaken, true)
	if err != nil {
		return nil, err
	}
	if len(set.Keys) == 0 {
		return nil, NoKey("sign with")
	}
	if len(set.Keys) > 1 { // saved ones: of those that were named, only the first is there
		e.Say("signing with the saved key of %s; name one with --webhook", set.Labels[0])
	}
	set.Keys, set.Labels = set.Keys[:1], set.Labels[:1]
	return set, nil
}

// NoKey refuses work that needs a key.
func NoKey(what string) error {
	return fault.Hint(fault.New(fault.Usage, "no key to %s", what), "add --secret-file FILE, or set WHCTL_SECRET")
}

func (f *SignFlags) resolve(ctx context.Context, e *Env, stdinTaken, signing bool) (*KeySet, error) {
	s, err := e.Settings()
	if err != nil {
		return nil, err
	}
	auto := f.name(e, s) == AutoScheme
	var rules *sign.Rules
	switch {
	case auto && signing:
		return nil, noAutoSigning()
	case auto:
		rules, err = rulesOf(s, config.DefaultScheme)
	default:
		rules, err = rulesOf(s, f.name(e, s))
	}
	if err != nil {
		return nil, err
	}
	params, err := ParsePairs("--param", f.Params)
	if err != nil {
		return nil, err
	}
	set := &KeySet{Rules: rules, Params: params, Given: len(f.Sources) > 0 || e.Getenv("WHCTL_SECRET") != ""}
	store, err := e.Store()
	if err != nil {
		return nil, err
	}
	r := secret.Resolver{Store: store, Profile: s.Profile, Getenv: e.Getenv, Stdin: &lazyStdin{e: e}, StdinTaken: stdinTaken}
	found, warnings, err := r.Resolve(ctx, f.Sources)
	if err != nil {
		return nil, err
	}
	for _, w := range warnings {
		e.Warn("%s", w)
	}
	if other := f.savedScheme(e, s, found); other != "" && !auto && other != rules.Scheme().Name {
		if set.Rules, err = rulesOf(s, other); err != nil {
			return nil, fault.Hint(err, "the saved key is of that scheme; name another with --scheme")
		}
	}
	if auto {
		set.guess, err = newGuesser(s, found)
		set.Labels = labels(found)
		return set, err
	}
	return set, set.add(found, signing)
}

// savedScheme is the scheme that all of the saved keys are of, unless somebody has said which one is meant.
func (f *SignFlags) savedScheme(e *Env, s *config.Settings, found []secret.Resolved) string {
	if f.Usual != "" || e.Globals.Scheme != "" || !slices.Contains([]string{"default", "built in"}, s.Origin("scheme")) {
		return ""
	}
	name := ""
	for _, k := range found {
		if k.Scheme == "" || name != "" && k.Scheme != name {
			return ""
		}
		name = k.Scheme
	}
	return name
}

func labels(found []secret.Resolved) []string {
	out := make([]string, 0, len(found))
	for _, k := range found {
		out = append(out, k.Label)
	}
	return out
}

// KnowOthers adds the profile's saved keys as ones that may explain a refusal. It reads the key store, so it is for after
// a refusal, or for once at the start. Trouble with the store is no reason not to explain.
func (s *KeySet) KnowOthers(ctx context.Context, e *Env) {
	settings, err := e.Settings()
	if err != nil || !s.Given || s.guess != nil {
		return // saved keys are asked to verify already
	}
	store, err := e.Store()
	if err != nil {
		return
	}
	if listed, err := store.ListKeys(ctx, settings.Profile); err != nil || len(listed) == 0 {
		return // the list does not ask the keyring, which may be slow to answer
	}
	saved, err := store.Keys(ctx, settings.Profile)
	if err != nil {
		return
	}
	for _, k := range saved {
		if key, err := s.Rules.Key(k.Key); err == nil {
			s.Others = append(s.Others, sign.KnownKey{Label: "webhook " + k.Name, Key: key})
		}
		for _, p := range k.Previous {
			if key, err := s.Rules.Key(p.Key); err == nil {
				s.Others = append(s.Others, sign.KnownKey{Label: "webhook " + k.Name + " (previous key)", Key: key})
			}
		}
	}
}

// add decodes the keys. A key that was asked for and cannot be decoded is refused; among the saved ones it belongs to
// another scheme and is passed over.
func (s *KeySet) add(found []secret.Resolved, signing bool) error {
	scheme := s.Rules.Scheme().Name
	for _, k := range found {
		if signing && k.Previous {
			continue
		}
		decode := s.Rules.Key
		if signing {
			decode = s.Rules.SigningKey
		}
		if !s.Given && k.Scheme != "" && k.Scheme != scheme {
			continue
		}
		key, err := decode(k.Text)
		if err != nil {
			if !s.Given {
				continue
			}
			return fault.Hint(fault.Wrap(fault.Usage, err, "%s", k.Label), "see %s for the form of its keys", fault.Command("whctl schemes show", scheme))
		}
		s.Keys, s.Labels = append(s.Keys, key), append(s.Labels, k.Label)
		if signing && s.Given {
			break // the others verify, where there is something to verify; here they need not even be able to sign
		}
	}
	return nil
}
