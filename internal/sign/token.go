package sign

// JSON web tokens (RFC 7519) in a header. The scheme says which algorithm, issuer and audience; what the token says of these is compared
// and never followed. Keys come from the user alone: jku, x5u, x5c and jwk are not looked at (RFC 8725, section 3.10).

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// maxToken bounds a token, in bytes of its text.
const maxToken = 16 << 10

// token is one that was taken apart.
type token struct {
	r      *Rules
	m      *Message
	p      *proof
	place  Place
	header map[string]json.RawMessage
	claims map[string]json.RawMessage
}

// readToken takes the token of a message apart.
func (r *Rules) readToken(m *Message) proof {
	var p proof
	spec := r.Scheme().JWT
	name, value := (picked{-1}).choose(m.Header, r.SigHeaders)
	t := token{r: r, m: m, p: &p, place: Place{InHeader, name}}
	if value == "" {
		p.refuse(MissingSignature, Detail{Code: Missing, Place: Place{InHeader, strings.Join(r.SigHeaders, " or ")}})
		return p
	}
	text, ok := cutWord(value, spec.Prefix)
	if !ok {
		p.refuse(MalformedSignature, Detail{Code: OtherPrefix, Place: t.place, Value: spec.Prefix})
		return p
	}
	if !t.split(text) {
		p.refuse(MalformedSignature, Detail{Code: NotToken, Place: t.place})
		return p
	}
	t.checkHeader()
	t.checkID()
	t.checkTimes()
	t.checkClaims()
	t.checkBody()
	return p
}

// cutWord takes a word such as "Bearer " off the front of a value. HTTP compares it without regard to case (RFC 9110, section 11.1).
func cutWord(value, word string) (rest string, ok bool) {
	if len(value) < len(word) || !strings.EqualFold(value[:len(word)], word) {
		return "", false
	}
	return value[len(word):], true
}

// split decodes the three parts of a token.
func (t *token) split(text string) bool {
	parts := strings.Split(text, ".")
	if len(text) > maxToken || len(parts) != 3 || strings.ContainsAny(text, "\r\n") { // encoding/base64 would skip line breaks
		return false
	}
	var raw [3][]byte
	for i, part := range parts {
		b, err := base64.RawURLEncoding.Strict().DecodeString(part)
		if err != nil {
			return false
		}
		raw[i] = b
	}
	t.p.text, t.p.sig = []byte(parts[0]+"."+parts[1]), raw[2]
	return json.Unmarshal(raw[0], &t.header) == nil && json.Unmarshal(raw[1], &t.claims) == nil && t.header != nil && t.claims != nil
}

// text is a member that is a text; "" when it is not there or none.
func text(members map[string]json.RawMessage, name string) string {
	var s string
	if json.Unmarshal(members[name], &s) != nil {
		return ""
	}
	return s
}

// checkHeader compares the algorithm with the scheme's, and refuses extensions that a reader must know (RFC 7515, section 4.1.11):
// none is known here.
func (t *token) checkHeader() {
	t.p.kid = text(t.header, "kid")
	switch alg := text(t.header, "alg"); {
	case alg != t.r.Scheme().JWT.Alg:
		t.p.refuse(MalformedSignature, Detail{Code: OtherAlgorithm, Place: t.place, Value: scheme.Quote(alg), Want: t.r.Scheme().JWT.Alg})
	case t.header["crit"] != nil:
		t.p.refuse(MalformedSignature, Detail{Code: CriticalUnknown, Place: t.place})
	}
}

// checkID reads the token's id.
func (t *token) checkID() {
	if !t.r.Scheme().JWT.Jti {
		return
	}
	if t.p.id = text(t.claims, "jti"); t.p.id == "" {
		t.p.refuse(MissingID, Detail{Code: Missing, Place: Place{InClaim, "jti"}})
	}
}

