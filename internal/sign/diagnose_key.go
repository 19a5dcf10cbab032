package sign

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/url"
	"slices"
	"strings"
)

// keyVariant is one key that may have been used.
type keyVariant struct {
	a      *assumption // nil: the key as given
	raw    []byte
	public *keyData // for public-key schemes
	macs   [3]hash.Hash
}

// mac returns a keyed hash that is ready for a message.
func (k *keyVariant) mac(a Algorithm) hash.Hash {
	i := slices.Index([]Algorithm{HMACSHA256, HMACSHA1, HMACSHA512}, a)
	if i < 0 {
		i, a = 0, HMACSHA256
	}
	if k.macs[i] == nil {
		k.macs[i] = newHash(a, k.raw)
	}
	k.macs[i].Reset()
	return k.macs[i]
}

// keyVariants lists the keys: as given, then other known ones, then each given one changed in the usual ways.
func (s *search) keyVariants(keys []Key) []keyVariant {
	var out []keyVariant
	add := func(a *assumption, raw []byte, public *keyData) {
		same := func(o keyVariant) bool { return string(o.raw) == string(raw) }
		if len(raw) > 0 && !slices.ContainsFunc(out, same) {
			out = append(out, keyVariant{a: a, raw: raw, public: public})
		}
	}
	for _, k := range keys {
		if k.k != nil && k.k.algorithm == s.r.scheme.Algorithm {
			add(nil, k.k.secret, k.k)
		}
	}
	for _, o := range s.o.OtherKeys {
		if o.Key.k != nil && o.Key.k.algorithm == s.r.scheme.Algorithm {
			add(&assumption{
				id: "key.other", rank: 1, title: "it was signed with another key", evidence: "it matches with the key of " + quoteLabel(o.Label),
				fix: "verify with that key, or check which webhook sent it",
			}, o.Key.k.secret, o.Key.k)
		}
	}
	if s.r.public() {
		s.seeds(keys, add)
		return out
	}
	for _, k := range keys {
		if k.k != nil && k.k.algorithm == s.r.scheme.Algorithm {
			s.changedKeys(k.k.text, func(a *assumption, raw []byte) { add(a, raw, nil) })
		}
	}
	return out
}

// seeds takes what was given as public key for the private seed, which has the same length.
func (s *search) seeds(keys []Key, add func(*assumption, []byte, *keyData)) {
	for _, k := range keys {
		if k.k == nil || s.r.scheme.Algorithm != Ed25519 || len(k.k.secret) != ed25519.SeedSize {
			continue
		}
		d := &keyData{algorithm: Ed25519, secret: k.k.secret}
		if d.setEd25519(true, false) != "" {
			continue
		}
		add(&assumption{
			id: "key.private", rank: 2, title: "the private key was given in place of the public one", evidence: "it matches with the public key that belongs to the given one",
			fix: "verify with the public key, and keep the private one where it signs",
		}, d.edPub, d)
	}
}

// quoteLabel shows a label as it is, without what a terminal could act on.
func quoteLabel(s string) string {
	q := quote(strings.ReplaceAll(s, `"`, "'"))
	return q[1 : len(q)-1]
}

