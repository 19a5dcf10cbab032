package sign

import (
	"crypto/subtle"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// otherSchemes looks whether the message is right by another scheme of the catalogue, with the same key text.
func (s *search) otherSchemes(keys []Key) {
	const work = 32 << 10 // what reading and compiling one scheme costs, in bytes of hashing
	own := headerPoints(s.m.Header, s.r)
	o := *s.o
	o.IgnoreTime = true
	for _, name := range BuiltinNames() {
		if name == s.r.scheme.Name || !s.spend(work) {
			continue
		}
		r := s.otherRules(name)
		if r == nil {
			continue
		}
		other := r.sameTexts(keys)
		if len(other) == 0 || !s.spend(len(other)*len(s.m.Body)) {
			continue
		}
		s.tried++
		if r.Verify(s.m, other, o).OK {
			s.note(s.schemeMistake(name, headerPoints(s.m.Header, r)-own))
		}
	}
}

// otherRules compiles a built-in scheme; nil when the message cannot be of that one, or it is the same by another name.
func (s *search) otherRules(name string) *Rules {
	spec, err := Builtin(name)
	if err != nil {
		return nil
	}
	r, err := Compile(spec)
	if err != nil || sameRules(&r.scheme, &s.r.scheme) || !r.present(s.m.Header) {
		return nil
	}
	return r
}

// sameTexts decodes the keys' texts by these rules, leaving out what is no key here.
func (r *Rules) sameTexts(keys []Key) []Key {
	var out []Key
	for _, k := range keys {
		if k.k == nil {
			continue
		}
		if decoded, err := r.Key(k.k.text); err == nil {
			out = append(out, decoded)
		}
	}
	return out
}

// schemeMistake ranks another scheme by how much better it fits the headers.
func (s *search) schemeMistake(name string, better int) *assumption {
	a := &assumption{
		id: "scheme." + name, title: "it was signed by another scheme", evidence: "it matches as " + name, fix: "use --scheme " + name,
	}
	family, _, _ := strings.Cut(name, ".")
	own, _, _ := strings.Cut(s.r.scheme.Name, ".")
	switch {
	case better > 0 || better == 0 && family == own:
		a.rank = 9
	case better == 0:
		a.rank = 26 // behind a key that is wrong, before a text that is
	default:
		a.rank = 45 // it leaves headers unexplained that the scheme in use explains
	}
	return a
}

// sameRules says whether two schemes sign the same way, so that naming the other one would not help.
func sameRules(a, b *Scheme) bool {
	return a.Content == b.Content && a.Algorithm == b.Algorithm && a.Key == b.Key && slices.Equal(a.Signature.Header, b.Signature.Header) &&
		a.Signature.Item == b.Signature.Item && a.Signature.Encoding == b.Signature.Encoding && a.Signature.Prefix == b.Signature.Prefix
}

// present says whether one of the scheme's signature headers is there. Schemes that sign inside the body are always.
func (r *Rules) present(header map[string][]string) bool {
	return r.sigPath != nil || slices.ContainsFunc(r.sigHeaders, func(h string) bool { return headerValue(header, h) != "" })
}

// tokens looks for the shared token of a token scheme in other forms and places.
func (s *search) tokens() {
	for _, h := range slices.Concat(s.r.sigHeaders, slices.Sorted(maps.Keys(s.m.Header))) {
		own := slices.Contains(s.r.sigHeaders, canonical(h))
		if !own && !usualName(h) {
			continue
		}
		for _, v := range headerValues(s.m.Header, h) {
			for _, form := range tokenForms(v) {
				s.tryToken(h, form, own)
			}
		}
	}
}

// tokenForms are a header's value and the ways it may be wrapped, each with what to set in a scheme that has it so.
func tokenForms(v string) []named {
	const unknown = "?"
	v = trimBlanks(v)
	forms := []named{{"", v}}
	for _, word := range []string{"bearer ", "token ", "basic "} {
		if rest, ok := cutFold(v, word); ok {
			forms = append(forms, named{"signature.prefix: " + quote(v[:len(word)]), strings.TrimSpace(rest)})
		}
	}
	if u := unquote(v); u != v {
		forms = append(forms, named{unknown, u})
	}
	if un, err := url.QueryUnescape(v); err == nil && un != v {
		forms = append(forms, named{unknown, un})
	}
	return forms
}

func (s *search) tryToken(header string, form named, own bool) {
	for i := range s.keys {
		k := &s.keys[i]
		s.tried++
		if subtle.ConstantTimeCompare([]byte(form.value), k.raw) != 1 {
			continue
		}
		var place, shape *assumption
		if !own {
			place = &assumption{
				id: "signature.other_header", rank: 35, title: "the token stands in another header", evidence: "it matches the value of " + quote(header),
				fix: "look what renames " + s.sigPlace() + " on its way", foreign: true,
			}
			if validHeaderName(header) {
				place.set = "signature.header: " + header
			}
		}
		if form.name != "" {
			shape = &assumption{
				id: "token.wrapped", rank: 12, title: "the token is wrapped", evidence: "it matches without the word, quotes or escapes around it",
				fix: "what sends it must send the token alone", set: strings.TrimPrefix(form.name, "?"),
			}
		}
		s.note(k.a, place, shape)
	}
}
