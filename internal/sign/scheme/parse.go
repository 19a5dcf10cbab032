package scheme

// The checks of a scheme's fields.

import (
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/near"
)

// DefaultTolerance is the window of a scheme that names none, in seconds.
const DefaultTolerance = 300

// Words of a scheme's fields.
const (
	WindowPast = "past"    // timestamp.window: only age is looked at
	URLPort    = "port"    // url_match: without a port, and with the default one
	URLDecoded = "decoded" // url_match: with the escapes of some marks turned into the marks

	windowBoth = "both"  // times before and after the verifier's are looked at
	matchFirst = "first" // the first listed header that is present
	matchAny   = "any"   // every listed header
	maxSeconds = 1e9     // of a tolerance, a timeout or a wait
)

// Encodings of keys and signatures.
const (
	UTF8      = "utf8"
	Hex       = "hex"
	UpperHex  = "HEX"
	Base64    = "base64"
	Base64URL = "base64url"
	SPKI      = "spki-base64"
	PEM       = "pem"
	PlainText = "text"
)

// parser fills in Parsed and keeps the first error.
type parser struct {
	p   *Parsed
	err *Error
}

// Parse checks a scheme, fills in its defaults and cuts its templates into pieces. The scheme itself is not changed.
// The error is an *Error.
func Parse(s *Scheme) (*Parsed, error) {
	c := parser{p: &Parsed{scheme: *s, Uses: map[string]bool{}}}
	if s.Timestamp != nil {
		t := *s.Timestamp
		c.p.scheme.Timestamp = &t
	}
	for _, step := range []func(){
		c.limits, c.name, c.algorithm, c.jwt, c.messageSignature, c.key, c.notKeys, c.content, c.items, c.signature, c.timestamp, c.id, c.requirements, c.bodyHash, c.certificate, c.uses, c.event, c.handshake, c.delivery,
	} {
		step()
		if c.err != nil {
			return nil, c.err
		}
	}
	c.p.needs = c.p.findNeeds()
	c.p.Covered = c.p.covered()
	c.p.leaves, c.p.bare = c.p.findLeaves(), c.p.isBare()
	c.p.Single = c.p.allHeaders()
	if s.Signature.Repeated {
		c.p.Single = c.p.Single[len(c.p.SigHeaders):]
	}
	return c.p, nil
}

// fail keeps the first error.
func (c *parser) fail(field, problem, nearest string) {
	if c.err == nil {
		c.err = &Error{Scheme: c.p.scheme.Name, Field: field, Problem: problem, Nearest: nearest}
	}
}

// oneOf fills in a default and checks a word against the valid ones.
func (c *parser) oneOf(field string, value *string, valid ...string) {
	if *value == "" {
		*value = valid[0]
	}
	if !slices.Contains(valid, *value) {
		c.fail(field, Quote(*value)+" is not one of "+strings.Join(valid, ", "), likeliest(*value, valid))
	}
}

func (c *parser) name() {
	name := c.p.scheme.Name
	c.isName("name", name)
	for _, other := range c.p.scheme.Names {
		c.isName("names", other)
	}
}

func (c *parser) isName(field, name string) {
	for i := range len(name) {
		if !IsWordByte(name[i]) && strings.IndexByte("._-", name[i]) < 0 {
			c.fail(field, "may hold letters, digits, dots, dashes and underscores only", "")
		}
	}
	if len(name) > 64 {
		c.fail(field, "is longer than 64 characters", "")
	}
}

func (c *parser) algorithm() {
	a := string(c.p.scheme.Algorithm)
	if bare := Algorithm(bareWord(a)); bare.Plain() && string(bare) != a && !strings.Contains(c.p.scheme.Content, "{"+PieceSecret+"}") {
		c.fail("algorithm", Quote(a)+" is not the name of an algorithm here", string(bare.Keyed()))
	}
	c.oneOf("algorithm", &a, algorithms()...)
	c.p.scheme.Algorithm = Algorithm(a)
}

func (c *parser) key() {
	k, s := &c.p.scheme.Key, &c.p.scheme
	if k.Encoding == "" && c.p.Public() {
		c.fail("key.encoding", "a public key is bytes: say how they are written (pem, base64, hex or spki-base64)", publicEncoding(s.Algorithm))
		return
	}
	c.oneOf("key.encoding", &k.Encoding, UTF8, Base64, Hex, SPKI, PEM)
	switch {
	case (k.Encoding == SPKI || k.Encoding == PEM) && !c.p.Public():
		c.fail("key.encoding", k.Encoding+" is for public keys (ed25519, ecdsa-p256-sha256, rsa-sha256 and the like)", Base64)
	case k.Encoding == UTF8 && c.p.Public():
		c.fail("key.encoding", "a public key cannot be plain text; use pem, base64, hex or spki-base64", publicEncoding(s.Algorithm))
	case k.SigningPrefix != "" && !c.p.Public():
		c.fail("key.signing_prefix", "is for public-key algorithms; "+string(s.Algorithm)+" signs and verifies with one key", "prefix")
	}
}

