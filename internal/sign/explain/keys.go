package explain

// The mistakes that are made with a key, as tables.

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"html"
	"net/url"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// keyVariant is one key that may have been used.
type keyVariant struct {
	why *mistake // nil: the key as given
	sign.CaseKey
}

// keyVariants lists the keys: as given, then other known ones, then each given one changed in the usual ways.
func (s *search) keyVariants(keys []sign.Key) []keyVariant {
	var out []keyVariant
	add := func(why *mistake, raw []byte, public sign.Key) {
		same := func(o keyVariant) bool { return string(o.Raw) == string(raw) }
		if len(raw) > 0 && !slices.ContainsFunc(out, same) {
			out = append(out, keyVariant{why: why, CaseKey: sign.CaseKey{Raw: raw, Key: public}})
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
			add(o.mistake(s.o.Now), raw, o.Key)
		}
	}
	if s.r.Public() {
		s.seeds(keys, add)
		return out
	}
	if fixed := testKey(s.r.Scheme().Name); fixed != nil {
		add(fixed, []byte(fixedKey), sign.Key{})
	}
	for _, k := range keys {
		if s.r.Takes(k) {
			text, _ := k.Reveal()
			for _, row := range newGiven(s.r.Scheme(), text).rows() {
				add(row.mistake(), row.raw, sign.Key{})
			}
		}
	}
	return out
}

// seeds takes what was given as public key for the private seed, which has the same length.
func (s *search) seeds(keys []sign.Key, add func(*mistake, []byte, sign.Key)) {
	for _, k := range keys {
		_, raw := k.Reveal()
		if s.r.Scheme().Algorithm != scheme.Ed25519 || len(raw) != ed25519.SeedSize {
			continue
		}
		private, ok := s.r.SigningKeyOf(raw)
		if !ok {
			continue
		}
		add(&mistake{
			id: "key.private", rank: rankPrivateKey, title: "the private key was given in place of the public one", evidence: "with the public key that belongs to the given one",
			fix: "verify with the public key, and keep the private one where it signs",
		}, ed25519.NewKeyFromSeed(raw)[ed25519.SeedSize:], private)
	}
}

// quoteLabel shows a label as it is, without what a terminal could act on.
func quoteLabel(s string) string {
	q := scheme.Quote(strings.ReplaceAll(s, `"`, "'"))
	return q[1 : len(q)-1]
}

// keyRow is a mistake that is made with a key, and the key as it was used then; nil where it cannot have been made.
type keyRow struct {
	id, title string
	evidence  string // goes on after "it matches"
	fix       string
	raw       []byte
	set       string // what to set in a scheme of one's own; see mistake
	foreign   bool
}

func (r *keyRow) mistake() *mistake {
	return &mistake{id: "key." + r.id, rank: rankKey, title: r.title, evidence: r.evidence, fix: r.fix, recipes: recipeKey, set: r.set, foreign: r.foreign}
}

// fixedKey is what Zendesk signs tests with before the webhook is made. It is public:
// https://developer.zendesk.com/documentation/webhooks/verifying/. It explains, and verifies nothing.
const fixedKey = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="

// testKey says that a provider signed a test with its fixed key; nil when it has none.
func testKey(name string) *mistake {
	if name != "zendesk" {
		return nil
	}
	return &mistake{
		id: "key.test", rank: rankOtherKey, title: "the request is a test, which is not signed with the key of the webhook", evidence: "with the fixed key of " + name + "'s tests, which is public",
		fix: "make the webhook first and test it then: its requests are signed with its own key",
	}
}

// given is the text of a key, with what the rows ask of it.
type given struct {
	spec     *scheme.KeySpec
	token    bool   // nothing is signed with it
	text     string // as it was given
	trimmed  string
	rest     string // without the scheme's prefix
	head     string // a prefix of its own that the scheme does not name, such as whsec_; or ""
	stripped string // without that one
}

func newGiven(s *scheme.Scheme, text string) *given {
	g := &given{spec: &s.Key, token: s.Algorithm == scheme.Token, text: text, trimmed: strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))}
	g.rest, _ = g.spec.Strip(text)
	g.stripped = g.rest
	const longest = 12
	if i := strings.IndexByte(text, '_'); i > 1 && i <= longest && g.rest == text {
		g.head, g.stripped = text[:i+1], text[i+1:]
	}
	return g
}

// read decodes a changed text as the scheme does; nil when it is the text as given, or cannot be decoded.
func (g *given) read(changed string) []byte {
	if changed == g.text {
		return nil
	}
	rest, _ := g.spec.Strip(changed)
	raw, problem := g.spec.Bytes(rest)
	if problem != "" {
		return nil
	}
	return slices.Clone(raw)
}

// with is the key as the scheme reads it, and more behind it.
func (g *given) with(more string) []byte {
	raw, problem := g.spec.Bytes(g.rest)
	if problem != "" {
		return []byte(more)
	}
	return append(slices.Clone(raw), more...)
}

// rows are the usual mistakes, likely ones first.
func (g *given) rows() []keyRow { return slices.Concat(g.wrapped(), g.coded(), g.senders(), g.bare()) }

