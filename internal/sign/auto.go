package sign

import (
	"context"
	"slices"
)

// A sender must not choose how it is verified. With the scheme left open, a rule counts only for keys of its own kind, when
// it covers the whole body, and when it keeps a time window wherever the request carries a time.

// AutoKey is a key for a scheme that is still to be found.
type AutoKey struct {
	Text   string
	Scheme string // the scheme that the key is bound to; "" for a key that goes by its kind
}

// AutoResult is what was found for a request whose scheme was left open.
type AutoResult struct {
	Rules   *Rules // nil when nothing fits
	Keys    []Key  // one for each key as given; those that may not be used here are zero
	Guess   Guess  // why these rules; its Rules are nil for rules that were worked out
	Verdict Verdict
	Finding *Finding // why no rule may say valid; nil when one does, or none fits
}

// maxAutoTries bounds how many rules are tried on one request.
const maxAutoTries = 16

// Auto finds the rules of a request among the candidates and verifies it.
func Auto(m *Message, candidates []*Rules, keys []AutoKey, o VerifyOptions) AutoResult {
	a := auto{m: m, candidates: candidates, keys: keys, o: o}
	tries := 0
	for _, g := range Detect(m.Header, candidates) {
		if tries++; tries > maxAutoTries {
			break
		}
		if a.try(g); a.best.Verdict.OK {
			return a.best
		}
	}
	a.bodySchemes()
	return a.best
}

// auto is one search.
type auto struct {
	m          *Message
	candidates []*Rules
	keys       []AutoKey
	o          VerifyOptions
	best       AutoResult
	rank       int // of the best so far
}

// Ranks of results that are not valid: the more is known, the better.
const (
	rankNone    = iota
	rankBarred  // no key may be used with these rules
	rankTried   // the signature does not hold
	rankTimely  // it holds, and its time is out of the window
	rankRefused // it holds, and may not count
)

// try verifies by one guess and keeps what came of it when it says more than what is known.
func (a *auto) try(g Guess) {
	r := AutoResult{Rules: g.Rules, Guess: g}
	var bar bars
	r.Keys, bar = g.Rules.autoKeys(a.keys)
	r.Verdict = g.Rules.Verify(a.m, r.Keys, a.o)
	rank := rankTried
	switch why := g.Rules.autoRefusal(a.m, &r, a); {
	case !usable(r.Keys):
		rank = rankBarred
		r.Finding = a.barred(g.Rules, bar)
		r.Verdict = refusedVerdict(r.Verdict, r.Finding.Title)
	case r.Verdict.OK && why != nil:
		rank = rankRefused
		r.Finding = why
		r.Verdict = refusedVerdict(r.Verdict, why.Title)
	case r.Verdict.Reason == TooOld || r.Verdict.Reason == TooNew:
		rank = rankTimely
	}
	if r.Verdict.OK || rank > a.rank {
		if r.Finding == nil && !r.Verdict.OK {
			r.Finding = looksLike(g)
		}
		a.best, a.rank = r, rank
	}
}

func usable(keys []Key) bool {
	return slices.ContainsFunc(keys, func(k Key) bool { return k.k != nil })
}

// refusedVerdict turns a verdict into a mismatch that gives nothing away of the keys.
func refusedVerdict(v Verdict, detail string) Verdict {
	if v.Reason != Valid && v.Reason != Mismatch && v.Reason != Unverified {
		return v // what is missing or malformed is said as it is
	}
	v.OK, v.Reason, v.Detail, v.KeyIndex, v.Warning = false, Mismatch, detail, -1, ""
	return v
}

// bars says what kept keys from being used with some rules.
type bars struct{ bare, public, bound, kind bool }

