package judge

import (
	"context"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
)

// Key is a key of the scheme that was named.
type Key struct {
	Label string // names it without telling it
	Key   sign.Key
}

// Known is what the key store knows besides the keys that verify.
type Known struct {
	Keys      []KnownKey // they verify nothing, and may explain a refusal
	Rotations []Rotation // the last first
}

// KnownKey is a saved key that was not asked to verify.
type KnownKey struct {
	Label, Text string
	Scheme      string    // that it is bound to; "" for none
	RotatedAt   time.Time // when a rotation made it, or took it away; zero when none did
	Newest      bool      // it is the one there is now
}

// Rotation is a saved key that took the place of another.
type Rotation struct {
	Name   string // of the webhook
	Scheme string // "" for none
	At     time.Time
}

// named is the court for a scheme that was named.
type named struct {
	rules *sign.Rules
	keys  []Key
}

func (n *named) count() int { return len(n.keys) }

func (n *named) candidates() []*sign.Rules { return []*sign.Rules{n.rules} }

func (n *named) try(_ context.Context, m *sign.Message, vo sign.VerifyOptions) Judgement {
	jm := Judgement{Rules: n.rules, keys: make([]sign.Key, len(n.keys))}
	for i, k := range n.keys {
		jm.keys[i] = k.Key
	}
	jm.Verdict = n.rules.Verify(m, jm.keys, vo)
	if i := jm.Verdict.KeyIndex; i >= 0 {
		jm.Key = n.keys[i].Label
	}
	return jm
}

func (n *named) infer(context.Context, *Judgement) (explain.Finding, bool) {
	return explain.Finding{}, false
}

// others are the known keys and rotations of the scheme: those of another say nothing about it.
func (n *named) others(k Known) (keys []explain.KnownKey, rotations []explain.Rotation) {
	concerns := func(scheme string) bool { return scheme == "" || scheme == n.rules.Scheme().Name }
	for _, o := range k.Keys {
		if !concerns(o.Scheme) {
			continue
		}
		if key, err := n.rules.Key(o.Text); err == nil {
			keys = append(keys, explain.KnownKey{Label: o.Label, Key: key, RotatedAt: o.RotatedAt, Newest: o.Newest})
		}
	}
	for _, r := range k.Rotations {
		if concerns(r.Scheme) {
			rotations = append(rotations, explain.Rotation{Name: r.Name, At: r.At})
		}
	}
	return keys, rotations
}
