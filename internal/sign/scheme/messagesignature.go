package scheme

// Schemes that sign with HTTP Message Signatures (RFC 9421).

import (
	"slices"
	"strings"
)

// The headers of a message signature (RFC 9421, section 4, and RFC 9530).
const (
	SignatureInput = "Signature-Input"
	SignatureField = "Signature"
	ContentDigest  = "Content-Digest"
)

// BodyComponent is the component that covers the body, by its hash.
const BodyComponent = "content-digest"

// MessageSignatureSpec says what a message signature must cover. A message chooses none of it, and not the algorithm.
type MessageSignatureSpec struct {
	// Components must be covered, in the form of RFC 9421: @method, @target-uri, content-digest, a header's name in lower case. A
	// message may cover more. Signing covers these, in this order.
	Components Names  `json:"components,omitempty"`
	Label      string `json:"label,omitempty"`  // of the signature that signing makes; default sig1. Verifying takes any label
	Tag        string `json:"tag,omitempty"`    // the tag parameter must be this one
	Digest     string `json:"digest,omitempty"` // of content-digest, when signing: sha-256 (default) or sha-512
}

// The hashes of Content-Digest that count (RFC 9530, section 5): the others are not fit for signatures.
const (
	DigestSHA256 = "sha-256"
	DigestSHA512 = "sha-512"
)

func decodeMessageSignature(b *branch) *MessageSignatureSpec {
	if b == nil {
		return nil
	}
	s := &MessageSignatureSpec{Components: b.names("components"), Label: b.text("label"), Tag: b.text("tag"), Digest: b.text("digest")}
	b.done()
	return s
}

// messageSignature checks what must be covered, and that nothing else says what is signed.
func (c *parser) messageSignature() {
	s := &c.p.scheme
	if s.MessageSignature == nil {
		return
	}
	if !slices.Contains([]Algorithm{HMACSHA256, Ed25519, ECDSAP256, RSASHA256}, s.Algorithm) {
		c.fail("algorithm", string(s.Algorithm)+" is no algorithm of message signatures: use hmac-sha256, ed25519, ecdsa-p256-sha256 or rsa-sha256", string(HMACSHA256))
		return
	}
	if c.alone("message_signature"); c.err != nil {
		return
	}
	t := *s.MessageSignature
	s.MessageSignature = &t
	if len(t.Components) == 0 {
		c.fail("message_signature.components", "is missing: say what must be covered, such as [\"@method\", \"@target-uri\", content-digest]", "")
	}
	for _, name := range t.Components {
		c.component(name)
	}
	if t.Label == "" {
		t.Label = "sig1"
	}
	if strings.Trim(t.Label, "abcdefghijklmnopqrstuvwxyz0123456789_-.*") != "" || strings.Trim(t.Label[:1], "abcdefghijklmnopqrstuvwxyz*") != "" {
		c.fail("message_signature.label", "must be lower-case letters, digits, _ - . and *, and begin with a letter", "")
	}
	if strings.ContainsFunc(t.Tag, func(r rune) bool { return r < ' ' || r > '~' }) {
		c.fail("message_signature.tag", "may hold ASCII characters only", "")
	}
	c.oneOf("message_signature.digest", &t.Digest, DigestSHA256, DigestSHA512)
	c.p.SigHeaders = []string{SignatureField, SignatureInput}
	c.p.Item = c.pattern("message_signature", "{"+PieceSig+"}", PieceSig)
	if s.Timestamp == nil {
		s.Timestamp = &TimestampSpec{}
	}
}

// alone refuses what says how a message is signed beside a field that says all of it.
func (c *parser) alone(field string) {
	s := &c.p.scheme
	g := &s.Signature
	for _, other := range []struct {
		field string
		set   bool
	}{
		{"content", s.Content != ""},
		{"signature", len(g.Header) > 0 || g.JSON+g.Prefix+g.Sets+g.Separator+g.Item+g.NextItem+g.Encoding+g.HeaderMatch != "" || g.Repeated || len(g.RefusedBy) > 0},
		{"body_hash", s.BodyHash != nil},
		{"url_match", len(s.URLMatch) > 0},
	} {
		if other.set {
			c.fail(other.field, "means nothing beside "+field+", which says how a message is signed", "")
		}
	}
}

// component checks one component and notes what it needs.
func (c *parser) component(name string) {
	const field = "message_signature.components"
	derived := []string{"@method", "@target-uri", "@authority", "@scheme", "@request-target", "@path", "@query"}
	switch {
	case name == "@method":
		c.p.Uses[PieceMethod] = true
	case slices.Contains(derived, name):
		c.p.Uses[PieceURL] = true
	case strings.HasPrefix(name, "@"):
		c.fail(field, Quote(name)+" is not one of "+strings.Join(derived, ", "), likeliest(name, derived))
	case !ValidHeaderName(name) || strings.ToLower(name) != name:
		c.fail(field, Quote(name)+" is not a header name in lower case", strings.ToLower(name))
	default:
		c.p.Components = append(c.p.Components, CanonicalHeader(name))
	}
}

func (c *parser) messageSignatureLimits(t *MessageSignatureSpec) {
	if t == nil {
		return
	}
	c.list("message_signature.components", t.Components)
	c.longest("message_signature.label", maxTemplate, t.Label)
	c.longest("message_signature.tag", maxTemplate, t.Tag)
}

// Proves says whether a message brings a proof that names what it covers, a token or a message signature, in place of a signature
// over a content that the scheme describes.
func (r *Parsed) Proves() bool { return r.scheme.JWT != nil || r.scheme.MessageSignature != nil }

// HashesBody says whether the signature covers the body by a hash that the message carries.
func (r *Parsed) HashesBody() bool {
	switch s := &r.scheme; {
	case s.JWT != nil:
		return s.JWT.BodyClaim != ""
	case s.MessageSignature != nil:
		return slices.Contains(s.MessageSignature.Components, BodyComponent)
	default:
		return s.BodyHash != nil
	}
}
