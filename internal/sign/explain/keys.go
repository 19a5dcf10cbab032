package explain

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// keyVariant is one key that may have been used.
type keyVariant struct {
	a *assumption // nil: the key as given
	sign.CaseKey
}

// keyVariants lists the keys: as given, then other known ones, then each given one changed in the usual ways.
func (s *search) keyVariants(keys []sign.Key) []keyVariant {
	var out []keyVariant
	add := func(a *assumption, raw []byte, public sign.Key) {
		same := func(o keyVariant) bool { return string(o.Raw) == string(raw) }
		if len(raw) > 0 && !slices.ContainsFunc(out, same) {
			out = append(out, keyVariant{a: a, CaseKey: sign.CaseKey{Raw: raw, Key: public}})
		}
	}
	for _, k := range keys {
		if s.r.Takes(k) {
			_, raw := k.Reveal()
			add(nil, raw, k)
		}
	}
	for _, o := range s.o.OtherKeys {
		if s.r.Takes(o.Key) {
			_, raw := o.Key.Reveal()
			add(o.assumption(s.o.Now), raw, o.Key)
		}
	}
	if s.r.Public() {
		s.seeds(keys, add)
		return out
	}
	for _, k := range keys {
		if s.r.Takes(k) {
			text, _ := k.Reveal()
			s.changedKeys(text, func(a *assumption, raw []byte) { add(a, raw, sign.Key{}) })
		}
	}
	return out
}

// seeds takes what was given as public key for the private seed, which has the same length.
func (s *search) seeds(keys []sign.Key, add func(*assumption, []byte, sign.Key)) {
	for _, k := range keys {
		_, raw := k.Reveal()
		if s.r.Scheme().Algorithm != scheme.Ed25519 || len(raw) != ed25519.SeedSize {
			continue
		}
		private, ok := s.r.KeyOf(raw, true)
		if !ok {
			continue
		}
		add(&assumption{
			id: "key.private", rank: 2, title: "the private key was given in place of the public one", evidence: "with the public key that belongs to the given one",
			fix: "verify with the public key, and keep the private one where it signs",
		}, ed25519.NewKeyFromSeed(raw)[ed25519.SeedSize:], private)
	}
}

// quoteLabel shows a label as it is, without what a terminal could act on.
func quoteLabel(s string) string {
	q := scheme.Quote(strings.ReplaceAll(s, `"`, "'"))
	return q[1 : len(q)-1]
}

// keyPut adds a changed key; what it returns may be added to.
type keyPut func(id, title, evidence, fix string, raw []byte) *assumption

