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
	fetch func(ctx context.Context, url string) (string, error) // nil: no certificate is fetched
}

// count takes the certificate that is fetched for a key.
func (n *named) count() int {
	if n.fetch != nil {
		return len(n.keys) + 1
	}
	return len(n.keys)
}

// number counts the certificate that was fetched behind the keys.
func (n *named) number(i int) int {
	if i >= len(n.keys) {
		return i
	}
	return n.keys[i].Number
}

func (n *named) open() bool { return false }

func (n *named) candidates() []*sign.Rules { return []*sign.Rules{n.rules} }

func (n *named) try(ctx context.Context, m *sign.Message, vo sign.VerifyOptions) Judgement {
	jm := Judgement{Rules: n.rules, keys: make([]sign.Key, len(n.keys), n.count())}
	for i, k := range n.keys {
		jm.keys[i] = k.Key
	}
	keys := jm.keys
	if n.fetch != nil && len(keys) == 0 {
		keys = []sign.Key{{}} // it matches nothing, and shape and presence are looked at
	}
	if jm.Verdict = n.rules.Verify(m, keys, vo); n.fetch != nil && jm.Verdict.Reason == sign.Mismatch {
		n.certificate(ctx, &jm, m, vo)
	}
	switch i := jm.Verdict.KeyIndex; {
	case i >= len(n.keys):
		jm.Key = "the certificate that the request names"
	case i >= 0:
		jm.Key = n.keys[i].Label
	}
	return jm
}

// certificate verifies with the certificate that a request names. Only a request that nothing else is wrong with has one fetched.
func (n *named) certificate(ctx context.Context, jm *Judgement, m *sign.Message, vo sign.VerifyOptions) {
	url, place, ok := n.rules.CertificateURL(m)
	if !ok {
		jm.Verdict.Detail = sign.Detail{Code: sign.CertificateURL, Place: place}
		return
	}
	text, err := n.fetch(ctx, url)
	if err == nil {
		var key sign.Key
		if key, err = n.rules.Key(text); err == nil {
			jm.keys = append(jm.keys, key)
			jm.Verdict = n.rules.Verify(m, jm.keys, vo)
			return
		}
	}
	jm.Verdict.Detail = sign.Detail{Code: sign.NoCertificate, Cause: err}
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