// changedKeys gives a key text as it would be after each of the usual mistakes, likely ones first.
func (s *search) changedKeys(text string, add func(*assumption, []byte)) {
	const rank = 20
	put := func(id, title, evidence, fix string, raw []byte) {
		add(&assumption{id: "key." + id, rank: rank, title: title, evidence: "it matches " + evidence, fix: fix, kind: recipeKey}, raw)
	}
	rest, _ := s.r.stripPrefix(text)
	trimmed := strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	if trimmed != text {
		put("whitespace", "the key has blanks or a line break around it", "with the key trimmed", "store the key without them", s.decodeAs(trimmed))
	}
	if q := unquote(trimmed); q != trimmed {
		put("quotes", "the key has quotes around it", "without the quotes around the key", "store the key without quotes", s.decodeAs(q))
	}
	if name, value, ok := strings.Cut(trimmed, "="); ok && isEnvName(name) && value != "" {
		put("assignment", "the key is a whole line of an env file", "with what stands after the = only", "store the value without its name", s.decodeAs(unquote(value)))
	}
	if bare, ok := cutFold(trimmed, "bearer "); ok {
		put("bearer", "the key has the word Bearer in front", "without the word Bearer", "store the key alone", s.decodeAs(strings.TrimSpace(bare)))
	}
	s.codedKeys(text, rest, put)
	put("newline", "the sender's key ends in a line break", "with a line feed after the key", "store the key without it where it signs", append(s.decodeAs(text), '\n'))
	put("newline.crlf", "the sender's key ends in a line break", "with CR LF after the key", "store the key without it where it signs", append(s.decodeAs(text), '\r', '\n'))
	put("quoted", "the sender's key has quotes around it", "with quotes around the key", "remove the quotes where it signs", []byte(`"`+text+`"`))
	if un, err := url.QueryUnescape(text); err == nil && un != text {
		put("url_decoded", "the key is URL-encoded", "with the key URL-decoded", "store the key decoded", s.decodeAs(un))
	}
	if un := strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\t`, "\t").Replace(text); un != text {
		put("escapes", "the key holds backslash escapes as text", "with the escapes in the key turned into characters", "store the characters themselves", s.decodeAs(strings.TrimSpace(un)))
	}
	if up := strings.ToUpper(text); up != text {
		put("case", "the key's case is changed", "with the key in upper case", "use the key as it was given out", s.decodeAs(up))
	}
	put("case.lower", "the key's case is changed", "with the key in lower case", "use the key as it was given out", s.decodeAs(lower(text)))
	if esc := url.QueryEscape(text); esc != text {
		put("url_encoded", "the sender URL-encoded the key", "with the key URL-encoded", "use the key as it was given out", []byte(esc))
	}
	put("encoded", "the sender base64-encoded the key", "with the key in base64", "use the key's own text", []byte(base64.StdEncoding.EncodeToString([]byte(text))))
}

// codedKeys are prefix and decoding mistakes.
func (s *search) codedKeys(text, rest string, put func(id, title, evidence, fix string, raw []byte)) {
	decoded := s.r.scheme.Key.Encoding != encUTF8
	if s.r.scheme.Key.Prefix != "" && rest != text || decoded {
		put("text", "the key was used as plain text", "with the key's text as it stands", "strip "+orNothing(s.r.scheme.Key.Prefix)+" and decode the rest as "+s.r.scheme.Key.Encoding, []byte(text))
		put("text.stripped", "the key was not decoded", "with the key's text after its prefix", "decode it as "+s.r.scheme.Key.Encoding, []byte(rest))
	}
	stripped := rest
	if i := strings.IndexByte(text, '_'); i > 1 && i <= 12 && rest == text {
		stripped = text[i+1:]
		put("prefix", "the key's prefix was stripped", "with the key without "+quote(text[:i+1]), "keep the prefix: it is part of this provider's keys", []byte(stripped))
		if j := strings.LastIndexByte(text, '_'); j > i {
			put("prefix.long", "the key's prefix was stripped", "with what stands after the key's last underscore", "keep the prefix: it is part of this provider's keys", []byte(text[j+1:]))
		}
	}
	for _, t := range []string{stripped, text} {
		if raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(t, "=")); err == nil {
			put("base64", "the key was base64-decoded", "with the key decoded as base64", s.keyFix(), raw)
		} else if raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(t, "=")); err == nil {
			put("base64url", "the key was base64-decoded", "with the key decoded as base64url", s.keyFix(), raw)
		}
		if raw, err := hex.DecodeString(t); err == nil {
			put("hex", "the key was hex-decoded", "with the key decoded as hex", s.keyFix(), raw)
		}
	}
}

func (s *search) keyFix() string {
	if enc := s.r.scheme.Key.Encoding; enc != encUTF8 {
		return "this scheme's keys are " + enc
	}
	return "use the key's text as it stands: this scheme decodes nothing"
}

func orNothing(prefix string) string {
	if prefix == "" {
		return "nothing"
	}
	return prefix
}

// decodeAs reads a changed text the way the scheme reads keys; nil when it cannot.
func (s *search) decodeAs(text string) []byte {
	rest, _ := s.r.stripPrefix(text)
	raw, problem := decodeKeyText(rest, s.r.scheme.Key.Encoding)
	if problem != "" {
		return nil
	}
	return slices.Clone(raw)
}

func unquote(s string) string {
	for _, q := range []string{`"`, "'", "`"} {
		if len(s) > 2 && strings.HasPrefix(s, q) && strings.HasSuffix(s, q) {
			return s[1 : len(s)-1]
		}
	}
	return s
}

func isEnvName(s string) bool {
	s = strings.TrimPrefix(s, "export ")
	for i := range len(s) {
		if !isWordByte(s[i]) && s[i] != '_' {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

func cutFold(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):], true
	}
	return s, false
}
