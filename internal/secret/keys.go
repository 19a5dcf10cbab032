package secret

// Saved keys of webhooks.

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/near"
)

// SaveKey saves or replaces a webhook's key. It returns where the key is now, in words: "the OS keyring" or "the file …". The key
// that is replaced stays as a previous one. k replaces the key of the same WebhookID. Without a WebhookID it replaces the key
// of the same Name and takes over its id. With Follows it replaces the key of that webhook, where it has none of its own. A cancelled context does not stop it: the platform shows a key only once.
func (s *Store) SaveKey(ctx context.Context, profile string, k SavedKey) (where string, err error) {
	if err := CheckKey(k.Key); err != nil {
		return "", err
	}
	if k.WebhookID == "" && k.Name == "" {
		return "", fault.New(fault.Usage, "a key needs a name to be saved under")
	}
	ctx = context.WithoutCancel(ctx)
	c, why := s.put(ctx, "key", k.Key)
	var stale []string // items that nothing names any more
	err = s.update(ctx, func(v *vault) error {
		i, err := v.slot(profile, k)
		if err != nil {
			return err
		}
		e := s.merge(ctx, v, i, profile, k, c)
		if i < 0 {
			v.Keys = append(v.Keys, e)
			return nil
		}
		named := e.refs()
		stale = slices.DeleteFunc(v.Keys[i].refs(), func(ref string) bool { return slices.Contains(named, ref) })
		v.Keys[i] = e
		return nil
	})
	if err != nil {
		// The file did not change, so nothing points to the new item.
		s.ring.drop(ctx, c.Ref)
		return "", err
	}
	s.ring.drop(ctx, stale...)
	return s.where(c, why), nil
}

// slot is the index of the entry that k replaces, -1 when there is none.
func (v *vault) slot(profile string, k SavedKey) (int, error) {
	same := func(e entry) bool {
		if e.Profile != profile {
			return false
		}
		if k.WebhookID != "" {
			return e.WebhookID == k.WebhookID
		}
		return e.Name == k.Name || e.WebhookID == k.Name
	}
	i, err := only(k.Name, v.Keys, same)
	if i < 0 && k.Follows != "" {
		i = slices.IndexFunc(v.Keys, func(e entry) bool { return e.Profile == profile && e.WebhookID == k.Follows })
	}
	if i < 0 && k.WebhookID != "" && !k.RotatedAt.IsZero() {
		// The key of this webhook had been added by name, and is the previous one now.
		i = slices.IndexFunc(v.Keys, func(e entry) bool {
			return e.Profile == profile && e.WebhookID == "" && k.Name != "" && e.Name == k.Name
		})
	}
	return i, err
}

// merge makes the new entry of k. The entry that it replaces, v.Keys[i], is among its previous keys.
func (s *Store) merge(ctx context.Context, v *vault, i int, profile string, k SavedKey, c cell) entry {
	now := s.now().UTC().Truncate(time.Millisecond)
	e := entry{Profile: profile, WebhookID: k.WebhookID, Name: k.Name, Scheme: k.Scheme, SavedAt: now, Key: c}
	if i < 0 {
		return e
	}
	old := v.Keys[i]
	e.WebhookID = cmp.Or(e.WebhookID, old.WebhookID)
	e.Scheme = cmp.Or(e.Scheme, old.Scheme)
	if k.WebhookID == "" || e.Name == "" {
		e.Name = cmp.Or(old.Name, e.Name) // it was found by its id or name, and is called as before
	}
	if old.Scheme != "" && e.Scheme != old.Scheme {
		return e // keys of one scheme never verify another, and the old one may be a public key
	}
	if k.Follows == "" || old.WebhookID != k.Follows { // else those before it are of webhooks that are gone for longer
		e.Previous = s.live(old)
	}
	// An old key that cannot be read now may be another one, so it stays.
	if text, err := s.take(ctx, old.Key); err == nil && text == k.Key {
		return e
	}
	rotated := k.RotatedAt.UTC().Truncate(time.Millisecond)
	if k.RotatedAt.IsZero() {
		rotated = now
	}
	e.Previous = slices.Insert(e.Previous, 0, former{Key: old.Key, RotatedAt: rotated})
	return e
}