// publicEncoding is how the public keys of an algorithm are usually written.
func publicEncoding(a Algorithm) string {
	if a.RSA() {
		return PEM
	}
	return Base64
}

func (c *parser) content() {
	s := &c.p.scheme
	if c.p.Proves() {
		return
	}
	if s.Algorithm == Token || s.Algorithm == None {
		if s.Content != "" {
			c.fail("content", "must be empty: a "+string(s.Algorithm)+" scheme signs nothing", "")
		}
		return
	}
	if s.Content == "" {
		c.fail("content", "is missing: say what is signed, in a line such as "+c.example(), "")
		return
	}
	pieces, bad := parseTemplate(s.Content, contentPieces())
	if bad != nil {
		c.fail("content", bad.problem, bad.nearest)
		return
	}
	if c.costs(pieces); c.err != nil {
		return
	}
	c.p.Content = pieces
	said := false
	for _, t := range pieces {
		c.p.Uses[t.Kind] = true
		for _, other := range t.Or {
			c.p.Uses[other.Kind] = true
		}
		c.p.looks = c.p.looks || !t.Must() || slices.Contains([]string{PieceJSON, PieceField, PieceQuery}, t.Kind)
		c.p.Uses[PieceURL] = c.p.Uses[PieceURL] || t.Kind == PieceSorted
		said = said || t.Kind != "" && t.Kind != PieceSecret && t.Kind != PieceParam && !t.Optional && t.Group == 0
	}
	switch {
	case !said:
		c.fail("content", "holds nothing of the message, so every message would have the same signature", "{body}")
	case c.p.Uses[PieceSecret] && c.p.Public():
		c.fail("content", "{secret} has no meaning with a public key", "")
	case s.Algorithm.Plain() && !c.p.Uses[PieceSecret]:
		c.fail("content", "a plain "+string(s.Algorithm)+" without {secret} could be made by anybody", string(s.Algorithm.Keyed()))
	}
}

// items reads where the parts of the body stand that are signed one by one.
func (c *parser) items() {
	text := c.p.scheme.Items
	if text == "" {
		return
	}
	pattern, err := jsonbytes.ParsePattern(text + "[*]")
	if err != nil || len(pattern) > maxPathDepth {
		c.fail("items", "is not the JSON path of a list", "")
		return
	}
	c.p.Items = pattern
}

// example is a line that says what is signed, made of what the scheme has.
func (c *parser) example() string {
	what := "{" + PieceBody + "}"
	if c.p.scheme.Timestamp != nil {
		what = "{" + PieceTime + "}." + what
	}
	if c.p.scheme.ID != nil {
		what = "{" + PieceID + "}." + what
	}
	return `content: "` + what + `"`
}

func (c *parser) headers(field string, names Names) []string {
	out := make([]string, 0, len(names))
	for _, n := range names {
		if !ValidHeaderName(n) {
			c.fail(field, Quote(n)+" is not a header name", "")
			continue
		}
		if h := CanonicalHeader(n); !slices.Contains(out, h) {
			out = append(out, h)
		}
	}
	return out
}

