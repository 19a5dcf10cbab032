package cmdkit

import (
	"context"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/secret"
	"github.com/whctl/whctl/internal/sign"
)

// KeySet are the keys of a run, decoded for their scheme. The labels name them without telling them.
type KeySet struct {
	Rules  *sign.Rules
	Keys   []sign.Key
	Labels []string
	Params map[string]string
	// Given says that keys were asked for by flag or WHCTL_SECRET, and not just found among the saved ones.
	Given   bool
	all     []*sign.Rules // every scheme there is, where each request's is to be found; else nil
	sources []secret.Source
	found   [][]secret.Resolved // what each source gave
}

// Auto says whether the scheme is found for each request.
func (s *KeySet) Auto() bool { return s.all != nil }

// Scheme is the name of the scheme, or auto.
func (s *KeySet) Scheme() string {
	if s.Auto() {
		return AutoScheme
	}
	return s.Rules.Scheme().Name
}

// Judge verifies with these keys.
func (s *KeySet) Judge(e *Env, o judge.Options) *judge.Judge {
	o.Params, o.Secret, o.Now = s.Params, e.Secret, e.Now
	if s.Auto() {
		var keys []judge.OpenKey
		for _, k := range slices.Concat(s.found...) {
			keys = append(keys, judge.OpenKey{Label: k.Label, Text: k.Text, Scheme: k.Scheme})
		}
		return judge.NewAuto(s.Rules, s.all, keys, o)
	}
	keys := make([]judge.Key, len(s.Keys))
	for i, k := range s.Keys {
		keys[i] = judge.Key{Label: s.Labels[i], Key: k}
	}
	return judge.New(s.Rules, keys, o)
}

func (f *SignFlags) resolve(ctx context.Context, e *Env, stdinTaken, signing bool) (*KeySet, error) {
	s, err := e.Settings()
	if err != nil {
		return nil, err
	}
	params, err := ParsePairs("--param", f.Params)
	if err != nil {
		return nil, err
	}
	sources, found, err := f.named(ctx, e, s, stdinTaken)
	if err != nil {
		return nil, err
	}
	set := &KeySet{Params: params, Given: len(f.Sources) > 0 || e.Getenv("WHCTL_SECRET") != "", sources: sources, found: found}
	return set, f.fill(e, s, set, slices.Concat(found...), signing)
}

// named reads the keys that the flags name, or else those that are saved, and keeps them out of every output. found has what
// each source gave.
func (f *SignFlags) named(ctx context.Context, e *Env, s *config.Settings, stdinTaken bool) (sources []secret.Source, found [][]secret.Resolved, err error) {
	if sources, err = bindSources(s, f.Sources); err != nil {
		return nil, nil, err
	}
	store, err := e.Store()
	if err != nil {
		return nil, nil, err
	}
	r := secret.Resolver{Store: store, Profile: s.Profile, Getenv: e.Getenv, Stdin: &lazyStdin{e: e}, StdinTaken: stdinTaken}
	found, warnings, err := r.Each(ctx, sources)
	for _, k := range slices.Concat(found...) {
		e.Hide(k.Text)
	}
	for _, w := range warnings {
		e.Warn("%s", w)
	}
	return sources, found, err
}

// fill gives a set its scheme and the keys that go with it.
func (f *SignFlags) fill(e *Env, s *config.Settings, set *KeySet, found []secret.Resolved, signing bool) error {
	name, err := f.schemeOf(e, s, found, set.Given, signing)
	if err != nil {
		return err
	}
	if name != AutoScheme {
		if set.Rules, err = rulesOf(s, name); err != nil {
			return err
		}
		return set.add(found, signing)
	}
	if signing {
		return noAutoSigning()
	}
	if set.Rules, err = rulesOf(s, config.DefaultScheme); err != nil {
		return err
	}
	set.all, err = allSchemes(s)
	return err
}