// wrapped are keys with something around them.
func (g *given) wrapped() []keyRow {
	unquoted := sign.Unquote(g.trimmed)
	value, _ := sign.EnvValue(g.trimmed)
	bearer, _ := cutFold(g.trimmed, "bearer ")
	out := []keyRow{
		{id: "whitespace", title: "the key has blanks or a line break around it", evidence: "with the key trimmed", fix: "store the key without them", raw: g.read(g.trimmed)},
		{id: "quotes", title: "the key has quotes around it", evidence: "without the quotes around the key", fix: "store the key without quotes", raw: g.read(unquoted)},
		{id: "assignment", title: "the key is a whole line of an env file", evidence: "with what stands after the = only", fix: "store the value without its name", raw: g.read(sign.Unquote(value))},
		{id: "bearer", title: "the key has the word Bearer in front", evidence: "without the word Bearer", fix: "store the key alone", raw: g.read(strings.TrimSpace(bearer))},
	}
	for _, a := range surroundings(g.trimmed, g.spec.Prefix) {
		out = append(out, keyRow{id: a.id, title: a.title, evidence: a.evidence, fix: a.fix, raw: g.read(a.key)})
	}
	return out
}

// coded are mistakes with prefix and decoding.
func (g *given) coded() []keyRow {
	without, steps := "", "decode the key as "+g.spec.Encoding
	if g.spec.Prefix != "" {
		without, steps = " without key.prefix", "strip "+g.spec.Prefix+" and decode the rest as "+g.spec.Encoding
	}
	decoded := g.spec.Encoding != scheme.UTF8 || g.spec.Prefix != "" && g.rest != g.text // the scheme does not use the text as it stands
	const signs, keep = "the code that signs must ", "the code that signs must keep the prefix: it is part of the key"
	out := []keyRow{
		{id: "text", title: "the key was used as plain text", evidence: "with the key's text as it stands", fix: signs + steps, raw: when(decoded, []byte(g.text)), set: "key.encoding: " + scheme.UTF8 + without, foreign: true},
		{id: "text.stripped", title: "the key was not decoded", evidence: "with the key's text after its prefix", fix: signs + "decode it as " + g.spec.Encoding, raw: when(decoded, []byte(g.rest)), set: "key.encoding: " + scheme.UTF8, foreign: true},
		{id: "prefix", title: "the key's prefix was stripped", evidence: "with the key without " + scheme.Quote(g.head), fix: keep, raw: when(g.head != "", []byte(g.stripped)), set: "key.prefix: " + scheme.Quote(g.head), foreign: true},
		{id: "prefix.long", title: "the key's prefix was stripped", evidence: "with what stands after the key's last underscore", fix: keep, raw: when(g.head != "", []byte(g.text[strings.LastIndexByte(g.text, '_')+1:])), foreign: true},
	}
	if line := whole(base64.StdEncoding.DecodeString(g.text)); g.spec.Encoding == scheme.UTF8 && bytes.HasSuffix(line, []byte("\n")) && readable(bytes.TrimRight(line, "\r\n")) {
		out = append(out, keyRow{
			id: scheme.Base64 + ".newline", title: "the key was " + scheme.Base64 + "-decoded", evidence: "with the key decoded as " + scheme.Base64 + ", without the line break at its end",
			fix: "the key at hand is the " + scheme.Base64 + " of the real one and a line break, as echo makes it: decode it (base64 -d), and store it anew with printf %s", raw: bytes.TrimRight(line, "\r\n"),
		})
	}
	for _, text := range []string{g.stripped, g.text} {
		digits := strings.TrimRight(text, "=")
		out = append(
			out,
			g.decoded(scheme.Base64, "base64 -d", whole(base64.RawStdEncoding.DecodeString(digits))),
			g.decoded(scheme.Base64URL, "tr -- -_ +/ | base64 -d", whole(base64.RawURLEncoding.DecodeString(digits))),
			g.decoded(scheme.Hex, "xxd -r -p", whole(hex.DecodeString(text))),
		)
	}
	return out
}

// whole is what was decoded to the end.
func whole(raw []byte, err error) []byte {
	if err != nil {
		return nil
	}
	return raw
}

// decoded is what the key's text decodes to. Where that is text, it is the real key; where it is not, nobody was given it.
func (g *given) decoded(encoding, command string, raw []byte) keyRow {
	r := keyRow{
		id: encoding, title: "the key was " + encoding + "-decoded", evidence: "with the key decoded as " + encoding, raw: raw,
		fix: "the code that signs must use the key's text and decode nothing", set: "key.encoding: " + encoding,
	}
	text := g.spec.Encoding == scheme.UTF8
	switch {
	case !text:
		r.fix = "the key at hand is the " + encoding + " of the real one: give it as the scheme has it, in " + g.spec.Encoding
	case readable(raw):
		r.fix = "the key at hand is the " + encoding + " of the real one: decode it (" + command + ") and give what comes out"
	}
	if r.foreign = text && !readable(raw); encoding == scheme.Base64URL {
		r.set = ""
	}
	return r
}