func (c *parser) signature() {
	s := &c.p.scheme.Signature
	if c.p.Proves() {
		return
	}
	if c.p.scheme.Algorithm == None {
		if !reflect.DeepEqual(*s, SignatureSpec{}) {
			c.fail("signature", "must be empty: the provider signs nothing", "")
		}
		return
	}
	c.p.SigHeaders = c.headers("signature.header", s.Header)
	switch {
	case len(s.Header) == 0 && s.JSON == "" && s.Form == "":
		c.fail("signature.header", "is missing: say which header carries the signature", "")
	case len(s.Header) > 0 && s.JSON != "":
		c.fail("signature.json", "cannot stand beside signature.header: the signature is in one place", "")
	case len(s.Header) > 0 && s.Form != "":
		c.fail("signature.form", "cannot stand beside signature.header: the signature is in one place", "")
	case s.JSON != "":
		c.p.SigPath = c.path("signature.json", s.JSON)
	}
	c.p.SigForm = s.Form
	encodings := []string{Hex, UpperHex, Base64, Base64URL}
	if c.p.scheme.Algorithm == Token {
		encodings = []string{PlainText}
	}
	c.oneOf("signature.encoding", &s.Encoding, encodings...)
	c.separator("signature.separator", s.Separator)
	c.separator("signature.sets", s.Sets)
	if s.Sets != "" && (s.Separator == "" || s.Sets == s.Separator) {
		c.fail("signature.sets", "needs a signature.separator that is another character", "")
	}
	c.oneOf("signature.header_match", &s.HeaderMatch, matchFirst, matchAny)
	c.p.SigAny = s.HeaderMatch == matchAny
	for _, rule := range slices.Sorted(maps.Keys(s.RefusedBy)) {
		if rules := []string{"blank", "order", "one", "first", "last"}; !slices.Contains(rules, rule) {
			c.fail("signature.refused_by", Quote(rule)+" is not one of "+strings.Join(rules, ", "), near.Word(rule, rules))
		}
	}
	if s.Item == "" {
		s.Item = "{" + PieceSig + "}"
	}
	c.p.Item = c.pattern("signature.item", s.Item, PieceSig)
	if s.NextItem == "" {
		return
	}
	next := c.pattern("signature.next_item", s.NextItem, PieceSig)
	if s.Separator == "" {
		c.fail("signature.next_item", "needs a signature.separator that divides the signature header into items", "")
	}
	c.p.NextItem = &next
}

func (c *parser) separator(field, value string) {
	switch value {
	case "", " ", ",", ";":
	case ", ", "; ":
		if field == "signature.sets" {
			c.fail(field, Quote(value)+" is not a separator of sets: use a space, a comma or a semicolon", "")
		}
	default:
		c.fail(field, Quote(value)+" is not a separator: use a space, a comma or a semicolon", "")
	}
}

func (c *parser) pattern(field, text, piece string) Pattern {
	p, bad := parsePattern(text, piece)
	if bad != nil {
		c.fail(field, bad.problem, bad.nearest)
	}
	return p
}

func (c *parser) path(field, text string) jsonbytes.Path {
	path, problem := parsePath(text)
	if problem != "" {
		c.fail(field, problem, "")
	}
	return path
}

func (c *parser) timestamp() {
	t := c.p.scheme.Timestamp
	if t == nil {
		return
	}
	c.p.HasTime = true
	c.p.TimeHeaders = c.headers("timestamp.header", t.Header)
	places := 0
	for _, set := range []bool{len(t.Header) > 0, t.Item != "", t.JSON != "" || t.Form != ""} {
		if set {
			places++
		}
	}
	switch {
	case c.p.Proves() && places > 0:
		c.fail("timestamp", "may have a tolerance and a window only: a token and a message signature carry their time themselves", "")
	case c.p.Proves():
	case places != 1:
		c.fail("timestamp", "needs exactly one of header, item and json (or form)", "")
	case t.Item != "" && !c.p.Listed():
		c.fail("timestamp.item", "needs a signature.separator that divides the signature header into items", "")
	case t.Item != "":
		item := c.pattern("timestamp.item", t.Item, PieceTS)
		c.p.TimeItem = &item
	case t.JSON != "":
		c.p.TimePath = c.path("timestamp.json", t.JSON)
	}
	c.p.TimeForm = t.Form
	if t.Copy != "" {
		c.p.CopyPath = c.path("timestamp.copy", t.Copy)
	}
	c.unit(t)
	c.oneOf("timestamp.window", &t.Window, windowBoth, WindowPast)
	switch {
	case t.Tolerance.Off:
		t.Tolerance = Tolerance{Off: true, Set: true}
	case !t.Tolerance.Set:
		t.Tolerance = Tolerance{Seconds: DefaultTolerance, Set: true}
	default:
		c.seconds("timestamp.tolerance", t.Tolerance.Seconds)
	}
}

func (c *parser) unit(t *TimestampSpec) {
	if text, ok := strings.CutPrefix(t.Unit, UnitLayout); ok {
		l, problem := parseLayout(text)
		if problem != "" {
			c.fail("timestamp.unit", problem, "")
		}
		c.p.Clock = Clock{Unit: UnitLayout, layout: l}
		return
	}
	c.oneOf("timestamp.unit", &t.Unit, UnitSeconds, UnitMillis, UnitAuto, UnitRFC3339, UnitLayout+"…")
	if t.Unit == UnitLayout+"…" {
		c.fail("timestamp.unit", "layout: needs a strftime layout after the colon", "")
	}
	c.p.Clock = Clock{Unit: t.Unit}
}

