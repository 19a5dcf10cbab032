package explain

import (
	"context"
	"slices"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
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
	Rules   *sign.Rules // nil when nothing fits
	Keys    []sign.Key  // one for each key as given; those that may not be used here are zero
	Guess   sign.Guess  // why these rules; its Rules are nil for rules that were worked out
	Verdict sign.Verdict
	Finding *Finding // why no rule may say valid; nil when one does, or none fits
}

// maxAutoTries bounds how many rules are tried on one request.
const maxAutoTries = 16

// Auto finds the rules of a request among the candidates and verifies it.
func Auto(m *sign.Message, candidates []*sign.Rules, keys []AutoKey, o sign.VerifyOptions) AutoResult {
	a := auto{m: m, candidates: candidates, keys: keys, o: o}
	tries := 0
	for _, g := range sign.Detect(m.Header, candidates) {
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
	m          *sign.Message
	candidates []*sign.Rules
	keys       []AutoKey
	o          sign.VerifyOptions
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
func (a *auto) try(g sign.Guess) {
	r := AutoResult{Rules: g.Rules, Guess: g}
	var bar bars
	r.Keys, bar = autoKeys(g.Rules, a.keys)
	r.Verdict = g.Rules.Verify(a.m, r.Keys, a.o)
	rank := rankTried
	switch why := autoRefusal(g.Rules, a.m, &r, a); {
	case !usable(r.Keys):
		rank = rankBarred
		r.Finding = a.barred(g.Rules, bar)
		r.Verdict = refusedVerdict(r.Verdict, r.Finding.Title)
	case r.Verdict.OK && why != nil:
		rank = rankRefused
		r.Finding = why
		r.Verdict = refusedVerdict(r.Verdict, why.Title)
	case r.Verdict.Reason == sign.TooOld || r.Verdict.Reason == sign.TooNew:
		rank = rankTimely
	}
	if r.Verdict.OK || rank > a.rank {
		if r.Finding == nil && !r.Verdict.OK {
			r.Finding = looksLike(g)
		}
		a.best, a.rank = r, rank
	}
}

func usable(keys []sign.Key) bool {
	return slices.ContainsFunc(keys, func(k sign.Key) bool { return !k.IsZero() })
}

// refusedVerdict turns a verdict into a mismatch that gives nothing away of the keys.
func refusedVerdict(v sign.Verdict, detail string) sign.Verdict {
	if v.Reason != sign.Valid && v.Reason != sign.Mismatch && v.Reason != sign.Unverified {
		return v // what is missing or malformed is said as it is
	}
	v.OK, v.Reason, v.Detail, v.KeyIndex, v.Warning = false, sign.Mismatch, detail, -1, ""
	return v
}

// bars says what kept keys from being used with some rules.
type bars struct{ bare, public, bound, kind bool }

// autoKeys decodes the keys that may be used with these rules. The others are zero, so that the index of a key stays what it is.
func autoKeys(r *sign.Rules, keys []AutoKey) ([]sign.Key, bars) {
	out := make([]sign.Key, len(keys))
	var b bars
	for i, k := range keys {
		switch {
		case k.Scheme != "" && k.Scheme != r.Scheme().Name:
			b.bound = true
			continue
		case k.Scheme != "":
		case r.Scheme().Algorithm == scheme.Token || r.Scheme().Algorithm == scheme.SHA256:
			b.kind = true
			continue
		case r.Public() && sign.PublicKind(k.Text) == "":
			b.bare, b.kind = b.bare || sign.MayBePublic(k.Text), true
			continue
		case !r.Public() && sign.PublicKind(k.Text) != "":
			b.public = true
			continue
		case !r.Public() && sign.MayBePublic(k.Text):
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
func autoRefusal(r *sign.Rules, m *sign.Message, res *AutoResult, a *auto) *Finding {
	name := r.Scheme().Name
	if r.Scheme().Algorithm == scheme.Token {
		return tokenFinding(name)
	}
	if !coversBody(r, m) {
		return uncoveredFinding(name)
	}
	if i := res.Verdict.KeyIndex; i >= 0 && i < len(a.keys) && a.keys[i].Scheme != "" {
		return nil // whoever bound the key has said how it is to be used
	}
	if where := ignoresTime(r, m, a.candidates, &res.Verdict); where != "" {
		return timeFinding(name, where)
	}
	return nil
}

// coversBody says whether a change of any part of the body would be noticed.
func coversBody(r *sign.Rules, m *sign.Message) bool {
	switch {
	case r.Scheme().Algorithm == scheme.Token:
		return false
	case r.Uses[scheme.PieceBody], r.Scheme().BodyHash != nil:
		return true
	default:
		return r.Uses[scheme.PieceForm] && isForm(m.Header)
	}
}

// bodySchemes looks for schemes whose signature stands in the body, which Detect leaves out: they can be named, and never count.
func (a *auto) bodySchemes() {
	if a.best.Rules != nil {
		return
	}
	for _, r := range a.candidates {
		if r.SigPath == nil || r.Uses[scheme.PieceBody] {
			continue
		}
		if v, ok := scheme.Lookup(a.m.Body, r.SigPath); !ok || v == "" {
			continue
		}
		g := sign.Guess{Rules: r, Why: "the body's " + r.Scheme().Signature.JSON}
		keys, _ := autoKeys(r, a.keys)
		f := uncoveredFinding(r.Scheme().Name)
		v := refusedVerdict(r.Verify(a.m, keys, a.o), f.Title)
		a.best = AutoResult{Rules: r, Keys: keys, Guess: g, Verdict: v, Finding: f}
		return
	}
}

// AutoInfer works out the rules of a provider that is in no catalogue. It says valid under the same conditions.
func AutoInfer(ctx context.Context, m *sign.Message, candidates []*sign.Rules, keys []AutoKey, o sign.VerifyOptions) (AutoResult, *scheme.Scheme, bool) {
	texts, index := []string{}, []int{}
	for i, k := range keys {
		if k.Scheme == "" && sign.PublicKind(k.Text) == "" {
			texts, index = append(texts, k.Text), append(index, i)
		}
	}
	s, i, ok := Infer(ctx, m, texts)
	if !ok {
		return AutoResult{}, nil, false
	}
	r, err := sign.Compile(s)
	if err != nil {
		return AutoResult{}, nil, false
	}
	a := auto{m: m, candidates: candidates, keys: keys, o: o}
	res := AutoResult{Rules: r, Keys: make([]sign.Key, len(keys))}
	text := keys[index[i]].Text
	if res.Keys[index[i]], err = r.Key(text); err != nil {
		return AutoResult{}, nil, false
	}
	res.Verdict = r.Verify(m, res.Keys, o)
	why := autoRefusal(r, m, &res, &a)
	switch {
	case sign.MayBePublic(text):
		why = bareFinding(s.Name)
	case why == nil && r.Scheme().Timestamp == nil && len(inferTimes(m.Header)) > 0:
		why = timeFinding(s.Name, "header "+inferTimes(m.Header)[0].Header[0])
	}
	if res.Verdict.OK && why != nil {
		res.Finding, res.Verdict = why, refusedVerdict(res.Verdict, why.Title)
	}
	return res, s, true
}