// senders are mistakes of the code that signs, and of whoever copied the key.
func (g *given) senders() []keyRow {
	const strip = "the code that signs must take it off: printf %s writes none, echo does"
	const again = "copy the key again from where it was given out: capitals and small letters are not the same"
	const copied = "copy all of the key: the = at its end is part of it"
	unescaped, err := url.QueryUnescape(g.text)
	if err != nil {
		unescaped = g.text
	}
	escapes := strings.TrimSpace(strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\t`, "\t").Replace(g.text))
	return []keyRow{
		{id: "newline", title: "the sender's key ends in a line break", evidence: "with a line feed after the key", fix: strip, raw: g.with("\n")},
		{id: "newline.crlf", title: "the sender's key ends in a line break", evidence: "with CR LF after the key", fix: strip, raw: g.with("\r\n")},
		{id: "quoted", title: "the sender's key has quotes around it", evidence: "with quotes around the key", fix: "the code that signs must take them off", raw: []byte(`"` + g.text + `"`)},
		{id: "url_decoded", title: "the key is URL-encoded", evidence: "with the key URL-decoded", fix: "give the key decoded, with the characters that %XX stand for", raw: g.read(unescaped)},
		{id: "escapes", title: "the key holds backslash escapes as text", evidence: "with the escapes in the key turned into characters", fix: "give the key with the characters themselves", raw: g.read(escapes)},
		{id: "entities", title: "the key holds HTML entities", evidence: "with the entities in the key turned into characters", fix: "give the key with the characters themselves", raw: g.read(html.UnescapeString(g.text))},
		{id: "dollars", title: "the key's dollar signs are doubled", evidence: "with $ for each $$ of the key", fix: "give the key as it was given out: only a compose file writes $$ for $", raw: g.read(strings.ReplaceAll(g.text, "$$", "$"))},
		{id: "dollars.lost", title: "each second dollar sign of the key was lost", evidence: "with $$ for each $ of the key", fix: "give the key as it was given out: a compose file and a Makefile want $$$$ where the key has $$", raw: g.read(strings.ReplaceAll(g.text, "$", "$$"))},
		{id: "plus", title: "each + of the key became a blank, as in a form that is decoded", evidence: "with + for each blank of the key", fix: "copy the key again from where it was given out", raw: g.read(strings.ReplaceAll(g.text, " ", "+"))},
		{id: "padding", title: "the key has lost its = at the end", evidence: "with = at the key's end", fix: copied, raw: when(g.token || g.spec.Encoding == scheme.UTF8, g.read(padded(g.text)))},
		{id: "unseen", title: "the key holds characters that cannot be seen", evidence: "without them", fix: "type the key, or copy it as plain text", raw: g.read(withoutUnseen(g.text))},
		{id: "case", title: "the key's case is changed", evidence: "with the key in upper case", fix: again, raw: g.read(strings.ToUpper(g.text))},
		{id: "case.lower", title: "the key's case is changed", evidence: "with the key in lower case", fix: again, raw: g.read(strings.ToLower(g.text))},
		{id: "url_encoded", title: "the sender URL-encoded the key", evidence: "with the key URL-encoded", fix: "the code that signs must use the key as it was given out", raw: []byte(url.QueryEscape(g.text))},
		{
			id: "encoded", title: "the key at hand is not encoded, and the sender's is", evidence: "with the key in base64",
			fix: "give the key as it was given out, in base64; if that is the one at hand, the code that signs must not encode it", raw: []byte(base64.StdEncoding.EncodeToString([]byte(g.text))),
		},
	}
}

// padded is a text that could be base64, with as many = as its length asks for.
func padded(text string) string {
	const fewest = 16 // characters of a key
	digits := strings.TrimRight(text, "=")
	if _, err := base64.RawStdEncoding.DecodeString(digits); err != nil || len(digits) < fewest {
		return text
	}
	return digits + strings.Repeat("=", (4-len(digits)%4)%4)
}

// bare puts what providers' keys begin with in front of a key that was copied without.
func (g *given) bare() []keyRow {
	var out []keyRow
	for _, prefix := range []string{"whsec_", "whk_", "whs_", "shpss_", "sk_live_", "sk_test_"} {
		if g.spec.Encoding == scheme.UTF8 && g.spec.Prefix == "" && !g.token && !strings.HasPrefix(g.text, prefix) {
			out = append(out, keyRow{
				id: "prefix.missing", title: "the key's prefix is missing", evidence: "with " + prefix + " in front of the key",
				fix: "give the whole key, as it was given out: " + prefix + " is part of it", raw: []byte(prefix + strings.TrimSpace(g.text)),
			})
		}
	}
	return out
}

// readable says whether a key's bytes could have been given out as text.
func readable(b []byte) bool {
	return !slices.ContainsFunc(b, func(c byte) bool { return c <= ' ' || c >= 0x7f })
}

// cutFold takes a word off the beginning of a text, in any case; "" when the text does not begin with it.
func cutFold(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):], true
	}
	return "", false
}