// schemeOf is the scheme that is meant: the one of --scheme; else the one that the keys named on the command line are bound
// to; else that of settings, unless nobody chose one and all saved keys are of another.
func (f *SignFlags) schemeOf(e *Env, s *config.Settings, found []secret.Resolved, given, signing bool) (string, error) {
	name := f.name(e, s)
	switch {
	case e.Globals.Scheme != "":
		return name, nil
	case !given:
		if own := f.savedScheme(e, s, found); own != "" && name != AutoScheme {
			return own, nil
		}
		return name, nil
	}
	bound := boundSchemes(found, signing)
	switch {
	case len(bound) == 0, len(bound) > 1 && name == AutoScheme:
		return name, nil
	case len(bound) == 1 && (name != AutoScheme || signing):
		return bound[0], nil
	case len(bound) == 1:
		return name, nil
	default:
		return "", fault.Hint(fault.New(fault.Usage, "the keys are bound to several schemes: %s", strings.Join(bound, ", ")),
			"add --scheme auto to find each request's own, or leave keys out")
	}
}

// boundSchemes are the schemes that keys are bound to, each once. For signing only the first key counts.
func boundSchemes(found []secret.Resolved, signing bool) []string {
	var out []string
	for _, k := range found {
		if k.Scheme != "" && !slices.Contains(out, k.Scheme) {
			out = append(out, k.Scheme)
		}
		if signing && !k.Previous {
			break
		}
	}
	return out
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
	if _, err := s.LookupScheme(name); err != nil {
		return "" // it was saved for a scheme of the user's own that is not there any more
	}
	return name
}

// bindSources takes the SCHEME= off the sources that have one.
func bindSources(s *config.Settings, sources []secret.Source) ([]secret.Source, error) {
	out := make([]secret.Source, 0, len(sources))
	for _, src := range sources {
		bound, err := bindSource(s, src)
		if err != nil {
			return nil, err
		}
		out = append(out, bound)
	}
	return out, nil
}

func bindSource(s *config.Settings, src secret.Source) (secret.Source, error) {
	name, rest, has := strings.Cut(src.Arg, "=")
	bindable := src.Kind == secret.File || src.Kind == secret.Env || src.Kind == secret.Command
	if !has || !bindable || !isSchemeName(name) {
		return src, nil
	}
	scheme, err := s.LookupScheme(name)
	switch {
	case err != nil && (strings.Trim(rest, "=") == "" || secret.LooksSecret(name)): // a key in the wrong place, which is not repeated
		return src, nil
	case err != nil && secret.MayBeSource(src): // a file's name may hold a = as well
		return src, nil
	case name == AutoScheme:
		return src, fault.Hint(fault.New(fault.Usage, "--secret-%s %s=: a key is bound to one scheme, and auto is none", src.Kind, name), "leave auto= out")
	case err != nil:
		return src, fault.Wrap(fault.Usage, err, "--secret-%s", src.Kind) // which has the hint
	case rest == "":
		return src, fault.Hint(fault.New(fault.Usage, "--secret-%s %s= names no key", src.Kind, name), "write the file, variable or command after the =")
	}
	return secret.Source{Kind: src.Kind, Arg: rest, Scheme: scheme.Name}, nil
}

// isSchemeName says whether a text has the form of a scheme's name.
func isSchemeName(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789_.-") == "" && // as Compile has it
		!strings.HasPrefix(s, ".")
}

// add decodes the keys. A key that was asked for and cannot be decoded, or is bound to another scheme, is refused; among the
// saved ones it belongs to another scheme and is passed over.
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
		if k.Scheme != "" && k.Scheme != scheme {
			if s.Given {
				return boundElsewhere(k, scheme)
			}
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

// boundElsewhere refuses a key that was named for a scheme that is not its own.
func boundElsewhere(k secret.Resolved, scheme string) error {
	err := fault.New(fault.Usage, "%s is bound to scheme %s and is not used for %s", k.Label, k.Scheme, scheme)
	if k.WebhookID != "" || strings.HasPrefix(k.Label, "webhook ") {
		return fault.Hint(err, "use --scheme %s, or save it for the other one: whctl keys add takes --scheme", fault.Word(k.Scheme))
	}
	return fault.Hint(err, "use --scheme %s, or --scheme auto where requests of several providers come", fault.Word(k.Scheme))
}