// checkBody reads the hashes that the token has of the body and the URL. A message without a body need not have the first.
func (t *token) checkBody() {
	spec := t.r.Scheme().JWT
	if name := spec.URLClaim; name != "" {
		sum := sha256.Sum256([]byte(t.m.URL))
		switch said, err := hex.DecodeString(text(t.claims, name)); {
		case t.m.URL == "":
			t.p.refuse(Mismatch, Detail{Code: NoURL})
		case err != nil || string(said) != string(sum[:]):
			t.unmet(Detail{Code: URLHashDiffers, Place: Place{InClaim, name}})
		}
	}
	name := spec.BodyClaim
	switch {
	case name == "":
		t.p.uncovers = true
	case t.claims[name] == nil && len(t.m.Body) == 0:
	case t.claims[name] == nil:
		t.p.refuse(MalformedSignature, Detail{Code: Missing, Place: Place{InClaim, name}})
	default:
		sum, ok := bodyHashOf(text(t.claims, name), spec.BodyEncoding)
		if !ok {
			t.p.refuse(MalformedSignature, Detail{Code: NotHash, Place: Place{InClaim, name}, Encoding: spec.BodyEncoding})
		}
		t.p.digests = []bodyDigest{{sum, Place{InClaim, name}}}
	}
}

// bodyHashOf decodes a SHA-256.
func bodyHashOf(text, encoding string) ([]byte, bool) {
	var buf [maxSignature]byte
	n := decodeSignature(buf[:], text, encoding)
	return slices.Clone(buf[:n]), n == sha256.Size
}

// checkTimes reads when the token was made, and how long it counts. A time that is there must be one.
func (t *token) checkTimes() {
	own := t.r.Scheme().JWT.Time
	for _, name := range []string{"iat", "nbf", "exp"} {
		raw, there := t.claims[name]
		if !there {
			if name == own && t.r.HasTime {
				t.p.refuse(MissingTimestamp, Detail{Code: Missing, Place: Place{InClaim, name}})
			}
			continue
		}
		var seconds float64
		at := moment{}
		if json.Unmarshal(raw, &seconds) == nil && string(raw) != "null" {
			at = numericTime(seconds)
		}
		switch {
		case !at.ok:
			t.p.refuse(MalformedTimestamp, Detail{Code: NotSeconds, Place: Place{InClaim, name}})
		case name == own:
			t.p.created = at
		case name == "iat": // the token's time is another
		default:
			t.p.ends = append(t.p.ends, ending{at: at.at, begins: name == "nbf", place: Place{InClaim, name}})
		}
	}
}

func (t *token) unmet(d Detail) {
	if t.p.unmet.IsZero() {
		t.p.unmet = d
	}
}

// checkClaims compares issuer, audience and the other claims that the scheme asks for.
func (t *token) checkClaims() {
	if want := t.r.Scheme().JWT.Iss; len(want) > 0 && !slices.Contains(want, text(t.claims, "iss")) {
		t.unmet(Detail{Code: OtherClaim, Place: Place{InClaim, "iss"}, Value: t.shown("iss"), Want: strings.Join(want, " or ")})
	}
	for _, claim := range t.r.TokenClaims {
		want := t.wanted(&claim)
		if !holds(t.claims[claim.Name], want) {
			t.unmet(Detail{Code: OtherClaim, Place: Place{InClaim, claim.Name}, Value: t.shown(claim.Name), Want: want})
		}
	}
}

// wanted is the value that a claim must have. A setting that is not given is told.
func (t *token) wanted(claim *scheme.TokenClaim) string {
	var want strings.Builder
	for _, piece := range claim.Value {
		text := piece.Text
		if piece.Kind == scheme.PieceParam {
			if text = t.m.Params[piece.Text]; text == "" {
				t.p.refuse(WrongHeader, Detail{Code: UnsetClaim, Place: Place{InSettings, piece.Text}, Value: claim.Name})
			}
		}
		want.WriteString(text)
	}
	return want.String()
}

// shown is a claim's value for people.
func (t *token) shown(name string) string {
	if t.claims[name] == nil {
		return "missing"
	}
	if s := text(t.claims, name); s != "" {
		return scheme.Quote(s)
	}
	return scheme.Quote(string(t.claims[name]))
}

