package explain

// What in a request may be a signature.

import (
	"encoding/base64"
	"encoding/hex"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

const (
	maxCandidates    = 24
	maxItems         = 16 // of a header's value
	maxCandidateText = 256
	maxPublicText    = 1 << 10 // of a public-key signature: RSA with 4,096 bits in hex
	minCandidate     = 16      // bytes: fewer are not taken from headers other than the signature's
	minTruncated     = 10      // bytes: fewer could match by chance
)

// place is where a signature or token may stand.
type place struct {
	name   string // of the header, or what people call it
	values []string
	wrong  *mistake // that it stands there; nil: the scheme has it there
	least  int      // bytes of a signature
}

// candidate is one text in the message that may be a signature, decoded in one of the usual ways.
type candidate struct {
	*place
	raw      []byte
	encoding *mistake // nil: as the scheme writes it
	shape    *mistake // nil: in the scheme's format
}

// collectCandidates takes everything that looks like a signature, the scheme's own header first.
func (s *search) collectCandidates() []candidate {
	var out []candidate
	add := func(c candidate) {
		same := func(o candidate) bool { return o.name == c.name && string(o.raw) == string(c.raw) }
		if len(out) < maxCandidates && !slices.ContainsFunc(out, same) {
			out = append(out, c)
		}
	}
	for _, p := range s.places() {
		for _, v := range p.values {
			s.cut(p, v, add)
		}
	}
	return out
}

// places are those of the scheme, and then the other headers.
func (s *search) places() []*place {
	var out []*place
	if v, at, code := s.r.SignatureIn(s.m); s.r.SignsInBody() && code == sign.NoDetail {
		out = append(out, &place{name: at.String(), values: []string{v}, least: minTruncated})
	}
	for _, h := range s.r.SigHeaders {
		out = append(out, &place{name: h, values: scheme.HeaderValues(s.m.Header, h), least: minTruncated})
	}
	for _, h := range slices.Sorted(maps.Keys(s.m.Header)) {
		if !slices.Contains(s.r.SigHeaders, scheme.CanonicalHeader(h)) && mayCarrySignature(h) {
			out = append(out, &place{name: h, values: s.m.Header[h], wrong: s.elsewhere("signature", h), least: minCandidate})
		}
	}
	return out
}

// usualName says whether a header's name has letters, digits, dashes, underscores and dots only. HTTP allows more, such as
// backquotes, and people paste what a fix names.
func usualName(header string) bool {
	return strings.Trim(strings.ToLower(header), "abcdefghijklmnopqrstuvwxyz0123456789-_.") == ""
}

// mayCarrySignature leaves out headers whose values are other digests, and names that no provider has.
func mayCarrySignature(header string) bool {
	switch h := strings.ToLower(header); {
	case !usualName(header):
		return false
	case strings.Contains(h, "digest") && !strings.Contains(h, "sig") || h == "etag" || h == "content-md5" || h == "if-none-match" || h == "cookie":
		return false
	default:
		return true
	}
}

// cut cuts one value into pieces and decodes each.
func (s *search) cut(p *place, value string, add func(candidate)) {
	const maxValue = 8 << 10
	if len(value) > maxValue {
		return
	}
	pieces := strings.FieldsFunc(value, func(c rune) bool { return c == ' ' || c == ',' || c == ';' || c == '\t' })
	if plain, err := url.PathUnescape(value); err == nil && plain != value {
		pieces = append(pieces[:min(len(pieces), maxItems-1)], plain)
	}
	for _, piece := range pieces[:min(len(pieces), maxItems)] {
		text := strings.Trim(strings.TrimPrefix(piece, "b'"), `"'[]`)
		s.decode(p, text, value, add)
		if i := strings.LastIndexAny(strings.TrimRight(text, "="), "=:"); i >= 0 {
			s.decode(p, text[i+1:], value, add)
		}
	}
}

// elsewhere says that a signature or token stands in another header than the scheme's.
func (s *search) elsewhere(what, header string) *mistake {
	m := &mistake{
		id: "signature.other_header", rank: rankOtherHeader, title: "the " + what + " stands in another header", evidence: "the value of " + scheme.Quote(header),
		fix: "find what renames " + s.sigPlace() + " on its way",
	}
	return m.or(when(scheme.ValidHeaderName(header), "signature.header: "+header))
}

// inShape says whether the scheme's own format finds this text in the value.
func (s *search) inShape(value, text string) bool {
	spec := &s.r.Scheme().Signature
	value, ok := strings.CutPrefix(scheme.TrimBlanks(value), spec.Prefix)
	if !ok {
		return false
	}
	items := []string{value}
	if spec.Separator != "" {
		items = strings.FieldsFunc(value, func(c rune) bool {
			return string(c) == strings.TrimSuffix(spec.Separator, " ") || spec.Sets != "" && string(c) == spec.Sets
		})
	}
	for _, item := range items {
		if got, ok := s.r.Item.Match(scheme.TrimBlanks(item)); ok && got == text {
			return true
		}
	}
	return false
}

// decode adds every decoding of a text that has the length of a signature.
func (s *search) decode(p *place, text, value string, add func(candidate)) {
	longest := maxCandidateText
	if s.r.Public() {
		longest = maxPublicText
	}
	if len(text) > longest || len(text) < p.least {
		return
	}
	c := candidate{place: p}
	if p.wrong == nil && !s.inShape(value, text) { // one of the two is enough to say
		c.shape = &mistake{
			id: "digest.prefix", rank: rankShape, title: "the signature is not written in the scheme's form",
			evidence: "without looking at what stands around it; the scheme writes " + s.r.Form(),
			fix:      "the code that signs must write it as " + s.r.Form(), set: s.shapeSet(value, text), foreign: true,
		}
		if strings.Contains(value, "%") && !strings.Contains(text, "%") {
			c.shape = &mistake{
				id: "digest.url_encoded", rank: rankShape, title: "the signature is URL-encoded", evidence: "with what its %XX stand for",
				fix: "find what URL-encodes " + s.sigPlace() + " on its way", foreign: true,
			}
		}
	}
	for _, d := range decodings() {
		raw, err := d.decode(text)
		if err != nil || len(raw) < p.least || d.own && p.wrong != nil {
			continue
		}
		c.raw, c.encoding = raw, nil
		if d.name != strings.ToLower(s.r.Scheme().Signature.Encoding) {
			c.encoding = d.mistake(s.r.Scheme().Signature.Encoding)
		}
		add(c)
	}
}

// shapeSet are the fields that would have found a text in a value: what stands around it, in the scheme's terms.
func (s *search) shapeSet(value, text string) string {
	const longest = 16 // bytes around a signature: more is no fixed text
	spec, sep := &s.r.Scheme().Signature, ""
	for _, c := range []string{";", ",", " "} {
		if strings.Contains(value, c) {
			sep = c
			break
		}
	}
	item := scheme.TrimBlanks(value)
	if sep != "" {
		for part := range strings.SplitSeq(value, sep) {
			if item = scheme.TrimBlanks(part); strings.Contains(item, text) {
				break
			}
		}
	}
	before, after, ok := strings.Cut(item, text)
	if !ok || len(before)+len(after) > longest || scheme.Quote(before+after) != `"`+before+after+`"` || strings.ContainsAny(before+after, `{}\`) {
		return ""
	}
	out := `signature.item: "` + before + "{" + scheme.PieceSig + "}" + after + `"`
	if sep != strings.TrimSuffix(spec.Separator, " ") && sep != "" {
		out += ` and signature.separator: "` + sep + `"`
	}
	if spec.Prefix != "" {
		out += " without signature.prefix"
	}
	return out
}

// decoding is one way a signature may be written.
type decoding struct {
	id      string // of the finding, after digest.encoding.
	name    string // for people; of the encoding where a scheme may have it
	named   bool   // a scheme may have it, by this name
	expects string // the encoding of the scheme that fix is for
	fix     string
	own     bool // in the scheme's own place only: ids and traces of other headers look so too
	decode  func(string) ([]byte, error)
}

func decodings() []decoding {
	return []decoding{
		{id: "hex", name: scheme.Hex, named: true, decode: hex.DecodeString},
		{
			id: "hex_in_pieces", name: "hex with 0x, colons or dashes in it", expects: scheme.Hex,
			fix: "the code that signs must write the digits alone, without 0x, colons or dashes (.NET's BitConverter writes dashes)", decode: hexInPieces, own: true,
		},
		{id: "base64", name: scheme.Base64, named: true, decode: base64.StdEncoding.DecodeString},
		{id: "base64url", name: scheme.Base64URL, named: true, decode: func(s string) ([]byte, error) {
			return base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
		}},
		{
			id: "base64_without_padding", name: "base64 without padding", expects: scheme.Base64,
			fix:    "the code that signs must pad the base64 with = to a multiple of 4 characters",
			decode: base64.RawStdEncoding.DecodeString,
		},
		{
			id: "base64_of_hex", name: "base64 of hex", expects: scheme.Base64, fix: "the code that signs must encode the digest's bytes, not its hex text",
			decode: func(s string) ([]byte, error) {
				b, err := base64.StdEncoding.DecodeString(s)
				if err != nil {
					return nil, err
				}
				return hex.DecodeString(string(b))
			},
		},
	}
}

// hexInPieces decodes what languages write to show bytes: 0x before the digits, and colons or dashes between each two of them.
func hexInPieces(s string) ([]byte, error) {
	digits := strings.TrimPrefix(strings.TrimPrefix(s, "0x"), "0X")
	return hex.DecodeString(strings.ReplaceAll(strings.ReplaceAll(digits, ":", ""), "-", ""))
}

func (d *decoding) mistake(want string) *mistake {
	m := &mistake{
		id: "digest.encoding." + d.id, rank: rankEncoding, recipes: recipeFormula, title: "the signature is in another encoding", foreign: true,
		evidence: "when the header is read as " + d.name + "; the scheme writes " + want, fix: "the code that signs must write the digest in " + want,
	}
	switch {
	case d.named:
		m.set = "signature.encoding: " + d.name
	case d.expects == want:
		m.fix = d.fix
	}
	return m
}

// fits says whether a case has this candidate for its signature, and what is wrong with the way it is written.
func (c *candidate) fits(t *sign.Trial) (*mistake, bool) {
	switch n := len(c.raw); {
	case t.Is(c.raw):
		return c.with(nil), true
	case n >= minTruncated && c.wrong == nil && t.Begins(c.raw):
		return c.with(&mistake{
			id: "digest.truncated", rank: rankTruncated, title: "the signature is cut short", evidence: "the first " + strconv.Itoa(n) + " bytes of " + strconv.Itoa(t.Size()),
			fix: "the code that signs must send the whole digest; if it does, something on the way cuts it", recipes: recipeFormula, foreign: true,
		}), true
	default:
		return nil, false
	}
}

// with joins what is odd about a candidate; nil when nothing is.
func (c *candidate) with(more *mistake) *mistake { return both(c.wrong, c.shape, c.encoding, more) }
