package scheme

// Schemes whose signature is a JSON web token (RFC 7519) in a header.

import (
	"maps"
	"slices"
)

// The algorithms that a token may be signed with (RFC 7518, section 3.1).
const (
	HS256 = "HS256"
	RS256 = "RS256"
	ES256 = "ES256"
)

// The claims that may hold a token's time.
const (
	ClaimIssued    = "iat"
	ClaimNotBefore = "nbf"
)

// JWTSpec says which token a message carries and what must stand in it. A token chooses nothing of this.
type JWTSpec struct {
	Alg    string `json:"alg,omitempty"` // HS256, RS256 or ES256
	Header Names  `json:"header,omitempty"`
	Prefix string `json:"prefix,omitempty"` // stands before the token, such as "Bearer "
	// BodyClaim is the claim that holds the body's SHA-256. A message without a body may leave it out. "" is none: the token then does
	// not cover the body.
	BodyClaim    string `json:"body_claim,omitempty"`
	BodyEncoding string `json:"body_encoding,omitempty"` // hex (default), base64 or base64url
	URLClaim     string `json:"url_claim,omitempty"`     // the claim that holds the URL's SHA-256 in hex
	Iss          Names  `json:"iss,omitempty"`           // the issuer, or several of which one must be it
	Aud          string `json:"aud,omitempty"`           // the audience, or one of them; {param:name} allowed
	// Claims are further claims and the value that each must have: a text, or a number, true or false as JSON writes it; {param:name}
	// allowed.
	Claims map[string]string `json:"claims,omitempty"`
	// Jti says that a token has an id in jti, which is then the message's.
	Jti bool `json:"jti,omitempty"`
	// Time is the claim with the token's time: iat (default) or nbf. It counts where the scheme has a timestamp.
	Time string `json:"time,omitempty"`
	// Lifetime is how long a token is good for, in seconds: signing writes exp so long after its time. 0 writes none. Verifying keeps to the
	// exp of each token.
	Lifetime float64 `json:"lifetime,omitempty"`
}

// TokenClaim is a claim that must have a value.
type TokenClaim struct {
	Name  string
	Value []Piece
}

// signedWith is the algorithm of the signature inside a token.
func (s *JWTSpec) signedWith() Algorithm {
	switch s.Alg {
	case RS256:
		return RSASHA256
	case ES256:
		return ECDSAP256
	default:
		return HMACSHA256
	}
}

// KeyAlgorithm is the algorithm that a scheme's keys are for: its own, or the one that its tokens are signed with.
func (s *Scheme) KeyAlgorithm() Algorithm {
	if s.JWT != nil {
		return s.JWT.signedWith()
	}
	return s.Algorithm
}

func decodeJWT(b *branch) *JWTSpec {
	if b == nil {
		return nil
	}
	s := &JWTSpec{
		Alg: b.text("alg"), Header: b.names("header"), Prefix: b.text("prefix"), BodyClaim: b.text("body_claim"), BodyEncoding: b.text("body_encoding"),
		URLClaim: b.text("url_claim"), Iss: b.names("iss"), Aud: b.text("aud"), Claims: b.texts("claims"), Jti: b.flag("jti"), Time: b.text("time"), Lifetime: b.number("lifetime"),
	}
	b.done()
	return s
}

// jwt checks what is said of the token, and that nothing else says how a message is signed.
func (c *parser) jwt() {
	s := &c.p.scheme
	switch {
	case s.JWT == nil && s.Algorithm != JWT:
		return
	case s.JWT == nil:
		c.fail("jwt", "is missing: say which token a message carries", "")
		return
	case s.Algorithm != JWT:
		c.fail("jwt", "is for algorithm: jwt alone", "")
		return
	}
	if c.alone("jwt"); c.err != nil {
		return
	}
	t := *s.JWT
	s.JWT = &t
	if t.Alg == "" {
		c.fail("jwt.alg", "is missing: say which algorithm the tokens are signed with, because a token must not choose it", HS256)
	}
	c.oneOf("jwt.alg", &t.Alg, HS256, RS256, ES256)
	if len(t.Header) == 0 {
		c.fail("jwt.header", "is missing: say which header carries the token", "")
	}
	c.p.SigHeaders = c.headers("jwt.header", t.Header)
	c.oneOf("jwt.body_encoding", &t.BodyEncoding, Hex, Base64, Base64URL)
	c.oneOf("jwt.time", &t.Time, ClaimIssued, ClaimNotBefore)
	c.seconds("jwt.lifetime", t.Lifetime)
	if t.Lifetime > 0 && s.Timestamp == nil {
		c.fail("jwt.lifetime", "needs a timestamp: exp is so long after it", "")
	}
	c.tokenClaims(&t)
	if s.ID != nil {
		c.fail("id", "means nothing beside jwt: a token has its id in jti", "")
	}
	c.p.Item = c.pattern("jwt", "{"+PieceSig+"}", PieceSig)
}

// tokenClaims cuts the values that a token must have into pieces.
func (c *parser) tokenClaims(t *JWTSpec) {
	add := func(field, name, text string) {
		value, bad := parseTemplate(text, []string{PieceParam + ":"})
		switch {
		case bad != nil:
			c.fail(field, bad.problem, bad.nearest)
		case name == "" || text == "":
			c.fail(field, "needs a name and a value", "")
		default:
			c.p.TokenClaims = append(c.p.TokenClaims, TokenClaim{Name: name, Value: value})
		}
	}
	if t.Aud != "" {
		add("jwt.aud", "aud", t.Aud)
	}
	for _, name := range slices.Sorted(maps.Keys(t.Claims)) {
		if slices.Contains([]string{"iss", "aud", "iat", "exp", "nbf", "jti", t.BodyClaim, t.URLClaim}, name) {
			c.fail("jwt.claims."+name, "has a field or a meaning of its own", "")
		}
		add("jwt.claims."+name, name, t.Claims[name])
	}
}

func (c *parser) jwtLimits(t *JWTSpec) {
	if t == nil {
		return
	}
	c.list("jwt.header", t.Header)
	c.list("jwt.iss", t.Iss)
	c.longest("jwt.prefix", maxTemplate, t.Prefix)
	c.longest("jwt.aud", maxTemplate, t.Aud)
	c.longest("jwt.body_claim", maxTemplate, t.BodyClaim)
	c.longest("jwt.url_claim", maxTemplate, t.URLClaim)
	c.table("jwt.claims", t.Claims)
}
