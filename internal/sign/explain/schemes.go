package explain

// Other schemes of the catalogue, and tokens in other forms and places.

import (
	"cmp"
	"crypto/subtle"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// otherSchemes tries the other schemes of the catalogue with the same key texts.
func (s *search) otherSchemes(keys []sign.Key) {
	const work = 32 << 10 // what reading and compiling one scheme costs, in bytes of hashing
	var others []*sign.Rules
	for _, name := range scheme.Fitting(s.m.Header) {
		if name == s.r.Scheme().Name || !s.spend(work) {
			continue
		}
		if r := s.otherRules(name); r != nil {
			others = append(others, r)
		}
	}
	slices.SortStableFunc(others, func(a, b *sign.Rules) int {
		return cmp.Or(cmp.Compare(b.Fit(s.m.Header), a.Fit(s.m.Header)), sign.Likelier(a, b))
	})
	fit := s.r.Fit(s.m.Header)
	o := s.o.VerifyOptions
	o.IgnoreTime = true
	var found []*sign.Rules // a scheme that signs as one of them explains nothing more
	for _, r := range others {
		other := sameTexts(r, keys)
		known := slices.ContainsFunc(found, func(f *sign.Rules) bool { return sameDigest(f.Scheme(), r.Scheme()) })
		if known || len(other) == 0 || !s.spend(len(other)*len(s.m.Body)) {
			continue
		}
		s.tried++
		if r.Verify(s.m, other, o).OK {
			found = append(found, r)
			s.note(s.schemeMistake(r, r.Fit(s.m.Header)-fit))
		}
	}
}

// otherRules compiles a built-in scheme; nil when the message cannot be of that one, or it is the same by another name.
func (s *search) otherRules(name string) *sign.Rules {
	spec, err := scheme.Builtin(name)
	if err != nil {
		return nil
	}
	r, err := sign.Compile(spec)
	if err != nil || sameRules(r.Scheme(), s.r.Scheme()) || !r.Present(s.m.Header) || r.Scheme().Twin() && len(r.Marks()) == 0 {
		return nil
	}
	if _, fits := r.FitsBody(s.m); r.SignsInBody() && !fits {
		return nil
	}
	return r
}

// sameTexts decodes the keys' texts by these rules. It leaves out those that cannot be keys here.
func sameTexts(r *sign.Rules, keys []sign.Key) []sign.Key {
	var out []sign.Key
	for _, k := range keys {
		text, _ := k.Reveal()
		if decoded, err := r.Key(text); err == nil {
			out = append(out, decoded)
		}
	}
	return out
}

// schemeMistake ranks another scheme by how much better it fits the headers.
func (s *search) schemeMistake(r *sign.Rules, better int) *mistake {
	name := r.Scheme().Name
	a := &mistake{
		id: "scheme." + name, title: "it was signed by another scheme", evidence: "as " + schemeNamed(r.Scheme()), fix: "use --scheme " + name,
	}
	family, _, _ := strings.Cut(name, ".")
	inUse, _, _ := strings.Cut(s.r.Scheme().Name, ".")
	switch {
	case better > 0 || better == 0 && family == inUse:
		a.rank = rankBetterScheme
	case better == 0:
		a.rank = rankEqualScheme
	default:
		a.rank = rankWorseScheme
	}
	return a
}

// schemeNamed is a scheme's name, with what its title adds, and where its signature stands if that is the body.
func schemeNamed(s *scheme.Scheme) string {
	out := s.Name
	if bare := strings.ToLower(strings.ReplaceAll(s.Title, " ", "-")); s.Title != "" && bare != s.Name {
		out += " (" + s.Title + ")"
	}
	if s.Like != "" {
		out += ", which signs like " + s.Like
	}
	if s.Signature.JSON != "" {
		out += ", which signs parts of the body and has its signature there, at " + joinWords(s.Items, s.Signature.JSON, ": ")
	}
	return out
}

// relative names a scheme of the same provider whose signature stands in the body, where this body has one; "" when there is none.
func (s *search) relative() (name, evidence string) {
	family, _, _ := strings.Cut(s.r.Scheme().Name, ".")
	if s.v.Reason != sign.MissingSignature || s.r.SigPath != nil {
		return "", ""
	}
	for _, other := range scheme.BuiltinNames() {
		if rest, ok := strings.CutPrefix(other, family); !ok || !strings.HasPrefix(rest, ".") {
			continue
		}
		r := s.otherRules(other)
		if r == nil || r.SigPath == nil {
			continue
		}
		if v := r.Verify(s.m, []sign.Key{{}}, s.o.VerifyOptions); v.Reason == sign.Mismatch {
			return other, "no header is lost: the body has the signature of " + schemeNamed(r.Scheme())
		}
	}
	return "", ""
}

// sameRules says whether two schemes sign the same way, so that naming the other one would not help.
func sameRules(a, b *scheme.Scheme) bool {
	return reflect.DeepEqual(a.JWT, b.JWT) && reflect.DeepEqual(a.MessageSignature, b.MessageSignature) &&
		a.Content == b.Content && a.Algorithm == b.Algorithm && a.Key.Same(&b.Key) && slices.Equal(a.Signature.Header, b.Signature.Header) &&
		a.Signature.Item == b.Signature.Item && a.Signature.Encoding == b.Signature.Encoding && a.Signature.Prefix == b.Signature.Prefix
}

// sameDigest says whether two schemes make the same of a message, wherever they put it.
func sameDigest(a, b *scheme.Scheme) bool {
	return a.Content == b.Content && a.Algorithm == b.Algorithm && a.Key.Encoding == b.Key.Encoding && a.Key.Prefix == b.Key.Prefix
}

// tokens tries the shared token of a token scheme in other forms and places.
func (s *search) tokens() {
	for _, p := range s.tokenPlaces() {
		for _, v := range p.values {
			for _, form := range tokenForms(v) {
				s.tryToken(p, form)
			}
		}
	}
}

// tokenPlaces are the scheme's headers, and then all there are.
func (s *search) tokenPlaces() []*place {
	var out []*place
	for _, h := range slices.Concat(s.r.SigHeaders, slices.Sorted(maps.Keys(s.m.Header))) {
		p := &place{name: h, values: scheme.HeaderValues(s.m.Header, h)}
		switch {
		case slices.Contains(s.r.SigHeaders, scheme.CanonicalHeader(h)):
		case usualName(h):
			p.wrong = s.elsewhere("token", h)
		default:
			continue
		}
		out = append(out, p)
	}
	return out
}

// tokenForm is a header's value, or what is left of it without what is wrapped around.
type tokenForm struct {
	value   string
	prefix  string // what stands before it
	wrapped bool
	set     string // what to set in a scheme that has it so; "" when none can
}

func tokenForms(v string) []tokenForm {
	v = scheme.TrimBlanks(v)
	forms := []tokenForm{{value: v}}
	for _, word := range []string{"bearer ", "token ", "basic "} {
		if rest, ok := cutFold(v, word); ok {
			forms = append(forms, tokenForm{strings.TrimSpace(rest), v[:len(word)], true, "signature.prefix: " + scheme.Quote(v[:len(word)])})
		}
	}
	if u := sign.Unquote(v); u != v {
		forms = append(forms, tokenForm{value: u, wrapped: true})
	}
	if un, err := url.QueryUnescape(v); err == nil && un != v {
		forms = append(forms, tokenForm{value: un, wrapped: true})
	}
	return forms
}

func (s *search) tryToken(p *place, form tokenForm) {
	for i := range s.keys {
		k := &s.keys[i]
		s.tried++
		if subtle.ConstantTimeCompare([]byte(form.value), k.Raw) != 1 {
			continue
		}
		var shape *mistake
		if form.wrapped {
			shape = &mistake{
				id: "token.wrapped", rank: rankShape, title: "the token is wrapped", evidence: "without the word, quotes or escapes around it",
				fix: "what sends it must send the token alone", set: form.set,
			}
		}
		s.note(k.why, p.wrong, shape)
	}
}
