package explain

// The rules of a provider that is in no catalogue, worked out.

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

const (
	maxInferTries = 40_000
	maxInferValue = 2 << 10 // bytes of a header's value
	inferredName  = "my-provider"
)

// Inference is what came of looking for the rules of an unknown provider.
type Inference struct {
	Scheme *scheme.Scheme // nil: nothing was found
	Key    int            // the index of the text that is the key
	Tried  int            // ways of signing that were tried
	Beside bool           // a time stands beside the signature, and the rules that were found have none
	CutOff bool           // the context ended the search early
	places []inferPlace
	body   *mistake // what was done to the body; nil: nothing
}

// Infer looks for rules under which one of the key texts made the message's signature, for providers that are in no
// catalogue: every header that holds something of a digest's length, the usual contents, forms of a time, and forms of a
// key. Public-key signatures are not looked for. The context bounds its time.
func Infer(ctx context.Context, m *sign.Message, keys []string) Inference {
	f, ok := newInferring(ctx, m, keys)
	if !ok {
		return Inference{}
	}
	texts := f.allTexts(untimedForms(m), timedForms(m))
	for i := range f.out.places {
		if f.place(&f.out.places[i], texts) {
			break
		}
	}
	return f.out
}

// InferChanged looks for rules under which one of the key texts signed another body than the one that arrived: the usual mistakes that
// are made with a body, each with the likeliest contents. What it finds proves nothing about the body that arrived.
func InferChanged(ctx context.Context, m *sign.Message, keys []string) Inference {
	f, ok := newInferring(ctx, m, keys)
	if !ok {
		return Inference{}
	}
	s := &search{r: f.rules, m: m, o: &Options{}, v: &sign.Verdict{}, ctx: ctx, left: minWork}
	bodies := s.bodies()
	defer bodies.close()
	texts := f.allTexts(contentForms{plain: []contentForm{{theBody}}}, likelyForms())
	for body := range bodies.span(0, maxBodies) {
		if f.body = body; f.changed(s, texts) || s.cutOff {
			break
		}
	}
	f.out.CutOff = f.out.CutOff || s.cutOff
	return f.out
}

// InferPlain looks for a plain hash that one of the key texts is part of. Such rules are of another kind than HMAC, so they are named only.
func InferPlain(ctx context.Context, m *sign.Message, keys []string) Inference {
	f, ok := newInferring(ctx, m, keys)
	if !ok {
		return Inference{}
	}
	for i := range f.out.places {
		p := &f.out.places[i]
		p.algorithm = p.algorithm.Unkeyed()
		for j := range f.keys {
			if key := &f.keys[j]; key.spec.Encoding == scheme.UTF8 && f.plain(p, key) {
				return f.out
			}
		}
	}
	return f.out
}

// plain tries the usual hashes of key, body and time.
func (f *inferring) plain(p *inferPlace, key *inferKey) bool {
	for _, form := range []contentForm{
		{theSecret, theBody}, {theBody, theSecret}, {theSecret, ".", theBody}, {theBody, ".", theSecret}, {theSecret, ":", theBody}, {theBody, ":", theSecret},
	} {
		if f.over() || f.found(p, &inferText{form: form}, key) {
			return true
		}
	}
	times := slices.Concat(p.times, f.moments)
	for i := range times {
		for _, form := range []contentForm{
			{theSecret, theTime, theBody},
			{theTime, theBody, theSecret},
			{theTime, theSecret, theBody},
			{theBody, theTime, theSecret},
			{theTime, ".", theBody, ".", theSecret},
			{theSecret, ".", theTime, ".", theBody},
		} {
			if f.over() || f.found(p, &inferText{form: form, time: &times[i]}, key) {
				return true
			}
		}
	}
	return false
}

// likelyForms are those that are tried with each changed body.
func likelyForms() contentForms {
	return contentForms{
		plain:  []contentForm{{theTime, ".", theBody}, {theTime, theBody}, {theTime, ":", theBody}, {theBody, theTime}},
		withID: []contentForm{{theID, ".", theTime, ".", theBody}, {theTime, ".", theID, ".", theBody}},
	}
}

// changed tries the texts with a changed body.
func (f *inferring) changed(s *search, texts *inferTexts) bool {
	for i := range f.out.places {
		if !s.spend(len(f.body.b) * 2 * len(f.keys)) {
			return false
		}
		if f.place(&f.out.places[i], texts) {
			return true
		}
	}
	return false
}