// changedKeys gives a key text as it would be after each of the usual mistakes, likely ones first.
func (s *search) changedKeys(text string, add func(*assumption, []byte)) {
	const rank = 20
	put := func(id, title, evidence, fix string, raw []byte) *assumption {
		a := &assumption{id: "key." + id, rank: rank, title: title, evidence: evidence, fix: fix, kind: recipeKey}
		add(a, raw)
		return a
	}
	rest, _ := s.r.Scheme().Key.Strip(text)
	s.wrappedKeys(text, put)
	s.codedKeys(text, rest, put)
	const sender, strip = "the sender's key ends in a line break", "the code that signs must take it off: printf %s writes none, echo does"
	put("newline", sender, "with a line feed after the key", strip, append(s.decodeAs(text), '\n'))
	put("newline.crlf", sender, "with CR LF after the key", strip, append(s.decodeAs(text), '\r', '\n'))
	put("quoted", "the sender's key has quotes around it", "with quotes around the key", "the code that signs must take them off", []byte(`"`+text+`"`))
	if un, err := url.QueryUnescape(text); err == nil && un != text {
		put("url_decoded", "the key is URL-encoded", "with the key URL-decoded", "give the key decoded, with the characters that %XX stand for", s.decodeAs(un))
	}
	if un := strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\t`, "\t").Replace(text); un != text {
		put("escapes", "the key holds backslash escapes as text", "with the escapes in the key turned into characters", "give the key with the characters themselves", s.decodeAs(strings.TrimSpace(un)))
	}
	const again = "copy the key anew from where it was given out: capitals and small letters are not the same"
	if up := strings.ToUpper(text); up != text {
		put("case", "the key's case is changed", "with the key in upper case", again, s.decodeAs(up))
	}
	put("case.lower", "the key's case is changed", "with the key in lower case", again, s.decodeAs(strings.ToLower(text)))
	if esc := url.QueryEscape(text); esc != text {
		put("url_encoded", "the sender URL-encoded the key", "with the key URL-encoded", "the code that signs must use the key as it was given out", []byte(esc))
	}
	put("encoded", "the key at hand is not encoded, and the sender's is", "with the key in base64",
		"give the key as it was given out, in base64; if that is the one at hand, the code that signs must not encode it", []byte(base64.StdEncoding.EncodeToString([]byte(text))))
	s.barePrefix(text, put)
}

// wrappedKeys are keys with something around them.
func (s *search) wrappedKeys(text string, put keyPut) {
	trimmed := strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	if trimmed != text {
		put("whitespace", "the key has blanks or a line break around it", "with the key trimmed", "store the key without them", s.decodeAs(trimmed))
	}
	if q := sign.Unquote(trimmed); q != trimmed {
		put("quotes", "the key has quotes around it", "without the quotes around the key", "store the key without quotes", s.decodeAs(q))
	}
	if value, ok := sign.EnvValue(trimmed); ok {
		put("assignment", "the key is a whole line of an env file", "with what stands after the = only", "store the value without its name", s.decodeAs(sign.Unquote(value)))
	}
	if bare, ok := cutFold(trimmed, "bearer "); ok {
		put("bearer", "the key has the word Bearer in front", "without the word Bearer", "store the key alone", s.decodeAs(strings.TrimSpace(bare)))
	}
}

// codedKeys are prefix and decoding mistakes.
func (s *search) codedKeys(text, rest string, put keyPut) {
	spec := &s.r.Scheme().Key
	if spec.Prefix != "" && rest != text || spec.Encoding != scheme.UTF8 {
		without, steps := "", "decode the key as "+spec.Encoding
		if spec.Prefix != "" {
			without, steps = " without key.prefix", "strip "+spec.Prefix+" and decode the rest as "+spec.Encoding
		}
		put("text", "the key was used as plain text", "with the key's text as it stands", "the code that signs must "+steps, []byte(text)).or("key.encoding: " + scheme.UTF8 + without)
		put("text.stripped", "the key was not decoded", "with the key's text after its prefix", "the code that signs must decode it as "+spec.Encoding, []byte(rest)).or("key.encoding: " + scheme.UTF8)
	}
	stripped := rest
	if i := strings.IndexByte(text, '_'); i > 1 && i <= 12 && rest == text {
		const title, keep = "the key's prefix was stripped", "the code that signs must keep the prefix: it is part of the key"
		stripped = text[i+1:]
		put("prefix", title, "with the key without "+scheme.Quote(text[:i+1]), keep, []byte(stripped)).or("key.prefix: " + scheme.Quote(text[:i+1]))
		if j := strings.LastIndexByte(text, '_'); j > i {
			put("prefix.long", title, "with what stands after the key's last underscore", keep, []byte(text[j+1:])).or("")
		}
	}
	for _, t := range []string{stripped, text} {
		if raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(t, "=")); err == nil {
			s.decodedKey(scheme.Base64, "base64 -d", raw, put)
		} else if raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(t, "=")); err == nil {
			s.decodedKey(scheme.Base64URL, "tr -- -_ +/ | base64 -d", raw, put)
		}
		if raw, err := hex.DecodeString(t); err == nil {
			s.decodedKey(scheme.Hex, "xxd -r -p", raw, put)
		}
	}
}

// decodedKey is what the key's text decodes to. Where that is text, it is the real key; where it is not, nobody was given it.
func (s *search) decodedKey(encoding, command string, raw []byte, put keyPut) {
	own := s.r.Scheme().Key.Encoding
	fix := "the code that signs must use the key's text and decode nothing"
	switch {
	case own != scheme.UTF8:
		fix = "the key at hand is the " + encoding + " of the real one: give it as the scheme has it, in " + own
	case readable(raw):
		fix = "the key at hand is the " + encoding + " of the real one: decode it (" + command + ") and give what comes out"
	}
	a := put(encoding, "the key was "+encoding+"-decoded", "with the key decoded as "+encoding, fix, raw)
	if a.foreign = own == scheme.UTF8 && !readable(raw); encoding != scheme.Base64URL {
		a.set = "key.encoding: " + encoding
	}
}

// readable says whether a key's bytes could have been given out as text.
func readable(b []byte) bool {
	return !slices.ContainsFunc(b, func(c byte) bool { return c <= ' ' || c >= 0x7f })
}

// barePrefix puts what providers' keys begin with in front of a key that was copied without.
func (s *search) barePrefix(text string, put keyPut) {
	if s.r.Scheme().Key.Encoding != scheme.UTF8 || s.r.Scheme().Key.Prefix != "" || s.r.Scheme().Algorithm == scheme.Token {
		return
	}
	for _, prefix := range []string{"whsec_", "whk_", "whs_", "shpss_", "sk_live_", "sk_test_"} {
		if !strings.HasPrefix(text, prefix) {
			put("prefix.missing", "the key's prefix is missing", "with "+prefix+" in front of the key", "give the whole key, as it was given out: "+prefix+" is part of it", []byte(prefix+strings.TrimSpace(text)))
		}
	}
}

// decodeAs reads a changed text the way the scheme reads keys; nil when it cannot.
func (s *search) decodeAs(text string) []byte {
	spec := &s.r.Scheme().Key
	rest, _ := spec.Strip(text)
	raw, problem := spec.Bytes(rest)
	if problem != "" {
		return nil
	}
	return slices.Clone(raw)
}

func cutFold(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):], true
	}
	return s, false
}
