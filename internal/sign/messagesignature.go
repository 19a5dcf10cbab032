package sign

// HTTP Message Signatures (RFC 9421) over requests. The algorithm is that of the key; the alg of a message can only agree with it
// (section 3.2, step 6). The body is covered by Content-Digest (RFC 9530), which must then match.

import (
	"cmp"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// maxMessageSignatures bounds the signatures of one message that are looked at.
const maxMessageSignatures = 4

// algorithmName is what RFC 9421, section 6.2.2, calls an algorithm.
func algorithmName(a scheme.Algorithm) string {
	if a == scheme.RSASHA256 {
		return "rsa-v1_5-sha256"
	}
	return string(a)
}

// joinedField is a field's value as signatures have it: its lines without blanks around, with a comma between (section 2.1).
func joinedField(header map[string][]string, name string) (string, bool) {
	var out []string
	for _, v := range scheme.HeaderValues(header, name) {
		out = append(out, scheme.TrimBlanks(v))
	}
	return strings.Join(out, ", "), len(out) > 0
}

// readMessageSignatures takes the signatures of a message apart.
func (r *Rules) readMessageSignatures(m *Message) []proof {
	refused := func(reason Reason, d Detail) []proof { return []proof{{reason: reason, detail: d}} }
	var dicts [2][]fieldMember
	for i, name := range []string{scheme.SignatureInput, scheme.SignatureField} {
		value, there := joinedField(m.Header, name)
		if !there || value == "" {
			return refused(MissingSignature, Detail{Code: Missing, Place: Place{InHeader, name}})
		}
		dict, ok := readDictionary(value)
		if !ok || len(dict) == 0 {
			return refused(MalformedSignature, Detail{Code: NotDictionary, Place: Place{InHeader, name}})
		}
		dicts[i] = dict
	}
	var out []proof
	for i := range dicts[0][:min(len(dicts[0]), maxMessageSignatures)] {
		out = append(out, r.readMessageSignature(m, &dicts[0][i], memberOf(dicts[1], dicts[0][i].key)))
	}
	return out
}

// readMessageSignature takes one signature apart: what it says it covers, and its bytes.
func (r *Rules) readMessageSignature(m *Message, input, sig *fieldMember) proof {
	var p proof
	place := Place{InHeader, scheme.SignatureInput}
	switch {
	case !input.inner:
		p.refuse(MalformedSignature, Detail{Code: NotComponents, Place: place, Value: scheme.Quote(input.key)})
		return p
	case sig == nil || sig.inner || sig.item.kind != fieldBytes || sig.item.text == "":
		p.refuse(MalformedSignature, Detail{Code: NoLabel, Place: Place{InHeader, scheme.SignatureField}, Value: scheme.Quote(input.key)})
		return p
	}
	p.sig = []byte(sig.item.text)
	r.checkParams(&input.item, &p)
	r.checkCovered(input.list, &p)
	b := base{m: m, p: &p, seen: map[string]bool{}}
	for i := range input.list {
		b.add(&input.list[i])
	}
	if p.uncovers = !b.seen[quoteField(scheme.BodyComponent)]; !p.uncovers {
		p.readDigests(m)
	}
	p.text = []byte(b.text + `"@signature-params": ` + input.value())
	return p
}

// Covers are the components that a message's signatures cover, by their names, whether or not they are right. They have no parameters.
func (r *Rules) Covers(m *Message) []string {
	input, there := joinedField(m.Header, scheme.SignatureInput)
	dict, ok := readDictionary(input)
	if r.Scheme().MessageSignature == nil || !there || !ok {
		return nil
	}
	var out []string
	for i := range dict[:min(len(dict), maxMessageSignatures)] {
		for _, it := range dict[i].list {
			if len(it.params) == 0 {
				out = append(out, it.text)
			}
		}
	}
	return out
}

// URLComponent is what a component of a URL stands for, "" for another one.
func URLComponent(raw, name string) string {
	v, _ := urlPart(raw, name)
	return v
}

// checkParams reads the parameters of a signature.
func (r *Rules) checkParams(params *fieldItem, p *proof) {
	place := Place{InHeader, scheme.SignatureInput}
	if alg := params.param("alg"); alg != nil {
		if want := algorithmName(r.Scheme().Algorithm); alg.kind != fieldString || alg.text != want {
			p.refuse(MalformedSignature, Detail{Code: OtherAlgorithm, Place: place, Value: scheme.Quote(alg.text), Want: want})
		}
	}
	if kid := params.param("keyid"); kid != nil {
		p.kid = kid.text
	}
	if tag, want := params.param("tag"), r.Scheme().MessageSignature.Tag; want != "" && (tag == nil || tag.text != want) {
		said := "missing"
		if tag != nil {
			said = scheme.Quote(tag.text)
		}
		p.unmet = Detail{Code: OtherClaim, Place: Place{InParameter, "tag"}, Value: said, Want: want}
	}
	for _, name := range []string{"created", "expires"} {
		v := params.param(name)
		switch {
		case v == nil && name == "created":
			p.refuse(MissingTimestamp, Detail{Code: Missing, Place: Place{InParameter, name}})
			continue
		case v == nil:
			continue
		}
		at, ok := fieldTime(v)
		switch {
		case !ok:
			p.refuse(MalformedTimestamp, Detail{Code: NotSeconds, Place: Place{InParameter, name}})
		case name == "created":
			p.created = moment{at: at, ok: true}
		default:
			p.ends = append(p.ends, ending{at: at, place: Place{InParameter, name}})
		}
	}
}

// fieldTime reads an integer of seconds since 1970.
func fieldTime(v *fieldItem) (time.Time, bool) {
	n, err := strconv.ParseInt(v.text, 10, 64)
	if v.kind != fieldInteger || err != nil || n < 0 || n > scheme.MaxUnix {
		return time.Time{}, false
	}
	return time.Unix(n, 0).UTC(), true
}

// checkCovered refuses a signature that does not cover all that the scheme asks for. A component with parameters is another one.
func (r *Rules) checkCovered(list []fieldItem, p *proof) {
	for _, want := range r.Scheme().MessageSignature.Components {
		if !slices.ContainsFunc(list, func(it fieldItem) bool { return it.kind == fieldString && it.text == want && len(it.params) == 0 }) {
			p.refuse(MalformedSignature, Detail{Code: NotCovered, Place: Place{InHeader, scheme.SignatureInput}, Value: scheme.Quote(want)})
		}
	}
}

// base is a signature base in the making (section 2.5).
type base struct {
	m    *Message
	p    *proof
	seen map[string]bool // the components, as they are written
	text string
}

// add adds one component.
func (b *base) add(it *fieldItem) {
	id := it.whole()
	place := Place{InHeader, scheme.SignatureInput}
	if it.kind != fieldString || b.seen[id] || it.text != strings.ToLower(it.text) {
		b.p.refuse(MalformedSignature, Detail{Code: NotComponents, Place: place, Value: scheme.Quote(id)})
		return
	}
	b.seen[id] = true
	if v, ok := b.value(it); ok {
		b.text += id + ": " + v + "\n"
	}
}

// value is what a component stands for. It refuses the signature where it cannot be told.
func (b *base) value(it *fieldItem) (string, bool) {
	if strings.HasPrefix(it.text, "@") {
		return b.derived(it)
	}
	lines := scheme.HeaderValues(b.m.Header, scheme.CanonicalHeader(it.text))
	joined, there := joinedField(b.m.Header, scheme.CanonicalHeader(it.text))
	if !there {
		b.p.refuse(MalformedSignature, Detail{Code: MissingSigned, Place: Place{InHeader, scheme.CanonicalHeader(it.text)}})
		return "", false
	}
	switch {
	case len(it.params) == 0:
		return joined, true
	case len(it.params) == 1 && it.params[0].key == "bs" && it.params[0].value.kind == fieldBoolean: // section 2.1.3
		coded := make([]string, len(lines))
		for i, v := range lines {
			coded[i] = ":" + base64.StdEncoding.EncodeToString([]byte(scheme.TrimBlanks(v))) + ":"
		}
		return strings.Join(coded, ", "), true
	case len(it.params) == 1 && it.params[0].key == "key" && it.params[0].value.kind == fieldString: // section 2.1.2
		dict, ok := readDictionary(joined)
		if one := memberOf(dict, it.params[0].value.text); ok && one != nil {
			return one.value(), true
		}
		b.p.refuse(MalformedSignature, Detail{Code: MissingSigned, Place: Place{InHeader, scheme.CanonicalHeader(it.text)}})
		return "", false
	}
	return b.unknown(it)
}

// unknown refuses a component that cannot be made here.
func (b *base) unknown(it *fieldItem) (string, bool) {
	b.p.refuse(MalformedSignature, Detail{Code: ComponentUnknown, Place: Place{InHeader, scheme.SignatureInput}, Value: scheme.Quote(it.whole())})
	return "", false
}

// derived is what a component of the request itself stands for (section 2.2).
func (b *base) derived(it *fieldItem) (string, bool) {
	if it.text == "@query-param" && len(it.params) == 1 && it.params[0].key == "name" && it.params[0].value.kind == fieldString {
		return b.queryParam(it.params[0].value.text)
	}
	if len(it.params) > 0 {
		return b.unknown(it)
	}
	if it.text == "@method" {
		if b.m.Method == "" {
			b.p.refuse(Mismatch, Detail{Code: NoMethod})
		}
		return b.m.Method, b.m.Method != ""
	}
	v, ok := urlPart(b.m.URL, it.text)
	switch {
	case ok:
		return v, true
	case b.m.URL == "":
		b.p.refuse(Mismatch, Detail{Code: NoURL})
		return "", false
	}
	return b.unknown(it)
}

// urlPart is a part of a URL, by its name as a component.
func urlPart(whole, name string) (string, bool) {
	head, rest, ok := strings.Cut(whole, "://")
	if !ok {
		return "", false
	}
	rest, _, _ = strings.Cut(rest, "#")
	n := strings.IndexAny(rest, "/?")
	if n < 0 {
		n = len(rest)
	}
	host, target := rest[:n], rest[n:]
	path, query, _ := strings.Cut(target, "?")
	path = cmp.Or(path, "/")
	head = strings.ToLower(head)
	switch name {
	case "@target-uri":
		return whole, true
	case "@scheme":
		return head, true
	case "@authority":
		host = strings.ToLower(host[strings.LastIndexByte(host, '@')+1:])
		return strings.TrimSuffix(host, map[string]string{"http": ":80", "https": ":443"}[head]), true
	case "@path":
		return path, true
	case "@query":
		return "?" + query, true
	case "@request-target":
		if strings.Contains(target, "?") {
			return path + "?" + query, true
		}
		return path, true
	default:
		return "", false
	}
}

// queryParam is one parameter of the query, decoded and re-encoded (section 2.2.8). One that comes twice is no component.
func (b *base) queryParam(name string) (string, bool) {
	query, ok := urlPart(b.m.URL, "@query")
	if !ok {
		b.p.refuse(Mismatch, Detail{Code: NoURL})
		return "", false
	}
	want, err := url.QueryUnescape(name)
	values, bad := url.ParseQuery(query[1:])
	if err != nil || bad != nil || len(values[want]) != 1 {
		b.p.refuse(MalformedSignature, Detail{Code: MissingSigned, Place: Place{InQuery, name}})
		return "", false
	}
	return strings.NewReplacer("+", "%20", "%2A", "*", "~", "%7E").Replace(url.QueryEscape(values[want][0])), true
}

// readDigests reads Content-Digest. Each hash that is known must be right; one at least must be known.
func (p *proof) readDigests(m *Message) {
	place := Place{InHeader, scheme.ContentDigest}
	value, there := joinedField(m.Header, scheme.ContentDigest)
	if !there {
		return // refused already: what is signed lacks it
	}
	dict, ok := readDictionary(value)
	if !ok {
		p.refuse(MalformedSignature, Detail{Code: NotDictionary, Place: place})
		return
	}
	for key, size := range map[string]int{scheme.DigestSHA256: sha256.Size, scheme.DigestSHA512: sha512.Size} {
		one := memberOf(dict, key)
		switch {
		case one == nil:
		case one.inner || one.item.kind != fieldBytes || len(one.item.text) != size:
			p.refuse(MalformedSignature, Detail{Code: NotHash, Place: place, Encoding: "base64 between colons"})
		default:
			p.digests = append(p.digests, bodyDigest{[]byte(one.item.text), place})
		}
	}
	if len(p.digests) == 0 {
		p.refuse(MalformedSignature, Detail{Code: DigestUnknown, Place: place})
	}
}

// signMessage makes the headers of a message signature.
func (s *signing) signMessage(key *keyData) error {
	spec := s.r.Scheme().MessageSignature
	m := &Message{Method: s.q.Method, URL: s.q.URL, Header: s.headers()}
	if s.r.HashesBody() {
		digest, err := s.contentDigest(spec.Digest)
		if err != nil {
			return err
		}
		m.Header[scheme.ContentDigest] = []string{digest}
		s.out.Fields = append(s.out.Fields, Field{scheme.ContentDigest, digest})
	}
	input := fieldMember{key: spec.Label, inner: true}
	for _, name := range spec.Components {
		input.list = append(input.list, fieldItem{kind: fieldString, text: name})
	}
	created := fieldItem{kind: fieldInteger, text: s.out.Timestamp}
	if _, err := scheme.ParseDigits(s.out.Timestamp); err != nil {
		created.kind = fieldString // a time that is none, to see whether a receiver refuses it
	}
	input.item.params = append(input.item.params, fieldParam{"created", created})
	if kid := s.q.Params["keyid"]; kid != "" {
		input.item.params = append(input.item.params, fieldParam{"keyid", fieldItem{kind: fieldString, text: kid}})
	}
	input.item.params = append(input.item.params, fieldParam{"alg", fieldItem{kind: fieldString, text: algorithmName(s.r.Scheme().Algorithm)}})
	if spec.Tag != "" {
		input.item.params = append(input.item.params, fieldParam{"tag", fieldItem{kind: fieldString, text: spec.Tag}})
	}
	var p proof
	b := base{m: m, p: &p, seen: map[string]bool{}}
	for i := range input.list {
		b.add(&input.list[i])
	}
	if p.reason != "" {
		return s.fail(scheme.SignatureInput, p.detail.String(), nil)
	}
	sig, err := key.over([]byte(b.text + `"@signature-params": ` + input.value()))
	if err != nil {
		return s.fail("key", "the key cannot sign", err)
	}
	s.out.Signature = spec.Label + "=:" + base64.StdEncoding.EncodeToString(sig) + ":"
	s.out.Fields = append(s.out.Fields, Field{scheme.SignatureInput, spec.Label + "=" + input.value()}, Field{scheme.SignatureField, s.out.Signature})
	return nil
}

// contentDigest is the header for the body, which it reads to its end.
func (s *signing) contentDigest(name string) (string, error) {
	h := sha256.New()
	if name == scheme.DigestSHA512 {
		h = sha512.New()
	}
	if _, err := io.Copy(h, s.body); err != nil {
		return "", s.fail("body", "the body cannot be read", err)
	}
	return name + "=:" + base64.StdEncoding.EncodeToString(h.Sum(nil)) + ":", nil
}
