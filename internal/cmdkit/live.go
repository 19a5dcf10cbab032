package cmdkit

// The keys of a long run, which change while it runs.

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/secret"
)

// LiveKeys are the keys of a long run. They follow the key store: a change by webhooks rotate, keys add or keys remove holds from
// the next request on. A previous key stops verifying when its time is over.
type LiveKeys struct {
	env     *Env
	flags   *SignFlags
	options judge.Options
	tell    func(string) // is told of each change in words; must not block

	mu    sync.Mutex
	set   *KeySet
	judge *judge.Judge // of the set
	stamp secret.Stamp
	until time.Time // when a previous key stops verifying; zero: none does
	had   bool      // there was a key once
}

// Live makes the keys of a run follow the store.
func (f *SignFlags) Live(ctx context.Context, e *Env, set *KeySet, o judge.Options, tell func(string)) (*LiveKeys, error) {
	s, err := e.Settings()
	if err != nil {
		return nil, err
	}
	store, err := e.Store()
	if err != nil {
		return nil, err
	}
	l := &LiveKeys{env: e, flags: f, options: o, tell: tell, stamp: store.Stamp(), until: store.Expiry(s.Profile)}
	l.use(ctx, set)
	return l, nil
}

// use makes a set the current one. It asks the store now for what explaining needs, and not when a stranger's request is refused.
func (l *LiveKeys) use(ctx context.Context, set *KeySet) {
	o := l.options
	o.KeysGone = l.had
	l.set, l.judge = set, set.Judge(o)
	l.judge.Recall(ctx)
	l.had = l.had || !l.judge.Empty()
}

// Judge is the judge of the current keys.
func (l *LiveKeys) Judge(ctx context.Context) *judge.Judge {
	l.mu.Lock()
	defer l.mu.Unlock()
	store, err := l.env.Store()
	if err != nil {
		return l.judge
	}
	stamp := store.Stamp()
	if !stamp.Same(l.stamp) || !l.until.IsZero() && !l.env.Now().Before(l.until) {
		l.stamp = stamp
		// The sender may hang up, and the next one needs the keys too.
		l.renew(context.WithoutCancel(ctx), store)
	}
	return l.judge
}

// renew reads the saved keys again. When they cannot be read, the old ones stay.
func (l *LiveKeys) renew(ctx context.Context, store *secret.Store) {
	before := l.set
	fresh, err := l.read(ctx, store)
	if err != nil {
		l.until = time.Time{}
		l.tell("the saved keys were changed and cannot be read, so the old ones stay: " + err.Error())
		return
	}
	l.use(ctx, fresh)
	if s, err := l.env.Settings(); err == nil {
		l.until = store.Expiry(s.Profile)
	}
	if words := changed(before.texts(), fresh.texts()); words != "" {
		l.tell(words)
	}
}

func (l *LiveKeys) read(ctx context.Context, store *secret.Store) (*KeySet, error) {
	s, err := l.env.Settings()
	if err != nil {
		return nil, err
	}
	old := l.set
	r := secret.Resolver{Store: store, Profile: s.Profile, Getenv: l.env.Getenv}
	fresh := &KeySet{env: l.env, Params: old.Params, Given: old.Given, sources: old.sources, found: slices.Clone(old.found)}
	fresh.known = fresh.stored
	for i, src := range old.sources {
		if src.Kind != secret.Webhook {
			continue // files, variables and commands are read once
		}
		found, _, err := r.Resolve(ctx, []secret.Source{src})
		if err != nil && fault.KindOf(err) != fault.Refused { // removed
			return nil, err
		}
		fresh.found[i] = found
	}
	if !old.Given {
		if fresh.found, _, err = r.Each(ctx, nil); err != nil {
			return nil, err
		}
	}
	if err := l.flags.fill(s, fresh); err != nil {
		return nil, err
	}
	if len(slices.Concat(fresh.found...)) == 0 {
		fresh.Rules = old.Rules
	}
	return fresh, nil
}

// texts maps the keys that verify to their labels.
func (s *KeySet) texts() map[string]string {
	out := map[string]string{}
	for _, k := range slices.Concat(s.found...) {
		out[k.Text] = k.Label
	}
	return out
}

// changed tells which keys came and went; "" when none did.
func changed(before, after map[string]string) string {
	var words []string
	for text, label := range after {
		if _, has := before[text]; !has {
			words = append(words, "learned the key of "+label)
		}
	}
	for text, label := range before {
		if _, has := after[text]; !has {
			words = append(words, "the key of "+label+" no longer verifies")
		}
	}
	slices.Sort(words)
	return strings.Join(words, "; ")
}
