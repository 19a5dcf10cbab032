package sign

import (
	"maps"
	"math"
	"slices"
	"strings"
)

const (
	defaultTolerance = 300     // seconds
	maxSeconds       = 1e9     // of a tolerance, a timeout or a wait
	windowBoth       = "both"  // times before and after the verifier's are looked at
	windowPast       = "past"  // only age is looked at
	matchFirst       = "first" // the first listed header that is present
	matchAny         = "any"   // every listed header
	urlPort          = "port"
	urlDecoded       = "decoded"
)

// Encodings of keys and signatures.
const (
	encUTF8      = "utf8"
	encHex       = "hex"
	encUpperHex  = "HEX"
	encBase64    = "base64"
	encBase64URL = "base64url"
	encSPKI      = "spki-base64"
	encText      = "text"
)

// compiler fills in Rules and keeps the first error.
type compiler struct {
	r   *Rules
	err *SchemeError
}

// Compile checks a scheme, fills in its defaults and makes it ready for use. The scheme itself is not changed.
// The error is a *SchemeError.
func Compile(s *Scheme) (*Rules, error) {
	c := compiler{r: &Rules{scheme: cloneScheme(s), uses: map[string]bool{}}}
	for _, step := range []func(){
		c.limits, c.name, c.algorithm, c.key, c.content, c.signature, c.timestamp, c.id, c.requirements, c.bodyHash, c.uses, c.event, c.delivery,
	} {
		step()
		if c.err != nil {
			return nil, c.err
		}
	}
	c.r.needs = c.r.findNeeds()
	return c.r, nil
}

func cloneScheme(s *Scheme) Scheme {
	out := *s
	if s.Timestamp != nil {
		t := *s.Timestamp
		out.Timestamp = &t
	}
	return out
}

// fail keeps the first error.
func (c *compiler) fail(field, problem, nearest string) {
	if c.err == nil {
		c.err = &SchemeError{Scheme: c.r.scheme.Name, Field: field, Problem: problem, Nearest: nearest}
	}
}

// oneOf fills in a default and checks a word against the valid ones.
func (c *compiler) oneOf(field string, value *string, valid ...string) {
	if *value == "" {
		*value = valid[0]
	}
	if !slices.Contains(valid, *value) {
		c.fail(field, quote(*value)+" is not one of "+strings.Join(valid, ", "), meant(*value, valid))
	}
}

func (c *compiler) name() {
	name := c.r.scheme.Name
	for i := range len(name) {
		if !isWordByte(name[i]) && strings.IndexByte("._-", name[i]) < 0 {
			c.fail("name", "may hold letters, digits, dots, dashes and underscores only", "")
		}
	}
	if len(name) > 64 {
		c.fail("name", "is longer than 64 characters", "")
	}
}

func (c *compiler) algorithm() {
	a := string(c.r.scheme.Algorithm)
	if bareWord(a) == string(SHA256) && a != string(SHA256) && !strings.Contains(c.r.scheme.Content, "{"+tokSecret+"}") {
		c.fail("algorithm", quote(a)+" is not the name of an algorithm here", string(HMACSHA256))
	}
	c.oneOf("algorithm", &a, string(HMACSHA256), string(HMACSHA1), string(HMACSHA512), string(Ed25519), string(ECDSAP256), string(SHA256), string(Token))
	c.r.scheme.Algorithm = Algorithm(a)
}

func (c *compiler) key() {
	k, s := &c.r.scheme.Key, &c.r.scheme
	if k.Encoding == "" && c.r.public() {
		c.fail("key.encoding", "a public key is bytes: say how they are written (base64, hex or spki-base64)", encBase64)
		return
	}
	c.oneOf("key.encoding", &k.Encoding, encUTF8, encBase64, encHex, encSPKI)
	switch {
	case k.Encoding == encSPKI && !c.r.public():
		c.fail("key.encoding", "spki-base64 is for public keys (ed25519, ecdsa-p256-sha256)", encBase64)
	case k.Encoding == encUTF8 && c.r.public():
		c.fail("key.encoding", "a public key cannot be plain text; use base64, hex or spki-base64", encBase64)
	case k.SigningPrefix != "" && !c.r.public():
		c.fail("key.signing_prefix", "is for public-key algorithms; "+string(s.Algorithm)+" signs and verifies with one key", "prefix")
	}
}

