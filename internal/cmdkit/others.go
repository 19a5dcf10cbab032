package cmdkit

import (
	"cmp"
	"context"
	"slices"

	"github.com/whctl/whctl/internal/judge"
)

// Known is what the key store has to say about a refusal: when keys were rotated, and the profile's saved keys, where they do
// not verify already. It reads the store, so it is for after a refusal, or for once at the start. Trouble with the store is
// no reason not to explain.
func (s *KeySet) Known(ctx context.Context, e *Env) judge.Known {
	var known judge.Known
	settings, err := e.Settings()
	if err != nil {
		return known
	}
	store, err := e.Store()
	if err != nil {
		return known
	}
	listed, err := store.ListKeys(ctx, settings.Profile) // which does not ask the keyring, that may be slow to answer
	if err != nil || len(listed) == 0 {
		return known
	}
	for _, k := range listed {
		if k.RotatedAt != nil {
			known.Rotations = append(known.Rotations, judge.Rotation{Name: cmp.Or(k.Name, k.WebhookID), Scheme: k.Scheme, At: *k.RotatedAt})
		}
	}
	slices.SortFunc(known.Rotations, func(a, b judge.Rotation) int { return b.At.Compare(a.At) })
	if !s.Given || s.Auto() {
		return known // saved keys are asked to verify already
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
