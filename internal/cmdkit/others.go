package cmdkit

import (
	"cmp"
	"context"
	"slices"

	"github.com/whctl/whctl/internal/secret"
	"github.com/whctl/whctl/internal/sign"
)

// KnowOthers adds what the key store has to say about a refusal: when keys were rotated, and the profile's saved keys, where
// they do not verify already. It reads the store, so it is for after a refusal, or for once at the start. Trouble with the
// store is no reason not to explain.
func (s *KeySet) KnowOthers(ctx context.Context, e *Env) {
	settings, err := e.Settings()
	if err != nil {
		return
	}
	store, err := e.Store()
	if err != nil {
		return
	}
	listed, err := store.ListKeys(ctx, settings.Profile) // which does not ask the keyring, that may be slow to answer
	if err != nil || len(listed) == 0 {
		return
	}
	s.Rotations = rotations(listed, s.guess == nil, s.Rules)
	if !s.Given || s.guess != nil {
		return // saved keys are asked to verify already
	}
	saved, err := store.Keys(ctx, settings.Profile)
	if err != nil {
		return
	}
	s.Others = nil
	for _, k := range saved {
		if k.Scheme != "" && k.Scheme != s.Rules.Scheme().Name {
			continue // a key of one scheme says nothing about another
		}
		if key, err := s.Rules.Key(k.Key); err == nil {
			s.Others = append(s.Others, sign.KnownKey{Label: "webhook " + k.Name, Key: key, RotatedAt: k.RotatedAt, Newest: true})
		}
		for _, p := range k.Previous {
			if key, err := s.Rules.Key(p.Key); err == nil {
				s.Others = append(s.Others, sign.KnownKey{Label: "webhook " + k.Name + " (previous key)", Key: key, RotatedAt: p.RotatedAt})
			}
		}
	}
}

// rotations are the keys of the store that took the place of others in the last hours, where they are of the scheme.
func rotations(listed []secret.KeyInfo, named bool, rules *sign.Rules) []sign.Rotation {
	var out []sign.Rotation
	for _, k := range listed {
		if k.RotatedAt == nil || named && k.Scheme != "" && k.Scheme != rules.Scheme().Name {
			continue
		}
		out = append(out, sign.Rotation{Name: cmp.Or(k.Name, k.WebhookID), At: *k.RotatedAt})
	}
	slices.SortFunc(out, func(a, b sign.Rotation) int { return b.At.Compare(a.At) })
	return out
}