func (c *compiler) content() {
	s := &c.r.scheme
	if s.Algorithm == Token {
		if s.Content != "" {
			c.fail("content", "must be empty: a token scheme signs nothing", "")
		}
		return
	}
	if s.Content == "" {
		c.fail("content", "is missing: say what is signed, in a line such as "+c.example(), "")
		return
	}
	tokens, bad := parseTemplate(s.Content, contentTokens())
	if bad != nil {
		c.fail("content", bad.problem, bad.nearest)
		return
	}
	if c.costs(tokens); c.err != nil {
		return
	}
	c.r.content = tokens
	bodies, said := 0, false
	for _, t := range tokens {
		c.r.uses[t.kind] = true
		said = said || t.kind != "" && t.kind != tokSecret && t.kind != tokParam
		if t.kind == tokBody {
			bodies++
		}
	}
	switch {
	case bodies > 1:
		c.fail("content", "{body} may stand once only", "")
	case !said:
		c.fail("content", "holds nothing of the message, so every message would have the same signature", "{body}")
	case c.r.uses[tokSecret] && c.r.public():
		c.fail("content", "{secret} has no meaning with a public key", "")
	case s.Algorithm == SHA256 && !c.r.uses[tokSecret]:
		c.fail("content", "a plain sha256 without {secret} could be made by anybody", string(HMACSHA256))
	}
}

// example is a line that says what is signed, made of what the scheme has.
func (c *compiler) example() string {
	what := "{" + tokBody + "}"
	if c.r.scheme.Timestamp != nil {
		what = "{" + tokTime + "}." + what
	}
	if c.r.scheme.ID != nil {
		what = "{" + tokID + "}." + what
	}
	return `content: "` + what + `"`
}

func (c *compiler) headers(field string, names Names) []string {
	out := make([]string, 0, len(names))
	for _, n := range names {
		if !validHeaderName(n) {
			c.fail(field, quote(n)+" is not a header name", "")
			continue
		}
		if h := canonical(n); !slices.Contains(out, h) {
			out = append(out, h)
		}
	}
	return out
}

func (c *compiler) signature() {
	s := &c.r.scheme.Signature
	c.r.sigHeaders = c.headers("signature.header", s.Header)
	switch {
	case len(s.Header) == 0 && s.JSON == "":
		c.fail("signature.header", "is missing: say which header carries the signature", "")
	case len(s.Header) > 0 && s.JSON != "":
		c.fail("signature.json", "cannot stand beside signature.header: the signature is in one place", "")
	case s.JSON != "":
		c.r.sigPath = c.path("signature.json", s.JSON)
	}
	encodings := []string{encHex, encUpperHex, encBase64, encBase64URL}
	if c.r.scheme.Algorithm == Token {
		encodings = []string{encText}
	}
	c.oneOf("signature.encoding", &s.Encoding, encodings...)
	c.separator("signature.separator", s.Separator)
	c.separator("signature.sets", s.Sets)
	if s.Sets != "" && (s.Separator == "" || s.Sets == s.Separator) {
		c.fail("signature.sets", "needs a signature.separator that is another character", "")
	}
	c.oneOf("signature.header_match", &s.HeaderMatch, matchFirst, matchAny)
	c.r.sigAny = s.HeaderMatch == matchAny
	for _, rule := range slices.Sorted(maps.Keys(s.RefusedBy)) {
		if rules := []string{"blank", "order", "one", "first", "last"}; !slices.Contains(rules, rule) {
			c.fail("signature.refused_by", quote(rule)+" is not one of "+strings.Join(rules, ", "), nearest(rule, rules))
		}
	}
	if s.Item == "" {
		s.Item = "{" + tokSig + "}"
	}
	item, bad := parsePattern(s.Item, tokSig)
	if bad != nil {
		c.fail("signature.item", bad.problem, bad.nearest)
	}
	c.r.item = item
	if s.NextItem == "" {
		return
	}
	next, bad := parsePattern(s.NextItem, tokSig)
	switch {
	case bad != nil:
		c.fail("signature.next_item", bad.problem, bad.nearest)
	case s.Separator == "":
		c.fail("signature.next_item", "needs a signature.separator that divides the signature header into items", "")
	}
	c.r.nextItem = &next
}

