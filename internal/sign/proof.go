package sign

// Messages that bring a proof which names what it covers: a JSON web token, or an HTTP message signature.

import (
	"cmp"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"slices"
	"time"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// proof is a token or a message signature, taken apart. Nothing in it says how it is verified.
type proof struct {
	reason Reason // why it is refused before its signature is computed; "" otherwise
	detail Detail

	text []byte // what is signed
	sig  []byte
	kid  string // of the key, where the proof names one

	unmet    Detail // what else the scheme asks for and the proof has not
	digests  []bodyDigest
	uncovers bool // the body is not covered
	created  moment
	id       string // of a token
	ends     []ending
}

// bodyDigest is a hash that must be that of the body.
type bodyDigest struct {
	sum   []byte // of SHA-256 or SHA-512, by its size
	place Place
}

// ending is a time before or after which a proof does not count.
type ending struct {
	at     time.Time
	begins bool // it counts from then on; otherwise it counts until then
	place  Place
}

// Steps of verifying a proof: of several refused ones that one is told which came furthest.
const (
	stepShape = iota
	stepSignature
	stepContent
)

// leeway is how far an end may have passed where neither the scheme nor the user says it: clocks differ.
const leeway = time.Minute

// uncovered warns of a signature that does not cover the body, uncoveredEvent of one that stands in the body, and uncoveredProof of one
// that ends.
const (
	uncovered      = "the signature does not cover the body: whoever has seen such a request can send another body with it"
	uncoveredEvent = "the signature covers what stands beside it and nothing of the event: whoever has seen such a request can send another event with it"
	uncoveredProof = uncovered + " until it expires"
)

func (p *proof) refuse(reason Reason, detail Detail) {
	if p.reason == "" {
		p.reason, p.detail = reason, detail
	}
}

// proofs are those that a message brings, at least one: what is missing is a proof that is refused.
func (r *Rules) proofs(m *Message) []proof {
	var out []proof
	if name, joined := r.Repeated(m); name != "" {
		return []proof{{reason: MalformedSignature, detail: cameTwice(name, joined)}}
	}
	if r.Scheme().JWT != nil {
		out = []proof{r.readToken(m)}
	} else {
		out = r.readMessageSignatures(m)
	}
	for j := range out {
		if len(r.IDHeaders) > 0 && r.proofID(m) == "" {
			out[j].refuse(MissingID, Detail{Code: Missing, Place: Place{InHeader, r.IDHeaders[0]}})
		}
		for i := range r.Require {
			if detail := unmet(m, &r.Require[i]); !detail.IsZero() {
				out[j].refuse(WrongHeader, detail)
			}
		}
	}
	return out
}

// proofID is the message's id, where the scheme has one in a header.
func (r *Rules) proofID(m *Message) string {
	if len(r.IDHeaders) == 0 {
		return ""
	}
	_, id := (picked{-1}).choose(m.Header, r.IDHeaders)
	return id
}

// verifyProofs is Verify for schemes whose messages bring a proof.
func (r *Rules) verifyProofs(m *Message, keys []Key, o *VerifyOptions) Verdict {
	best, far := Verdict{}, -1
	for _, p := range r.proofs(m) {
		v := Verdict{Scheme: r.Scheme().Name, KeyIndex: -1, ID: cmp.Or(p.id, r.proofID(m))}
		if p.created.ok {
			v.setTime(&p.created, o.Now)
		}
		step := r.verifyProof(m, keys, o, &p, &v)
		if v.OK {
			return v
		}
		if step > far {
			best, far = v, step
		}
	}
	return best
}

// verifyProof fills in the verdict of one proof, and says how far it came.
func (r *Rules) verifyProof(m *Message, keys []Key, o *VerifyOptions, p *proof, v *Verdict) int {
	switch {
	case len(keys) == 0:
		v.Reason, v.Detail = Unverified, Detail{Code: NoKey}
		return stepShape
	case p.reason != "":
		v.Reason, v.Detail = p.reason, p.detail
		return stepShape
	}
	key := r.signedBy(p, keys)
	if key < 0 {
		v.Reason, v.Detail = Mismatch, Detail{Code: OtherKey}
		if len(keys) > 1 {
			v.Detail = Detail{Code: OtherKeys, Count: 1, Keys: len(keys)}
		}
		return stepSignature
	}
	v.KeyIndex = key
	if v.Reason, v.Detail = r.proven(m, o, p); v.Reason != "" {
		if v.Reason == WrongHeader || v.Reason == Mismatch {
			v.KeyIndex = -1
		}
		return stepContent
	}
	v.OK, v.Reason, v.Warning = true, Valid, keys[key].k.weakness()
	if p.uncovers {
		v.Warning = uncoveredProof
	}
	return stepContent
}

// signedBy is which key made a proof's signature, -1 when none did.
func (r *Rules) signedBy(p *proof, keys []Key) int {
	for i, k := range keys {
		if k.k != nil && k.k.algorithm == r.Scheme().KeyAlgorithm() && k.k.made(p.text, p.sig) {
			return i
		}
	}
	return -1
}

// proven says why a proof whose signature is right does not count: what it says, the body, its time.
func (r *Rules) proven(m *Message, o *VerifyOptions, p *proof) (Reason, Detail) {
	switch p.unmet.Code {
	case NoDetail:
	case URLHashDiffers:
		return Mismatch, p.unmet
	default:
		return WrongHeader, p.unmet
	}
	for _, d := range p.digests {
		if !d.is(m.Body) {
			return Mismatch, Detail{Code: BodyHashDiffers, Place: d.place}
		}
	}
	if o.IgnoreTime {
		return "", Detail{}
	}
	if r.HasTime {
		if reason := r.window(&p.created, o); reason != "" {
			return reason, Detail{Code: OutOfWindow}
		}
	}
	most := r.leeway(o)
	now := o.Now.Truncate(time.Second)
	for _, e := range p.ends {
		switch late := now.Sub(e.at); {
		case e.begins && late < -most:
			return TooNew, Detail{Code: NotBegun, Place: e.place}
		case !e.begins && late > most:
			return TooOld, Detail{Code: Ended, Place: e.place}
		}
	}
	return "", Detail{}
}

// leeway is how far an end may have passed: the user's tolerance, or else the scheme's.
func (r *Rules) leeway(o *VerifyOptions) time.Duration {
	switch spec := r.Scheme().Timestamp; {
	case o.Tolerance != nil:
		return max(0, *o.Tolerance)
	case spec == nil || spec.Tolerance.Off:
		return leeway
	default:
		return min(leeway, spec.Tolerance.Duration())
	}
}

// BodySums are the hashes of the body that a message's tokens or signatures cover, whether or not they are right.
func (r *Rules) BodySums(m *Message) [][]byte {
	var out [][]byte
	for _, p := range r.proofs(m) {
		for _, d := range p.digests {
			out = append(out, d.sum)
		}
	}
	return out
}

// UnknownKid is the name of the key that a message names, where sets of keys were given and none has it; "" otherwise.
func (r *Rules) UnknownKid(m *Message, keys []Key) string {
	var known []string
	for _, k := range keys {
		if k.k == nil {
			continue
		}
		for _, one := range k.k.set {
			known = append(known, one.kid)
		}
	}
	for _, p := range r.proofs(m) {
		if p.kid != "" && len(known) > 0 && !slices.Contains(known, p.kid) {
			return p.kid
		}
	}
	return ""
}

// is says whether it is the hash of a body.
func (d *bodyDigest) is(body []byte) bool {
	if len(d.sum) == sha512.Size {
		sum := sha512.Sum512(body)
		return subtle.ConstantTimeCompare(sum[:], d.sum) == 1
	}
	sum := sha256.Sum256(body)
	return subtle.ConstantTimeCompare(sum[:], d.sum) == 1
}

// isWholeProof says whether a text is a token, or a dictionary as message signatures have it.
func (r *Rules) isWholeProof(text string) bool {
	if spec := r.Scheme().JWT; spec != nil {
		rest, ok := cutWord(text, spec.Prefix)
		return ok && (&token{p: &proof{}}).split(rest)
	}
	dict, ok := readDictionary(text)
	return ok && len(dict) > 0
}

// proofFit counts what in the headers speaks for a scheme whose messages bring a proof; 0 when they do not fit. Nothing is verified.
func (r *Rules) proofFit(header map[string][]string) int {
	points := 8
	if r.Scheme().JWT == nil {
		proofs := r.readMessageSignatures(&Message{Header: header, URL: "http://-/", Method: "-"})
		if !slices.ContainsFunc(proofs, func(p proof) bool { return p.reason == "" }) {
			return 0
		}
	} else if !r.tokenFits(header) {
		return 0
	}
	for i := range r.Require {
		if scheme.HeaderValue(header, r.Require[i].Header) == "" {
			return 0
		}
	}
	if spec := r.Scheme().JWT; spec != nil && len(spec.Iss) > 0 {
		points += 2
	}
	if r.HasTime {
		points += 2
	}
	return points + 2*len(r.Require) + r.eventHeaders(header)
}

// numericTime reads seconds since 1970, which may have a fraction (RFC 7519, section 2).
func numericTime(seconds float64) moment {
	if seconds < 0 || seconds > scheme.MaxUnix {
		return moment{}
	}
	whole := int64(seconds)
	return moment{at: time.Unix(whole, 0).UTC(), ok: true}
}
