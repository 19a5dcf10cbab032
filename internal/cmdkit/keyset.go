package cmdkit

// The keys of a run.

import (
	"cmp"
	"context"
	"slices"
	"sort"

	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/secret"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
)

// KeySet holds the keys of a run, decoded for their scheme. A label names a key and does not tell it.
type KeySet struct {
	Rules   *sign.Rules
	Keys    []sign.Key
	Labels  []string
	numbers []int // of each key: how it is counted on the command line
	Params  map[string]string
	// Given says that a flag or WHCTL_SECRET names the keys. Otherwise they are the saved ones.
	Given   bool
	env     *Env
	known   func(context.Context) judge.Known // asks the key store what else it knows; nil: it is not asked
	all     []*sign.Rules                     // with AutoScheme: every scheme; else nil
	sources []secret.Source
	found   [][]secret.Resolved // of each source
	others  []secret.Resolved   // saved for other schemes, and left out
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

// Variables are the names of the variables that hold keys of this run.
func (s *KeySet) Variables() (names []string) {
	for _, src := range s.sources {
		if src.Kind == secret.Env {
			names = append(names, src.Arg)
		}
	}
	return names
}

// Judge verifies with these keys.
func (s *KeySet) Judge(o judge.Options) *judge.Judge {
	o.Params, o.Known, o.Secret, o.Now = s.Params, s.known, s.env.Secret, s.env.Now
	if s.Auto() {
		var keys []judge.OpenKey
		for _, k := range s.each() {
			keys = append(keys, judge.OpenKey{Label: k.Label, Text: k.Text, Scheme: k.Scheme, Number: k.Number})
		}
		return judge.NewAuto(s.Rules, s.all, keys, o)
	}
	keys := make([]judge.Key, len(s.Keys))
	for i, k := range s.Keys {
		keys[i] = judge.Key{Label: s.Labels[i], Key: k, Number: s.numbers[i]}
	}
	return judge.New(s.Rules, keys, o)
}

// Only makes a key the one key of the set.
func (s *KeySet) Only(key sign.Key, label string) {
	s.Keys, s.Labels, s.numbers = []sign.Key{key}, []string{label}, []int{0}
}

// each returns all keys, numbered as they are given on the command line. Keys that a saved one replaced are counted after them.
func (s *KeySet) each() []secret.Resolved {
	out := slices.Concat(s.found...)
	if !s.Given {
		for i := range out {
			out[i].Number = i
		}
		return out
	}
	i, more := 0, len(s.found)
	for source, found := range s.found {
		for j := range found {
			if out[i].Number = source; j > 0 {
				out[i].Number = more
				more++
			}
			i++
		}
	}
	return out
}

// resolve reads the keys, without deciding which of them count.
func (f *SignFlags) resolve(ctx context.Context, e *Env, stdinTaken bool) (*KeySet, *config.Settings, error) {
	s, err := e.Settings()
	if err != nil {
		return nil, nil, err
	}
	set := &KeySet{env: e, Given: len(f.Sources) > 0 || e.Getenv("WHCTL_SECRET") != ""}
	if set.Params, err = ParsePairs("--param", f.Params); err != nil {
		return nil, nil, err
	}
	set.sources, set.found, err = f.named(ctx, e, s, stdinTaken)
	return set, s, err
}

// Verifying returns every key that may verify. There may be none.
func (f *SignFlags) Verifying(ctx context.Context, e *Env, stdinTaken bool) (*KeySet, error) {
	set, s, err := f.resolve(ctx, e, stdinTaken)
	if err != nil {
		return nil, err
	}
	set.known = set.stored
	return set, f.fill(s, set)
}

// Signing returns the key that signs: the first current one. None is a Usage fault.
func (f *SignFlags) Signing(ctx context.Context, e *Env, stdinTaken bool) (*KeySet, error) {
	set, s, err := f.resolve(ctx, e, stdinTaken)
	if err != nil {
		return nil, err
	}
	found := slices.DeleteFunc(set.each(), func(k secret.Resolved) bool { return k.Previous })
	if set.Given {
		found = found[:min(1, len(found))] // the others only verify, and may be unable to sign
	}
	if set.Rules, err = f.signingRules(s, set, found); err != nil {
		return nil, err
	}
	if err := set.add(found, explain.SigningKey); err != nil {
		return nil, err
	}
	if len(set.Keys) == 0 {
		return nil, set.NoKey("sign with")
	}
	switch {
	case len(set.Keys) > 1:
		e.Say("signing as %s with the saved key of %s; name one with --webhook", set.Scheme(), set.Labels[0])
	case !set.Given && !SchemeNamed(e):
		e.Say("signing as %s with the saved key of %s", set.Scheme(), set.Labels[0])
	}
	set.Only(set.Keys[0], set.Labels[0])
	return set, nil
}

// SigningAll returns every key that was given, each able to sign; without any it is Signing.
func (f *SignFlags) SigningAll(ctx context.Context, e *Env) (*KeySet, error) {
	set, err := f.Signing(ctx, e, false)
	if err != nil || !set.Given {
		return set, err
	}
	return set, set.add(set.each()[1:], explain.SigningKey)
}

// ForSandbox returns the keys of a listener with a sandbox, and the key that the sandbox signs with: the first one, or nothing
// without secret flags. A key of the environment or a saved one belongs to a real account, so flags alone count.
func (f *SignFlags) ForSandbox(ctx context.Context, e *Env, stdinTaken bool) (set *KeySet, signing secret.Resolved, err error) {
	if len(f.Sources) == 0 {
		set = &KeySet{env: e}
		if set.Params, err = ParsePairs("--param", f.Params); err == nil {
			set.Rules, err = Rules(e)
		}
		return set, signing, err
	}
	set, s, err := f.resolve(ctx, e, stdinTaken)
	if err != nil {
		return nil, signing, err
	}
	found := set.each()
	if set.Rules, err = f.signingRules(s, set, found[:1]); err != nil {
		return nil, signing, err
	}
	if err := set.add(found[:1], explain.SigningKey); err != nil {
		return nil, signing, err
	}
	return set, found[0], set.add(found[1:], explain.Key)
}

// named reads the keys that the flags name, else the saved ones, and keeps them out of every message. found has the keys of each
// source.
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
	e.warnOfKeys(warnings)
	return sources, found, err
}

