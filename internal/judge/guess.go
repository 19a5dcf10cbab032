package judge

// Which rules count for a request whose scheme is left open.

import (
	"context"
	"slices"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// A sender must not choose how it is verified. Where the scheme is left open, rules count only for keys of their own kind, when
// they cover the whole body, and when they check a time wherever the request carries one.

// maxTries bounds how many rules are tried on one request.
const maxTries = 32

// guess is one search for the rules of a request.
type guess struct {
	*auto
	m    *sign.Message
	vo   sign.VerifyOptions
	best Judgement
	rank int // of the best
}

// Ranks of judgements that are not valid: the more is known, the better.
const (
	rankNone    = iota
	rankBarred  // no key may be used with these rules
	rankTried   // the signature does not hold
	rankTimely  // it holds, and its time is out of the window
	rankRefused // it holds, and may not count
)

// pick verifies with the known schemes. Where none holds, it takes the one that says most.
func (a *auto) pick(m *sign.Message, vo sign.VerifyOptions) Judgement {
	g := guess{auto: a, m: m, vo: vo}
	for i, found := range sign.Detect(m.Header, a.rules) {
		if i == maxTries || g.best.Verdict.OK {
			break
		}
		g.try(found)
	}
	if g.best.Rules == nil && len(m.Body) <= a.patience.body {
		g.inBody()
	}
	if g.best.Rules == nil {
		g.best.Verdict = sign.Verdict{Reason: sign.MissingSignature, KeyIndex: -1, Detail: sign.Detail{Code: sign.NoScheme}}
	}
	return g.best
}

// try verifies with the rules of one scheme and keeps the judgement when it says more than the best.
func (g *guess) try(found sign.Guess) {
	jm := Judgement{Rules: found.Rules, Guess: &Guess{Scheme: found.Rules.Scheme().Name, Confidence: found.Confidence, Why: found.Why}}
	var barred bars
	jm.keys, barred = g.keysFor(jm.Rules)
	g.verify(&jm)
	why, rank := g.refusal(&jm), rankTried
	switch {
	case g.holdsWith(jm.Rules, barred.unbound):
		rank = rankRefused
		jm.refuse(bareFinding(found.Rules.Scheme().Name))
	case !slices.ContainsFunc(jm.keys, func(k sign.Key) bool { return !k.IsZero() }):
		rank, jm.barred = rankBarred, barred.bare
		if texts, _ := g.texts(); jm.Rules.Scheme().Algorithm == scheme.Token {
			barred.inHeader = explain.HeaderOf(g.m, jm.Rules.SigHeaders, texts)
		}
		jm.refuse(barred.finding(jm.Rules, g.m))
	case jm.Verdict.OK && why != nil:
		rank = rankRefused
		jm.refuse(why)
	case jm.timely():
		rank = rankTimely
	}
	if !jm.Verdict.OK && rank <= g.rank {
		return
	}
	if !jm.Verdict.OK && len(jm.first) == 0 {
		jm.last = []explain.Finding{looksLike(found)}
	}
	g.best, g.rank = jm, rank
}

func (g *guess) verify(jm *Judgement) {
	jm.Verdict = jm.Rules.Verify(g.m, jm.keys, g.vo)
	if i := jm.Verdict.KeyIndex; i >= 0 {
		jm.Key = g.keys[i].Label
	}
}

// refuse makes a judgement that does not count as valid. It tells nothing of the keys.
func (jm *Judgement) refuse(why *explain.Finding) {
	jm.first = append(jm.first, *why)
	v := &jm.Verdict
	if v.Reason != sign.Valid && v.Reason != sign.Mismatch && v.Reason != sign.Unverified {
		return // what is missing or malformed stays
	}
	v.OK, v.Reason, v.Detail, v.KeyIndex, v.Warning = false, sign.Mismatch, sign.Words(why.Title), -1, ""
	jm.Key = ""
}

// holdsWith says whether one of the keys made the signature, whatever the time. It explains, and makes nothing valid.
func (g *guess) holdsWith(r *sign.Rules, keys []sign.Key) bool {
	vo := g.vo
	vo.IgnoreTime = true
	return len(keys) > 0 && r.Verify(g.m, keys, vo).OK
}

// bars tells what keeps keys from being used with some rules.
type bars struct {
	bare, public, bound, kind bool
	unbound                   []sign.Key // those that are bare: they could be used once they are bound
	inHeader                  string     // the header whose value is a key itself; "": none
}

// keysFor decodes the keys that may be used with these rules. The others are zero, so that the index of a key stays.
func (a *auto) keysFor(r *sign.Rules) ([]sign.Key, bars) {
	out := make([]sign.Key, len(a.keys))
	var b bars
	for i, k := range a.keys {
		switch {
		case k.Scheme != "" && k.Scheme != r.Scheme().Name:
			b.bound = true
			continue
		case k.Scheme != "":
		case r.Scheme().Algorithm == scheme.Token || r.Scheme().Algorithm.Plain():
			b.kind = true
			continue
		case r.Public() && sign.PublicKind(k.Text) == "":
			b.kind = true
			if sign.MayBePublic(k.Text) {
				b.leaveOut(r, k.Text)
			}
			continue
		case !r.Public() && sign.PublicKind(k.Text) != "":
			b.public = true
			continue
		case !r.Public() && sign.MayBePublic(k.Text):
			b.leaveOut(r, k.Text)
			continue
		}
		if key, err := r.Key(k.Text); err == nil {
			out[i] = key
		}
	}
	return out, b
}

// leaveOut notes a bare key.
func (b *bars) leaveOut(r *sign.Rules, text string) {
	b.bare = true
	if key, err := r.Key(text); err == nil {
		b.unbound = append(b.unbound, key)
	}
}

// refusal says why a valid judgement may not count, or is nil.
func (g *guess) refusal(jm *Judgement) *explain.Finding {
	name := jm.Rules.Scheme().Name
	if jm.Rules.Scheme().Algorithm == scheme.Token {
		return tokenFinding(name)
	}
	if !coversBody(jm.Rules, g.m) {
		return uncoveredFinding(jm.Rules)
	}
	if i := jm.Verdict.KeyIndex; i >= 0 && g.keys[i].Scheme != "" {
		return nil // whoever bound the key has chosen its scheme
	}
	if where := ignoresTime(jm.Rules, g.m, g.rules, &jm.Verdict); where != "" {
		return timeFinding(name, where)
	}
	return nil
}

// coversBody says whether a change of any part of the body would be noticed.
func coversBody(r *sign.Rules, m *sign.Message) bool {
	switch {
	case r.Scheme().Algorithm == scheme.Token:
		return false
	case r.Uses[scheme.PieceBody], r.Uses[scheme.PieceSHA256], r.HashesBody():
		return true
	default:
		return (r.Uses[scheme.PieceForm] || r.Uses[scheme.PieceSorted]) && isForm(m.Header) && !r.LeavesOut(m.Header, m.Body)
	}
}

// inBody looks for schemes whose signature is in the body, which Detect leaves out. They can be named, and never count: of a
// larger body than is worth the time Look finds them behind the answer.
func (g *guess) inBody() {
	for _, r := range g.rules {
		place, ok := r.FitsBody(g.m)
		if !ok {
			continue
		}
		jm := Judgement{Rules: r, Guess: &Guess{Scheme: r.Scheme().Name, Confidence: 0.9, Why: place.String()}}
		jm.keys, _ = g.keysFor(r)
		g.verify(&jm)
		jm.refuse(uncoveredFinding(r))
		g.best = jm
		return
	}
}

// texts are the keys that may have signed for a provider that is in no catalogue, and which of the keys each is.
func (a *auto) texts() (texts []string, index []int) {
	for i, k := range a.keys {
		if k.Scheme == "" && sign.PublicKind(k.Text) == "" {
			texts, index = append(texts, k.Text), append(index, i)
		}
	}
	return texts, index
}

// workOut finds the rules of a provider that is in no catalogue. They count under the same conditions. Its judgement has no rules where
// nothing was found.
func (a *auto) workOut(ctx context.Context, m *sign.Message, vo sign.VerifyOptions) Judgement {
	texts, index := a.texts()
	found := explain.Infer(ctx, m, texts)
	s := found.Scheme
	if s == nil {
		return Judgement{inference: &found}
	}
	r, err := sign.Compile(s)
	if err != nil {
		return Judgement{inference: &found}
	}
	inferred := found.Finding()
	jm := Judgement{Rules: r, keys: make([]sign.Key, len(a.keys)), first: []explain.Finding{inferred}, inference: &found}
	jm.Guess = &Guess{Scheme: s.Name, Why: inferred.Evidence, Inferred: true}
	if jm.keys[index[found.Key]], err = r.Key(texts[found.Key]); err != nil {
		return Judgement{inference: &found}
	}
	g := guess{auto: a, m: m, vo: vo}
	g.verify(&jm)
	why := g.refusal(&jm)
	switch header := explain.TimeHeader(m.Header); {
	case sign.MayBePublic(texts[found.Key]):
		why = bareFinding(s.Name)
	case why == nil && found.Beside:
		why = timeFinding(s.Name, "header "+s.Signature.Header[0])
	case why == nil && s.Timestamp == nil && header != "":
		why = timeFinding(s.Name, "header "+header)
	}
	if jm.Verdict.OK && why != nil {
		jm.refuse(why)
	}
	return jm
}