// inferring is one such search at work.
type inferring struct {
	ctx     context.Context //nolint:containedctx // one search, one context: it lives as long as the call
	m       *sign.Message
	rules   *sign.Rules // of a keyed hash: what computes a digest
	keys    []inferKey
	moments []inferTime
	ids     []inferID
	body    *bodyVariant
	worked  int64 // as a search counts it
	out     Inference
}

// inferKey is a text, read in one of the forms of keys.
type inferKey struct {
	index int // of the text
	text  string
	spec  scheme.KeySpec
	sign.CaseKey
}

// newInferring prepares a search. It is false when nothing in the headers can be a signature.
func newInferring(ctx context.Context, m *sign.Message, keys []string) (*inferring, bool) {
	places := inferPlaces(m.Header)
	if len(places) == 0 {
		return nil, false
	}
	rules, err := sign.Compile(&scheme.Scheme{Content: "{body}", Signature: scheme.SignatureSpec{Header: scheme.Names{"X"}}})
	if err != nil {
		return nil, false
	}
	f := &inferring{ctx: ctx, m: m, rules: rules, moments: inferTimes(m.Header), ids: inferIDs(m.Header), body: &bodyVariant{b: m.Body}}
	f.out.places = places
	for i, text := range keys {
		for _, spec := range inferKeys(text) {
			rest, _ := spec.Strip(text)
			if raw, problem := spec.Bytes(rest); problem == "" {
				f.keys = append(f.keys, inferKey{i, text, spec, sign.CaseKey{Raw: raw}})
			}
		}
	}
	return f, true
}

// over counts a try, and says whether the context ends the search before it.
func (f *inferring) over() bool {
	if Over(f.ctx, f.worked) {
		return true
	}
	f.out.Tried++
	f.worked += int64(len(f.body.b)) + perTry
	return false
}

// place tries the texts at one place. It says whether one of them made the signature that stands there, or the search is over.
func (f *inferring) place(p *inferPlace, texts *inferTexts) bool {
	if f.each(p, texts.untimed) {
		return true
	}
	for i := range p.times {
		if f.each(p, f.texts(&p.times[i], texts.timed)) {
			return true
		}
	}
	return slices.ContainsFunc(texts.moments, func(timed []inferText) bool { return f.each(p, timed) })
}

// each tries the texts with each key.
func (f *inferring) each(p *inferPlace, texts []inferText) bool {
	for i := range texts {
		for j := range f.keys {
			t, key := &texts[i], &f.keys[j]
			if f.out.Tried >= maxInferTries || f.over() {
				f.out.CutOff = true
				return true
			}
			c := sign.Case{Key: &key.CaseKey, Digest: sign.Digest{Algorithm: p.algorithm}, Before: t.before, Body: f.body.b, After: t.after}
			if !t.hasBody {
				c.Body = nil
			}
			if trial := f.rules.Try(&c); trial.Is(p.raw) && f.found(p, t, key) {
				return true
			}
		}
	}
	return false
}

// found keeps the rules when they verify the message.
func (f *inferring) found(p *inferPlace, t *inferText, key *inferKey) bool {
	s := &scheme.Scheme{Name: inferredName, Algorithm: p.algorithm, Content: t.form.template(), Signature: p.spec, Key: key.spec}
	if t.time != nil {
		s.Timestamp = &t.time.spec
		if t.time.sigItem != "" {
			s.Signature.Separator, s.Signature.Item = ",", t.time.sigItem
		}
	}
	if t.id != nil {
		s.ID = &t.id.spec
	}
	r, err := sign.Compile(s)
	if err != nil {
		return false
	}
	k, err := r.Key(key.text)
	m := *f.m
	m.Body = f.body.b
	if err != nil || !r.Verify(&m, []sign.Key{k}, sign.VerifyOptions{IgnoreTime: true, Now: time.Now()}).OK {
		return false
	}
	f.out.Scheme, f.out.Key, f.out.body = s, key.index, f.body.why
	f.out.Beside = p.timed && s.Timestamp == nil
	return true
}

func inferKeys(text string) []scheme.KeySpec {
	out := []scheme.KeySpec{{Encoding: scheme.UTF8}}
	if rest, ok := strings.CutPrefix(text, "whsec_"); ok {
		out = append(out, scheme.KeySpec{Encoding: scheme.Base64, Prefix: "whsec_"}, scheme.KeySpec{Encoding: scheme.UTF8, Prefix: "whsec_"})
		text = rest
	} else if len(text) >= 16 {
		out = append(out, scheme.KeySpec{Encoding: scheme.Base64})
	}
	if _, err := hex.DecodeString(text); err == nil && len(text) >= 16 {
		out = append(out, scheme.KeySpec{Encoding: scheme.Hex})
	}
	return out
}