// refs names the keyring items of an entry.
func (e entry) refs() []string {
	refs := []string{e.Key.Ref}
	for _, p := range e.Previous {
		refs = append(refs, p.Key.Ref)
	}
	return slices.DeleteFunc(refs, func(ref string) bool { return ref == "" })
}

// Keys returns the profile's keys with their secrets, newest first. Previous keys that no longer verify are left out.
func (s *Store) Keys(ctx context.Context, profile string) ([]SavedKey, error) {
	keys, missing, err := s.keys(ctx, profile)
	if err != nil {
		return nil, err
	}
	if len(missing) > 0 {
		return nil, missing[0]
	}
	return keys, nil
}

// keys returns the keys that can be read, and an error for each of the others.
func (s *Store) keys(ctx context.Context, profile string) (keys []SavedKey, missing []error, err error) {
	err = s.steady(func(v *vault) error {
		keys, missing = nil, nil
		for _, e := range v.entries(profile) {
			k, err := s.load(ctx, e)
			if err != nil {
				missing = append(missing, err)
				continue
			}
			keys = append(keys, k)
		}
		return errors.Join(missing...)
	})
	if len(missing) > 0 {
		return keys, missing, nil
	}
	return keys, nil, err
}

// steady calls use with the vault. When an item is missing because another process replaced the vault meanwhile, it calls
// use again.
func (s *Store) steady(use func(*vault) error) error {
	v, err := s.read()
	for err == nil {
		err = use(v)
		if !errors.Is(err, ErrNotFound) {
			return err
		}
		again, rerr := s.read()
		if rerr != nil {
			return rerr
		}
		if reflect.DeepEqual(again, v) {
			return err
		}
		v, err = again, nil
	}
	return err
}

// entries returns the entries of a profile, newest first.
func (v *vault) entries(profile string) []entry {
	list := slices.DeleteFunc(slices.Clone(v.Keys), func(e entry) bool { return e.Profile != profile })
	sort.SliceStable(list, func(i, j int) bool { return list[i].SavedAt.After(list[j].SavedAt) })
	return list
}

// load reads the secrets of an entry.
func (s *Store) load(ctx context.Context, e entry) (SavedKey, error) {
	text, err := s.take(ctx, e.Key)
	if err != nil {
		return SavedKey{}, s.lost(err, "key of "+e.label(), fault.Command("whctl keys remove", e.label()))
	}
	k := SavedKey{WebhookID: e.WebhookID, Name: e.Name, Scheme: e.Scheme, Key: text, Where: e.Key.where(), SavedAt: e.SavedAt}
	for _, p := range s.live(e) {
		// The current key is good without a previous one.
		if text, err := s.take(ctx, p.Key); err == nil {
			k.Previous = append(k.Previous, PreviousKey{Key: text, RotatedAt: p.RotatedAt})
		}
	}
	if len(k.Previous) > 0 {
		k.RotatedAt = k.Previous[0].RotatedAt
	}
	return k, nil
}

// lost explains why a secret that is listed cannot be read.
func (s *Store) lost(err error, what string, remove fault.Words) error {
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, ErrNotFound):
		return fault.Hint(fault.Wrap(fault.Storage, err, "the OS keyring no longer holds the %s", what), "%s", remove)
	case errors.Is(err, errOff):
		return fault.Hint(fault.Wrap(fault.Storage, err, "the %s is in the OS keyring", what), "unset WHCTL_KEYRING")
	default:
		return fault.Hint(fault.Wrap(fault.Storage, err, "cannot read the %s from the OS keyring", what),
			"unlock the keyring, or give the secret in another way (--secret-file, --secret-env, WHCTL_TOKEN)")
	}
}

// live returns the previous keys that still verify.
func (s *Store) live(e entry) []former {
	now := s.now()
	return slices.DeleteFunc(slices.Clone(e.Previous), func(p former) bool { return now.Sub(p.RotatedAt) >= PreviousFor })
}

// label names an entry.
func (e entry) label() string { return cmp.Or(e.Name, e.WebhookID) }