func (c *parser) seconds(field string, v float64) {
	if math.IsNaN(v) || v < 0 || v > maxSeconds {
		c.fail(field, "must be a number of seconds from 0 to 1e9", "")
	}
}

func (c *parser) id() {
	s := &c.p.scheme
	if s.ID == nil {
		return
	}
	if len(s.ID.Header) == 0 {
		c.fail("id.header", "is missing: say which header carries the id", "")
	}
	c.p.IDHeaders = c.headers("id.header", s.ID.Header)
}

func (c *parser) requirements() {
	for _, name := range slices.Sorted(maps.Keys(c.p.scheme.Require)) {
		field := "require." + name
		member, inBody := strings.CutPrefix(name, PieceJSON+":")
		if !inBody && !ValidHeaderName(name) {
			c.fail(field, Quote(name)+" is not a header name", "")
			return
		}
		value, bad := parseTemplate(c.p.scheme.Require[name], []string{PieceParam + ":"})
		if bad != nil {
			c.fail(field, bad.problem, bad.nearest)
			return
		}
		if inBody {
			c.p.Members = append(c.p.Members, Requirement{Path: c.path(field, member), Name: member, Value: value})
			continue
		}
		c.p.Require = append(c.p.Require, Requirement{Header: CanonicalHeader(name), Name: name, Value: value})
	}
}

func (c *parser) bodyHash() {
	s := &c.p.scheme
	if s.BodyHash == nil {
		return
	}
	switch {
	case s.BodyHash.Query == "":
		c.fail("body_hash.query", "is missing: say which query parameter holds the body's hash", "")
	case !c.p.Uses[PieceURL]:
		c.fail("body_hash.query", "means nothing unless {url} is part of content", "")
	case c.p.Uses[PieceBody]:
		c.fail("body_hash.query", "is not needed when {body} itself is part of content", "")
	}
}

// uses checks what content refers to against the rest of the scheme.
func (c *parser) uses() {
	r := c.p
	switch {
	case r.Uses[PieceID] && len(r.IDHeaders) == 0:
		c.fail("content", "uses {id}, but there is no id.header", "")
	case r.Uses[PieceTime] && !r.HasTime:
		c.fail("content", "uses {timestamp}, but there is no timestamp.header, timestamp.item or timestamp.json", "")
	case r.BodyWhole() && r.SignsInBody():
		c.fail("signature.json", "the signature cannot stand in the body while {body} is part of content", "")
	case r.BodyWhole() && r.Items != nil:
		c.fail("items", "means nothing while {body} is part of content", "")
	case r.Items != nil && r.SigPath == nil:
		c.fail("items", "needs signature.json: each element holds its signature", "")
	case r.Items != nil && r.SigForm != "":
		c.fail("items", "is for JSON, and signature.form is for forms", "")
	}
	valid := []string{URLPort, URLDecoded}
	for _, form := range r.scheme.URLMatch {
		if !slices.Contains(valid, form) {
			c.fail("url_match", Quote(form)+" is not one of "+strings.Join(valid, ", "), near.Word(form, valid))
		}
	}
	if len(r.scheme.URLMatch) > 0 && !r.Uses[PieceURL] {
		c.fail("url_match", "means nothing unless {url} is part of content", "")
	}
	n := len(r.SigHeaders)
	r.HeaderSet = n > 1 && !r.SigAny &&
		(len(r.TimeHeaders) == n || len(r.TimeHeaders) == 0) && (len(r.IDHeaders) == n || len(r.IDHeaders) == 0) &&
		len(r.TimeHeaders)+len(r.IDHeaders) > 0
}

func (c *parser) event() {
	e := &c.p.scheme.Event
	c.eventPaths("event.type", e.Type)
	c.eventPaths("event.id", e.ID)
	c.eventPaths("event.time", e.Time)
}

func (c *parser) eventPaths(field string, paths Names) {
	for _, p := range paths {
		if header, ok := strings.CutPrefix(p, "header:"); ok {
			if !ValidHeaderName(header) {
				c.fail(field, Quote(header)+" is not a header name", "")
			}
			c.p.EventHeaders = append(c.p.EventHeaders, CanonicalHeader(header))
			continue
		}
		c.path(field, p)
	}
}

func (c *parser) delivery() {
	c.seconds("answer_timeout", c.p.scheme.AnswerTimeout)
	for _, wait := range c.p.scheme.Retry {
		c.seconds("retry", wait)
	}
	if len(c.p.scheme.Retry) > 100 {
		c.fail("retry", "has more than 100 waits", "")
	}
}