// holds says whether a claim is a value, or a list that has it. Numbers, true and false are compared as JSON writes them.
func holds(claim json.RawMessage, want string) bool {
	var value any
	if json.Unmarshal(claim, &value) != nil {
		return false
	}
	switch v := value.(type) {
	case string:
		return v == want
	case []any:
		return slices.ContainsFunc(v, func(item any) bool { return item == want })
	case bool, float64:
		return string(claim) == want
	default:
		return false
	}
}

// tokenFits says whether a request has a token with the algorithm and the issuer of these rules. Nothing of it is verified.
func (r *Rules) tokenFits(header map[string][]string) bool {
	p := r.readToken(&Message{Header: header, Body: []byte{0}, URL: "-"})
	spec := r.Scheme().JWT
	switch p.reason {
	case "":
	case WrongHeader: // a setting that is not given
	default:
		return false
	}
	return len(spec.Iss) == 0 || p.unmet.Place != Place{InClaim, "iss"}
}

// signToken makes a token.
func (s *signing) signToken(key *keyData) error {
	r, spec := s.r, s.r.Scheme().JWT
	header, err := json.Marshal(struct {
		Alg string `json:"alg"`
		Typ string `json:"typ"`
		Kid string `json:"kid,omitempty"`
	}{spec.Alg, "JWT", s.q.Params["kid"]})
	if err != nil {
		return s.fail("kid", "the token's header cannot be written", err)
	}
	claims := map[string]any{}
	if len(spec.Iss) > 0 {
		claims["iss"] = spec.Iss[0]
	}
	for _, claim := range r.TokenClaims {
		claims[claim.Name] = s.claimValue(claim.Value)
	}
	if spec.Jti {
		claims["jti"] = s.out.ID
	}
	s.timeClaims(claims)
	if err := s.hashClaims(claims); err != nil {
		return err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return s.fail("claims", "the token's claims cannot be written", err)
	}
	text := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(payload)
	sig, err := key.over([]byte(text))
	if err != nil {
		return s.fail("key", "the key cannot sign", err)
	}
	s.out.Signature = spec.Prefix + text + "." + base64.RawURLEncoding.EncodeToString(sig)
	s.out.Fields = append(s.out.Fields, Field{spec.Header[0], s.out.Signature})
	return nil
}

// claimValue is what a claim of the scheme holds: true, false and numbers that the scheme names are no texts.
func (s *signing) claimValue(value []scheme.Piece) any {
	out, literal := "", true
	for i := range value {
		out += s.in.Text(&value[i])
		literal = literal && value[i].Kind == ""
	}
	if raw := json.RawMessage(out); literal && json.Valid(raw) && raw[0] != '"' {
		return raw
	}
	return out
}

// timeClaims writes the token's time and its end. A time that is none stands there as a text, to see whether a receiver refuses it.
func (s *signing) timeClaims(claims map[string]any) {
	if !s.r.HasTime {
		return
	}
	own := s.r.Scheme().JWT.Time
	claims[own] = s.out.Timestamp
	seconds, err := scheme.ParseDigits(s.out.Timestamp)
	if err != nil {
		return
	}
	claims[own] = seconds
	if life := int64(s.r.Scheme().JWT.Lifetime); life > 0 {
		claims["exp"] = seconds + life
	}
}

// hashClaims writes the hashes of URL and body. A request that has no body by its method gets none of it.
func (s *signing) hashClaims(claims map[string]any) error {
	spec := s.r.Scheme().JWT
	if spec.URLClaim != "" {
		sum := sha256.Sum256([]byte(s.q.URL))
		claims[spec.URLClaim] = hex.EncodeToString(sum[:])
	}
	if spec.BodyClaim == "" {
		return nil
	}
	h := sha256.New()
	n, err := io.Copy(h, s.body)
	if err != nil {
		return s.fail("body", "the body cannot be read", err)
	}
	if n > 0 || !slices.Contains([]string{"GET", "HEAD", "DELETE"}, s.q.Method) {
		claims[spec.BodyClaim] = encodeSignature(h.Sum(nil), spec.BodyEncoding)
	}
	return nil
}
