package cmdkit

import (
	"context"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/secret"
)

// ForSandbox gives the keys of the secret flags for a platform that signs with the first of them and a listener that verifies
// with all: the key set, and the text of the one that signs. Only flags count: a key of the environment or a saved one
// belongs to a real account, and is none to try things out with.
func (f *SignFlags) ForSandbox(ctx context.Context, e *Env, set *KeySet, stdinTaken bool) (signing secret.Resolved, err error) {
	if len(f.Sources) == 0 {
		return signing, nil
	}
	s, err := e.Settings()
	if err != nil {
		return signing, err
	}
	sources, err := bindSources(s, f.Sources)
	if err != nil {
		return signing, err
	}
	store, err := e.Store()
	if err != nil {
		return signing, err
	}
	r := secret.Resolver{Store: store, Profile: s.Profile, Getenv: e.Getenv, Stdin: &lazyStdin{e: e}, StdinTaken: stdinTaken}
	found, warnings, err := r.Resolve(ctx, sources)
	if err != nil {
		return signing, err
	}
	for _, w := range warnings {
		e.Warn("%s", w)
	}
	scheme := set.Rules.Scheme().Name
	for _, k := range found {
		if k.Scheme != "" && k.Scheme != scheme {
			return signing, fault.Hint(fault.New(fault.Usage, "%s is a key of scheme %s, and the sandbox signs for scheme %s", k.Label, k.Scheme, scheme),
				"add --scheme %s", fault.Word(k.Scheme))
		}
		decode := set.Rules.Key
		if signing.Text == "" && !k.Previous {
			decode, signing = set.Rules.SigningKey, k
		}
		key, err := decode(k.Text)
		if err != nil {
			return signing, fault.Hint(fault.Wrap(fault.Usage, err, "%s", k.Label), "see %s for the form of its keys", fault.Command("whctl schemes show", scheme))
		}
		set.Keys, set.Labels = append(set.Keys, key), append(set.Labels, k.Label)
	}
	if signing.Text == "" {
		return signing, NoKey("sign with")
	}
	set.Given = true
	return signing, nil
}