// ListKeys returns the profile's keys without secrets, by name. It does not ask the keyring.
func (s *Store) ListKeys(_ context.Context, profile string) ([]KeyInfo, error) {
	v, err := s.read()
	if err != nil {
		return nil, err
	}
	list := []KeyInfo{}
	for _, e := range v.entries(profile) {
		list = append(list, s.info(e))
	}
	sort.SliceStable(list, func(i, j int) bool {
		a, b := &list[i], &list[j]
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.WebhookID, b.WebhookID)) < 0
	})
	return list, nil
}

func (s *Store) info(e entry) KeyInfo {
	i := KeyInfo{WebhookID: e.WebhookID, Name: e.Name, Scheme: e.Scheme, Where: e.Key.where(), SavedAt: api.At(e.SavedAt)}
	if live := s.live(e); len(live) > 0 {
		rotated := api.At(live[0].RotatedAt)
		i.Previous, i.RotatedAt = len(live), &rotated
	}
	return i
}

// Key finds one key by its webhook's id, a unique name or the unique beginning of an id. None is a Refused fault, several are a
// Usage fault.
func (s *Store) Key(ctx context.Context, profile, ref string) (k SavedKey, err error) {
	err = s.steady(func(v *vault) error {
		e, err := v.find(profile, ref)
		if err == nil {
			k, err = s.load(ctx, e)
		}
		return err
	})
	return k, err
}

// RemoveKey forgets a key and its previous keys, and returns what it was.
func (s *Store) RemoveKey(ctx context.Context, profile, ref string) (KeyInfo, error) {
	v, err := s.read() // an unknown key makes no file and no lock
	if err == nil {
		_, err = v.find(profile, ref)
	}
	if err != nil {
		return KeyInfo{}, err
	}
	var gone entry
	err = s.update(ctx, func(v *vault) (err error) {
		if gone, err = v.find(profile, ref); err != nil {
			return err
		}
		v.Keys = slices.DeleteFunc(v.Keys, func(e entry) bool { return reflect.DeepEqual(e, gone) })
		return nil
	})
	if err != nil {
		return KeyInfo{}, err
	}
	s.ring.drop(context.WithoutCancel(ctx), gone.refs()...)
	return s.info(gone), nil
}

// find looks for an exact id, then for a name, then for the beginning of an id.
func (v *vault) find(profile, ref string) (entry, error) {
	ways := []func(e entry) bool{
		func(e entry) bool { return e.WebhookID == ref },
		func(e entry) bool { return e.Name == ref },
		func(e entry) bool { return strings.HasPrefix(e.WebhookID, ref) },
	}
	list := v.entries(profile)
	for _, way := range ways {
		i, err := only(ref, list, func(e entry) bool { return ref != "" && way(e) })
		if err != nil {
			return entry{}, err
		}
		if i >= 0 {
			return list[i], nil
		}
	}
	return entry{}, v.missing(profile, ref)
}

// missing says that no key is saved for a reference, and where there is one: in another profile, or under a name that is nearly the same.
func (v *vault) missing(profile, ref string) error {
	err := fault.New(fault.Refused, "no key is saved for %s in profile %s", shown(ref), profile)
	var names []string
	for _, e := range v.Keys {
		switch {
		case e.Profile == profile && e.Name != "":
			names = append(names, e.Name)
		case e.Profile != profile && ref != "" && (e.Name == ref || e.WebhookID == ref):
			return fault.Hint(err, "profile %s has it: add %s", fault.Word(e.Profile), fault.Command("").Flag("--profile", e.Profile))
		}
	}
	if nearest := near.Word(ref, names); nearest != "" {
		return fault.Hint(err, "did you mean %s?", fault.Word(nearest))
	}
	return fault.Hint(err, "whctl keys list")
}

// only is the index of the key that a reference fits, -1 when there is none. The error for several names them.
func only(ref string, list []entry, fits func(entry) bool) (int, error) {
	const most = 5
	first := slices.IndexFunc(list, fits)
	var names []string
	for _, e := range list {
		if fits(e) {
			names = append(names, strings.TrimSpace(e.WebhookID+" "+e.Name))
		}
	}
	if len(names) < 2 {
		return first, nil
	}
	if len(names) > most {
		names = append(names[:most], "…")
	}
	return 0, fault.Hint(fault.New(fault.Usage, "%s means several saved keys: %s", shown(ref), strings.Join(names, ", ")),
		"give the webhook's id")
}