// fill gives a set its scheme and the keys that verify with it.
func (f *SignFlags) fill(s *config.Settings, set *KeySet) error {
	found := set.each()
	name, err := f.schemeOf(s, set, found)
	if err != nil {
		return err
	}
	if name != AutoScheme {
		if set.Rules, err = RulesOf(s, name); err != nil {
			return err
		}
		return set.add(found, explain.Key)
	}
	if set.Rules, err = RulesOf(s, config.DefaultScheme); err != nil {
		return err
	}
	set.all, err = allSchemes(s, boundSchemes(found))
	return err
}

// add decodes keys. A key that cannot be decoded, or is bound to another scheme, is a Usage fault when it was named. A saved one
// belongs to another scheme and is left out.
func (s *KeySet) add(found []secret.Resolved, decode func(*sign.Rules, string) (sign.Key, error)) error {
	scheme := s.Rules.Scheme().Name
	for _, k := range found {
		if k.Scheme != "" && k.Scheme != scheme {
			if s.Given {
				return boundElsewhere(k, scheme)
			}
			if !k.Previous {
				s.others = append(s.others, k)
			}
			continue
		}
		key, err := decode(s.Rules, k.Text)
		switch {
		case err == nil:
			s.Keys, s.Labels, s.numbers = append(s.Keys, key), append(s.Labels, k.Label), append(s.numbers, k.Number)
		case s.Given:
			return fault.Hint(fault.Wrap(fault.Usage, err, "%s", k.Label), "see %s for the form of its keys", fault.Command("whctl schemes show", scheme))
		}
	}
	return nil
}

// boundElsewhere refuses a key that was named and is bound to another scheme.
func boundElsewhere(k secret.Resolved, scheme string) error {
	err := fault.New(fault.Usage, "%s is bound to scheme %s and is not used for %s", k.Label, k.Scheme, scheme)
	if k.Saved {
		return fault.Hint(err, "use --scheme %s, or save it once more for the other one: %s", fault.Word(k.Scheme),
			fault.Command("whctl keys add NAME").Flag("--scheme", scheme))
	}
	return fault.Hint(err, "use --scheme %s, or --scheme auto where requests of several providers come", fault.Word(k.Scheme))
}

// stored is what the key store knows about a refusal: when keys were rotated, and the profile's saved keys where they do not
// verify already. It reads the store, so it is for after a refusal or once at the start. Without the store there is less to
// explain, and no error.
func (s *KeySet) stored(ctx context.Context) judge.Known {
	var known judge.Known
	settings, err := s.env.Settings()
	if err != nil {
		return known
	}
	store, err := s.env.Store()
	if err != nil {
		return known
	}
	listed, err := store.ListKeys(ctx, settings.Profile) // it does not ask the keyring, which may be slow
	if err != nil || len(listed) == 0 {
		return known
	}
	for _, k := range listed {
		if k.RotatedAt != nil {
			known.Rotations = append(known.Rotations, explain.Rotation{Name: cmp.Or(k.Name, k.WebhookID), Key: k.Labels()[0], Scheme: k.Scheme, At: k.RotatedAt.Time})
		}
	}
	sort.Slice(known.Rotations, func(i, j int) bool { return known.Rotations[i].At.After(known.Rotations[j].At) })
	if !s.Given || s.Auto() {
		return known // saved keys verify already
	}
	saved, err := store.Keys(ctx, settings.Profile)
	if err != nil {
		return known
	}
	for _, k := range saved {
		known.Keys = append(known.Keys, judge.KnownKey{Label: "webhook " + k.Name, Text: k.Key, Scheme: k.Scheme, RotatedAt: k.RotatedAt, Newest: true})
		for _, p := range k.Previous {
			known.Keys = append(known.Keys, judge.KnownKey{Label: "webhook " + k.Name + " (previous key)", Text: p.Key, Scheme: k.Scheme, RotatedAt: p.RotatedAt})
		}
	}
	return known
}
