package check

// Two keys, while one takes the other's place.

import (
	"context"

	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/sign"
)

func keyCases() []Case {
	one := func(id, title string, keys func([]sign.Key) []sign.Key, listed bool) Case {
		return Case{
			ID: id, Group: groupKeys, Title: title, Severity: Failure, Expects: "2xx",
			Why: "while a key is exchanged events come with the old one, the new one or both; a receiver that knows one of them loses events",
			Fix: "keep both keys for as long as the provider says, and accept a request if one of them made one of its signatures",
			run: func(ctx context.Context, t *trial) { t.rotated(ctx, keys, listed) },
		}
	}
	return []Case{
		one("key-first", "signed with the first key alone", func(k []sign.Key) []sign.Key { return k[:1] }, false),
		one("key-second", "signed with the second key alone", func(k []sign.Key) []sign.Key { return k[1:2] }, false),
		one("keys-both", "signed with both keys", func(k []sign.Key) []sign.Key { return k[:2] }, true),
		one("keys-both-reversed", "signed with both keys, the second one first", func(k []sign.Key) []sign.Key { return []sign.Key{k[1], k[0]} }, true),
	}
}

func (t *trial) rotated(ctx context.Context, keys func([]sign.Key) []sign.Key, listed bool) {
	switch {
	case len(t.r.Keys) < 2:
		t.skip("give two keys to try this")
		return
	case listed && !t.r.Rules.Listed():
		t.skip("%s carries one signature", t.r.Rules.Scheme().Name)
		return
	}
	e, ok := t.sample()
	if !ok {
		return
	}
	if s, ok := t.make(craft.Request{Rules: t.r.Rules, Event: e, At: t.r.Now(), Keys: keys(t.r.Keys)}); ok {
		t.accept(ctx, s)
	}
}