func (c *compiler) separator(field, value string) {
	switch value {
	case "", " ", ",", ";":
	case ", ", "; ":
		if field == "signature.sets" {
			c.fail(field, quote(value)+" is not a separator of sets: use a space, a comma or a semicolon", "")
		}
	default:
		c.fail(field, quote(value)+" is not a separator: use a space, a comma or a semicolon", "")
	}
}

func (c *compiler) path(field, text string) []string {
	path, problem := parsePath(text)
	if problem != "" {
		c.fail(field, problem, "")
	}
	return path
}

func (c *compiler) timestamp() {
	t := c.r.scheme.Timestamp
	if t == nil {
		return
	}
	c.r.hasTime = true
	c.r.timeHeaders = c.headers("timestamp.header", t.Header)
	places := 0
	for _, set := range []bool{len(t.Header) > 0, t.Item != "", t.JSON != ""} {
		if set {
			places++
		}
	}
	switch {
	case places != 1:
		c.fail("timestamp", "needs exactly one of header, item and json", "")
	case t.Item != "" && !c.r.listed():
		c.fail("timestamp.item", "needs a signature.separator that divides the signature header into items", "")
	case t.Item != "":
		item, bad := parsePattern(t.Item, tokTS)
		if bad != nil {
			c.fail("timestamp.item", bad.problem, bad.nearest)
		}
		c.r.timeItem = &item
	case t.JSON != "":
		c.r.timePath = c.path("timestamp.json", t.JSON)
	}
	if t.Copy != "" {
		c.r.copyPath = c.path("timestamp.copy", t.Copy)
	}
	c.unit(t)
	c.oneOf("timestamp.window", &t.Window, windowBoth, windowPast)
	switch {
	case t.Tolerance.Off:
		t.Tolerance = Tolerance{Off: true, Set: true}
	case !t.Tolerance.Set:
		t.Tolerance = Tolerance{Seconds: defaultTolerance, Set: true}
	default:
		c.seconds("timestamp.tolerance", t.Tolerance.Seconds)
	}
}

func (c *compiler) unit(t *TimestampSpec) {
	if layout, ok := strings.CutPrefix(t.Unit, unitLayout); ok {
		directives, problem := parseLayoutText(layout)
		if problem == "" && !slices.ContainsFunc(directives, func(d directive) bool { return d.verb != 0 }) {
			problem = "the layout holds no conversion such as %Y"
		}
		if problem != "" {
			c.fail("timestamp.unit", problem, "")
		}
		c.r.clock = clockFormat{unit: unitLayout, layout: directives}
		return
	}
	c.oneOf("timestamp.unit", &t.Unit, unitSeconds, unitMillis, unitAuto, unitRFC3339, unitLayout+"…")
	if t.Unit == unitLayout+"…" {
		c.fail("timestamp.unit", "layout: needs a strftime layout after the colon", "")
	}
	c.r.clock = clockFormat{unit: t.Unit}
}

func (c *compiler) seconds(field string, v float64) {
	if math.IsNaN(v) || v < 0 || v > maxSeconds {
		c.fail(field, "must be a number of seconds from 0 to 1e9", "")
	}
}

func (c *compiler) id() {
	s := &c.r.scheme
	if s.ID == nil {
		return
	}
	if len(s.ID.Header) == 0 {
		c.fail("id.header", "is missing: say which header carries the id", "")
	}
	c.r.idHeaders = c.headers("id.header", s.ID.Header)
}
