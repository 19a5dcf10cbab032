package cmdkit

import (
	"context"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/secret"
)

// ForSandbox gives the rules and keys of a platform that signs with the first of the secret flags and a listener that verifies
// with all: the key set, and the text of the one that signs, which is empty without flags. Only flags count: a key of the
// environment or a saved one belongs to a real account, and is none to try things out with.
func (f *SignFlags) ForSandbox(ctx context.Context, e *Env, stdinTaken bool) (set *KeySet, signing secret.Resolved, err error) {
	params, err := ParsePairs("--param", f.Params)
	if err != nil {
		return nil, signing, err
	}
	set = &KeySet{Params: params}
	if len(f.Sources) == 0 {
		set.Rules, err = Rules(e)
		return set, signing, err
	}
	s, err := e.Settings()
	if err != nil {
		return nil, signing, err
	}
	_, each, err := f.named(ctx, e, s, stdinTaken)
	if err != nil {
		return nil, signing, err
	}
	found := slices.Concat(each...)
	scheme, err := f.schemeOf(e, s, found, true, true)
	if err != nil {
		return nil, signing, err
	}
	if scheme == AutoScheme {
		return nil, signing, noAutoSigning()
	}
	if set.Rules, err = rulesOf(s, scheme); err != nil {
		return nil, signing, err
	}
	set.Given = true
	signing, err = set.addForSandbox(found)
	return set, signing, err
}

// addForSandbox decodes the keys, the first that signs as a signing key, which verifies as well.
func (s *KeySet) addForSandbox(found []secret.Resolved) (signing secret.Resolved, err error) {
	scheme := s.Rules.Scheme().Name
	for _, k := range found {
		if k.Scheme != "" && k.Scheme != scheme {
			return signing, fault.Hint(fault.New(fault.Usage, "%s is bound to scheme %s, and the sandbox signs for scheme %s", k.Label, k.Scheme, scheme),
				"use --scheme %s", fault.Word(k.Scheme))
		}
		decode := s.Rules.Key
		if signing.Text == "" && !k.Previous {
			decode, signing = s.Rules.SigningKey, k
		}
		key, err := decode(k.Text)
		if err != nil {
			return signing, fault.Hint(fault.Wrap(fault.Usage, err, "%s", k.Label), "see %s for the form of its keys", fault.Command("whctl schemes show", scheme))
		}
		s.Keys, s.Labels = append(s.Keys, key), append(s.Labels, k.Label)
	}
	if signing.Text == "" {
		return signing, NoKey("sign with")
	}
	return signing, nil
}

// ReadsStdin says whether one of the keys is read from standard input.
func (f *SignFlags) ReadsStdin() bool {
	for _, src := range f.Sources {
		if src.Kind == secret.File && (src.Arg == Stdin || strings.HasSuffix(src.Arg, "="+Stdin)) {
			return true
		}
	}
	return false
}
