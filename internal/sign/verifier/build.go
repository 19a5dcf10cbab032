package verifier

// From a scheme to steps.

import (
	"strings"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// builder puts the steps of one scheme together, one behind another.
type builder struct {
	p     *scheme.Parsed
	s     *scheme.Scheme
	steps []step
	uses  map[string]bool   // parameters
	names map[string]string // the value that each is of
	err   *UnwritableError  // the first
}

// build makes the steps of a scheme. The error is an *UnwritableError.
func build(p *scheme.Parsed) (*verifier, error) {
	if err := unwritable(p); err != nil {
		return nil, err
	}
	b := &builder{p: p, s: p.Scheme(), uses: map[string]bool{"key": true}, names: map[string]string{}}
	b.key()
	if p.Items == nil {
		b.message()
	} else {
		b.uses["body"] = true
		b.do("json")
		b.once()
		b.loop("each item", b.message, "path", b.path("items", b.s.Items))
	}
	if b.err != nil {
		return nil, b.err
	}
	return &verifier{steps: b.steps, parameters: b.parameters(), shared: b.shared()}, nil
}

// cannot keeps the first field of a scheme that there are no words for.
func (b *builder) cannot(field string) {
	if b.err == nil {
		b.err = &UnwritableError{Scheme: b.s.Name, Cause: BeyondTheWords, Field: field}
	}
}

// do adds a step: a phrase and its places.
func (b *builder) do(phrase string, with ...any) { b.add(step{phrase: phrase, with: with}) }

// add adds a step. What reads a header or compares with the clock needs that.
func (b *builder) add(s step) {
	kind, _, _ := strings.Cut(s.phrase, " ")
	if _, rest, ok := strings.Cut(needed, " "+kind+":"); ok {
		parameter, _, _ := strings.Cut(rest, " ")
		b.uses[parameter] = true
	}
	b.steps = append(b.steps, s)
}

// needed are the parameters of phrases that begin with a word.
const needed = " header:headers headers:headers window:now multipart:headers json:body form:body body:body query:url "

// loop adds a step with steps inside.
func (b *builder) loop(phrase string, inside func(), with ...any) {
	before := b.steps
	b.steps = nil
	inside()
	s := step{phrase: phrase, with: with, body: b.steps}
	b.steps = before
	b.add(s)
}

// shared is what stands in every phrase: how the scheme signs, and the phrases for that.
func (b *builder) shared() places {
	a, encoding, made := b.s.Algorithm, b.encoding(), "plain"
	if a == a.Keyed() {
		made = "hmac"
	}
	family := b.family()
	same, shared, key := encoding, "secret bytes", b.s.Key.Encoding
	switch {
	case b.p.Public():
		same = family
	case key == scheme.UTF8:
		shared = "key bytes"
	}
	if key == scheme.SPKI {
		key = scheme.Base64
	}
	way := ""
	if encoding == scheme.Hex {
		way = scheme.Hex
	}
	hash := string(a.Unkeyed())
	fill := strings.NewReplacer("HASH", hash, "FAMILY", family, "KEY", key, "MADE", made, "ENCODING", encoding, "SAME", same, "SECRET", shared)
	out := places{"hash", hash, "hash name", strings.ToUpper(hash), "encoding", encoding, "way", way}
	for line := range strings.SplitSeq(fill.Replace(chosen), "\n") {
		name, value, _ := strings.Cut(line, ": ")
		out = append(out, name, phrase(value))
	}
	return out
}

// chosen are the places whose phrase follows from how a scheme signs.
const chosen = `hash of: hash HASH
sum of: sum HASH
family: family FAMILY
secret: SECRET
decoded key: key from KEY
prepare: prepare MADE
mac: mac MADE
written: written ENCODING
decoded: signature from ENCODING
same: same SAME`

// encoding is how the signature is written. Hex is read in either case.
func (b *builder) encoding() string {
	if e := b.s.Signature.Encoding; e != scheme.UpperHex {
		return e
	}
	return scheme.Hex
}

// family is the kind of a public key.
func (b *builder) family() string {
	switch b.s.Algorithm {
	case scheme.Ed25519:
		return "ed25519"
	case scheme.ECDSAP256:
		return "ecdsa"
	default:
		return "rsa"
	}
}

// key decodes the key. What is empty is refused: anybody can sign with an empty key.
func (b *builder) key() {
	k := &b.s.Key
	if k.Prefix != "" {
		b.do("key prefix", "prefix", literal(k.Prefix))
	}
	switch {
	case b.p.Public() && k.Encoding == scheme.PEM:
		b.do("public key pem " + b.family())
	case b.p.Public() && b.s.Algorithm == scheme.Ed25519 && k.Encoding != scheme.SPKI:
		b.do("public key raw")
	case b.p.Public():
		b.do("public key der " + b.family())
	case k.Encoding == scheme.UTF8:
		b.do("key empty")
	default:
		b.do("key " + k.Encoding)
		b.do("secret empty")
	}
}

// message verifies what is signed by itself: a request, or one item of its body.
func (b *builder) message() {
	if b.p.Items == nil {
		b.bodies()
	}
	b.cased()
	b.do("nothing") // an empty line
	b.source()
	if sets := b.s.Signature.Sets; sets != "" {
		b.loop("each set", func() { b.list("one set"); b.rest() }, "separator", literal(sets))
	} else {
		b.rest()
	}
}

// rest is what follows when the signature is read.
func (b *builder) rest() {
	b.do("nothing")
	b.time()
	b.do("nothing")
	b.requirements()
	b.do("nothing")
	b.values()
	b.check()
}

// inBody says which forms of a body values are looked up in.
func inBody(p *scheme.Parsed) (json, form bool) {
	json = p.SigPath != nil || p.TimePath != nil || p.CopyPath != nil || len(p.Members) > 0 || p.Uses[scheme.PieceJSON] || p.Items != nil
	form = p.SigForm != "" || p.TimeForm != "" || p.Uses[scheme.PieceField]
	return json, form
}

// bodies reads the body as what it is looked up in.
func (b *builder) bodies() {
	json, form := inBody(b.p)
	onlyCopy := b.p.CopyPath != nil && b.p.SigPath == nil && len(b.p.Members) == 0 && !b.p.Uses[scheme.PieceJSON]
	switch {
	case json && (form || onlyCopy):
		b.do("json perhaps")
	case json:
		b.do("json")
	}
	if json {
		b.once()
	}
	if form {
		b.do("multipart")
		b.do("form")
	}
}

// once refuses names that stand twice where members of the body are signed and not the whole of it: a program could read another value than
// the one that is signed.
func (b *builder) once() {
	if len(b.p.Covered) > 0 {
		b.do("json once")
	}
}

// cased refuses signed members whose names are there in another case. One that may be absent would come in by a name that some programs take
// for its own.
func (b *builder) cased() {
	var names paths
	for _, one := range b.p.Covered {
		names = append(names, b.path("content", one.String()))
	}
	if len(names) > 0 {
		b.do("json case", "from", b.root(), "paths", names)
	}
}

// requirements compares what must have a value.
func (b *builder) requirements() {
	for i := range b.p.Require {
		q := &b.p.Require[i]
		b.uses["headers"] = true
		b.do("require header", "name", literal(q.Name), "want", b.wanted(q.Value))
	}
	for i := range b.p.Members {
		q := &b.p.Members[i]
		b.do("require member", "from", b.root(), "path", b.path("require", q.Name), "want", b.wanted(q.Value))
	}
	if b.s.BodyHash != nil {
		b.uses["url"] = true
		b.do("body hash", "name", literal(b.s.BodyHash.Query))
	}
}

func (b *builder) wanted(pieces []scheme.Piece) template {
	out := template{}
	for i := range pieces {
		out = append(out, b.piece(&pieces[i]))
	}
	if len(out) == 0 {
		b.cannot("require")
	}
	return out
}