// autoKeys decodes the keys that may be used with these rules. The others are zero, so that the index of a key stays what it is.
func (r *Rules) autoKeys(keys []AutoKey) ([]Key, bars) {
	out := make([]Key, len(keys))
	var b bars
	for i, k := range keys {
		switch {
		case k.Scheme != "" && k.Scheme != r.scheme.Name:
			b.bound = true
			continue
		case k.Scheme != "":
		case r.scheme.Algorithm == Token || r.scheme.Algorithm == SHA256:
			b.kind = true
			continue
		case r.public() && publicKind(k.Text) == "":
			b.bare, b.kind = b.bare || MayBePublic(k.Text), true
			continue
		case !r.public() && publicKind(k.Text) != "":
			b.public = true
			continue
		case !r.public() && MayBePublic(k.Text):
			b.bare = true
			continue
		}
		if key, err := r.Key(k.Text); err == nil {
			out[i] = key
		}
	}
	return out, b
}

// autoRefusal says why a verdict of these rules may not count as valid, or is nil.
func (r *Rules) autoRefusal(m *Message, res *AutoResult, a *auto) *Finding {
	name := r.scheme.Name
	if r.scheme.Algorithm == Token {
		return tokenFinding(name)
	}
	if !r.coversBody(m) {
		return uncoveredFinding(name)
	}
	if i := res.Verdict.KeyIndex; i >= 0 && i < len(a.keys) && a.keys[i].Scheme != "" {
		return nil // whoever bound the key has said how it is to be used
	}
	if where := r.ignoresTime(m, a.candidates, &res.Verdict); where != "" {
		return timeFinding(name, where)
	}
	return nil
}

// coversBody says whether a change of any part of the body would be noticed.
func (r *Rules) coversBody(m *Message) bool {
	switch {
	case r.scheme.Algorithm == Token:
		return false
	case r.uses[tokBody], r.scheme.BodyHash != nil:
		return true
	default:
		return r.uses[tokForm] && isForm(m.Header)
	}
}

// bodySchemes looks for schemes whose signature stands in the body, which Detect leaves out: they can be named, and never count.
func (a *auto) bodySchemes() {
	if a.best.Rules != nil {
		return
	}
	for _, r := range a.candidates {
		if r.sigPath == nil || r.uses[tokBody] {
			continue
		}
		if v, ok := lookupJSON(a.m.Body, r.sigPath); !ok || v == "" {
			continue
		}
		g := Guess{Rules: r, Why: "the body's " + r.scheme.Signature.JSON}
		keys, _ := r.autoKeys(a.keys)
		f := uncoveredFinding(r.scheme.Name)
		v := refusedVerdict(r.Verify(a.m, keys, a.o), f.Title)
		a.best = AutoResult{Rules: r, Keys: keys, Guess: g, Verdict: v, Finding: f}
		return
	}
}

// AutoInfer works out the rules of a provider that is in no catalogue. It says valid under the same conditions.
func AutoInfer(ctx context.Context, m *Message, candidates []*Rules, keys []AutoKey, o VerifyOptions) (AutoResult, *Scheme, bool) {
	texts, index := []string{}, []int{}
	for i, k := range keys {
		if k.Scheme == "" && publicKind(k.Text) == "" {
			texts, index = append(texts, k.Text), append(index, i)
		}
	}
	s, i, ok := Infer(ctx, m, texts)
	if !ok {
		return AutoResult{}, nil, false
	}
	r, err := Compile(s)
	if err != nil {
		return AutoResult{}, nil, false
	}
	a := auto{m: m, candidates: candidates, keys: keys, o: o}
	res := AutoResult{Rules: r, Keys: make([]Key, len(keys))}
	text := keys[index[i]].Text
	if res.Keys[index[i]], err = r.Key(text); err != nil {
		return AutoResult{}, nil, false
	}
	res.Verdict = r.Verify(m, res.Keys, o)
	why := r.autoRefusal(m, &res, &a)
	switch {
	case MayBePublic(text):
		why = bareFinding(s.Name)
	case why == nil && r.scheme.Timestamp == nil && len(inferTimes(m.Header)) > 0:
		why = timeFinding(s.Name, "header "+inferTimes(m.Header)[0].Header[0])
	}
	if res.Verdict.OK && why != nil {
		res.Finding, res.Verdict = why, refusedVerdict(res.Verdict, why.Title)
	}
	return res, s, true
}
