package judge

// A judge for one scheme.

import (
	"context"
	"slices"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
)

// Key is a key for a scheme that was named.
type Key struct {
	Label  string // names the key and does not tell it
	Key    sign.Key
	Number int // how it is counted for people, from 0
}

// named finds nothing: the scheme was named.
type named struct {
	rules *sign.Rules
	keys  []Key
}

func (n *named) count() int { return len(n.keys) }

func (n *named) number(i int) int { return n.keys[i].Number }

func (n *named) open() bool { return false }

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

func (n *named) signers(_ *sign.Rules, name string) (out []signer) {
	for _, k := range n.keys {
		out = append(out, signer{k.Key, k.Label == name})
	}
	return out
}

func (n *named) infer(context.Context, *Judgement) (explain.Finding, bool) {
	return explain.Finding{}, false
}

// others are the known keys and rotations of this scheme.
func (n *named) others(k Known) ([]explain.KnownKey, []explain.Rotation) {
	var keys []explain.KnownKey
	concerns := func(scheme string) bool { return scheme == "" || scheme == n.rules.Scheme().Name }
	for _, o := range k.Keys {
		if !concerns(o.Scheme) {
			continue
		}
		if key, err := n.rules.Key(o.Text); err == nil {
			keys = append(keys, explain.KnownKey{Label: o.Label, Key: key, RotatedAt: o.RotatedAt, Newest: o.Newest})
		}
	}
	return keys, slices.DeleteFunc(slices.Clone(k.Rotations), func(r explain.Rotation) bool { return !concerns(r.Scheme) })
}
