package explain

// Mistakes with what names itself what it covers: JSON web tokens, and HTTP message signatures.

import (
	"crypto/sha256"
	"crypto/sha512"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// proofRow is what can be said of one refusal by its detail alone.
type proofRow struct {
	code           sign.DetailCode
	place          sign.Place // where the code says it of several; zero: of any
	id, title, fix string
}

// proofRows are in the order in which they are looked at.
func (s *search) proofRows() []proofRow {
	const choose = "; whctl takes no algorithm from a message: anybody can write one there, such as none, or HS256 with a public key as the secret"
	what := "signature"
	if s.r.Scheme().JWT != nil {
		what = "token"
	}
	claim := func(name string) sign.Place { return sign.Place{In: sign.InClaim, Name: name} }
	saved, clocks := "a request that was saved, replayed or retried is that old: verify it as of its time (--at, or --ignore-time)", "set this machine's clock (chrony, timedatectl), or the sender's"
	if s.o.AsOf {
		clocks = "verify it as of a time at which it counts (--at, or --ignore-time)"
	} else {
		saved += "; if it is fresh, set the clocks (chrony, timedatectl)"
	}
	return []proofRow{
		{sign.OtherAlgorithm, sign.Place{}, what + ".alg", "the " + what + " says another algorithm than the scheme's", "the sender must sign with the scheme's algorithm" + choose},
		{sign.CriticalUnknown, sign.Place{}, "token.crit", "the token has extensions that are not known here", "the sender must send a token without crit"},
		{sign.OtherClaim, claim("aud"), "token.aud", "the token is for another audience", "give the audience that is set at the provider" + s.paramFlag("aud") + "; if it is right, the token was made for somebody else, and must be refused"},
		{sign.OtherClaim, claim("iss"), "token.iss", "the token is from another issuer", "check who sends here: the scheme takes tokens of its provider alone"},
		{sign.OtherClaim, sign.Place{}, what + ".claim", "the " + what + " is not the one that is asked for", "check what is set here, and at the provider"},
		{sign.URLHashDiffers, sign.Place{}, "text.url.hash", "another URL was signed", "give the URL that is set at the provider (--url, or --public-url when listening)"},
		{sign.Ended, sign.Place{}, "clock.expired", "the " + what + " has expired", saved},
		{sign.NotBegun, sign.Place{}, "clock.behind", "the " + what + " does not count yet", clocks},
		{sign.NotCovered, sign.Place{}, "signature.component", "the signature does not cover what the scheme asks for", "the sender must cover it; if it never does, write a scheme of your own with message_signature.components that it covers"},
		{sign.ComponentUnknown, sign.Place{}, "signature.component.unknown", "the signature covers something that cannot be made of a request here", "the sender must cover other components"},
		{sign.DigestUnknown, sign.Place{}, "digest.unknown", "the body is covered by a hash that does not count", "the sender must send Content-Digest with sha-256 or sha-512"},
		{sign.MissingSigned, sign.Place{}, "header.lost", "a header that the signature covers did not arrive", "find what drops or renames the header on its way"},
		{sign.NotToken, sign.Place{}, "token.form", "the header holds no whole token", "copy all of it: logs and dashboards often show its beginning only; a right one looks like " + s.r.Form()},
	}
}

// otherKid tells of a key that is not among those of a set.
func otherKid(kid string) Finding {
	return Finding{
		ID: "key.kid", Title: "it was signed with a key that is not in the set that was given", Evidence: "it names the key " + scheme.Quote(kid) + ", and no key of the set is called so",
		Fix: "get the set of keys from the provider again, or the key of this name",
	}
}

// paramFlag says how to give the setting of a claim.
func (s *search) paramFlag(claim string) string {
	for _, c := range s.r.TokenClaims {
		for _, piece := range c.Value {
			if c.Name == claim && piece.Kind == scheme.PieceParam {
				return " (--param " + piece.Text + "=…)"
			}
		}
	}
	return ""
}

// proof explains a refused token or message signature.
func (s *search) proof(keys []sign.Key) []Finding {
	d := s.v.Detail
	switch d.Code {
	case sign.BodyHashDiffers:
		return s.otherBody()
	case sign.OtherKey, sign.OtherKeys:
		s.proofKeys(keys)
		s.proofURLs(keys)
		s.proofComponents(keys)
		s.otherSchemes(keys)
		if kid := s.r.UnknownKid(s.m, keys); kid != "" && len(s.found) == 0 {
			return []Finding{otherKid(kid)}
		}
		return s.findings()
	case sign.OutOfWindow:
		s.explainClock()
		return s.findings()
	case sign.URLHashDiffers:
		if s.proofURLs(keys); len(s.found) > 0 {
			return s.findings()
		}
	default:
	}
	rows := s.proofRows()
	i := slices.IndexFunc(rows, func(row proofRow) bool {
		return row.code == d.Code && (row.place == sign.Place{} || row.place == d.Place)
	})
	if i < 0 {
		return nil
	}
	return []Finding{{ID: rows[i].id, Title: rows[i].title, Evidence: d.String(), Fix: rows[i].fix, Certain: d.Signed()}}
}

// otherBody looks for the body whose hash the signature covers. Such a hash is no secret: it stands in the request.
func (s *search) otherBody() []Finding {
	sums := s.r.BodySums(s.m)
	bodies := s.bodies()
	defer bodies.close()
	try := func(body *bodyVariant) {
		s.tried++
		if s.spend(len(body.b)) && slices.ContainsFunc(sums, func(sum []byte) bool { return isSum(body.b, sum) }) {
			s.note(body.why)
		}
	}
	for body := range bodies.span(0, maxBodies) {
		try(body)
	}
	for body := range bodies.compounds() {
		if len(s.found) > 0 {
			break
		}
		try(body)
	}
	if len(s.found) > 0 {
		return s.findings()
	}
	if len(s.m.Body) == 0 && slices.ContainsFunc(sums, func(sum []byte) bool { return !isSum(nil, sum) }) {
		f := s.bodyHint("body.empty", "the body is empty", "it has 0 bytes, and the hash that is signed is of another body", firstFix)
		f.Certain = true
		return []Finding{f}
	}
	f := s.bodyHint("body.hash", "the body is not the one whose hash is signed", "the signature itself is right, and "+s.v.Detail.String(), rawFix)
	f.Certain = true
	return []Finding{f}
}

// isSum says whether a hash is that of a body.
func isSum(body, sum []byte) bool {
	if len(sum) == sha512.Size {
		got := sha512.Sum512(body)
		return string(got[:]) == string(sum)
	}
	got := sha256.Sum256(body)
	return string(got[:]) == string(sum)
}

// signedAs says whether a signature is right with other keys or another URL, whatever else is refused.
func (s *search) signedAs(m *sign.Message, keys ...sign.Key) bool {
	const work = 16 << 10 // bytes of hashing: a token is taken apart each time
	if !s.spend(len(s.m.Body) + work) {
		return false
	}
	s.tried++
	o := s.o.VerifyOptions
	o.IgnoreTime = true
	v := s.r.Verify(m, keys, o)
	return v.OK || v.Detail.Signed()
}

// proofKeys tries other keys, and the given ones changed in the usual ways.
func (s *search) proofKeys(keys []sign.Key) {
	for _, k := range s.keyVariants(keys) {
		key := k.Key
		if key.IsZero() {
			made, ok := s.r.KeyOf(k.Raw)
			if !ok {
				continue
			}
			key = made
		}
		if k.why != nil && s.signedAs(s.m, key) {
			s.note(k.why)
		}
	}
}

// proofURLs tries other forms of the URL, where the signature covers it.
func (s *search) proofURLs(keys []sign.Key) {
	if !s.r.Needs().URL && !slices.ContainsFunc(s.r.Covers(s.m), func(name string) bool { return sign.URLComponent(s.m.URL, name) != "" }) {
		return
	}
	for _, row := range urlRows(s.m) {
		if row.url == "" || !strings.Contains(row.url, "://") {
			continue
		}
		m := *s.m
		if m.URL = row.url; s.signedAs(&m, keys...) && !s.sameURLDetail(&m, keys) {
			why := row.mistake()
			why.evidence += s.changedComponents(row.url)
			s.note(why)
		}
	}
}

// sameURLDetail says whether the URL is refused still.
func (s *search) sameURLDetail(m *sign.Message, keys []sign.Key) bool {
	return s.r.Verify(m, keys, s.o.VerifyOptions).Detail.Code == sign.URLHashDiffers
}
