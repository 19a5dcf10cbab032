package sign

// Which schemes a request's headers point to.

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// Guess is one scheme that a request's headers point to.
type Guess struct {
	Rules      *Rules
	Confidence float64 // 0 to 1; above 0.8 the headers fit this scheme and hardly another
	Why        string  // what in the headers says so
}

// Detect ranks the candidates by how well a request's headers fit them, best first. It leaves out those that do not fit, and
// schemes whose signature is in the body. The schemes that fit share the confidence: where many are alike, only a key can
// tell them apart.
func Detect(header map[string][]string, candidates []*Rules) []Guess {
	var out []Guess
	total := 0.0
	there := map[string]bool{} // so that most candidates are left out without a look for each of their headers
	for name := range header {
		there[scheme.CanonicalHeader(name)] = true
	}
	for _, r := range candidates {
		if !slices.ContainsFunc(r.SigHeaders, func(name string) bool { return there[name] }) {
			continue
		}
		if n := r.Fit(header); n > 0 {
			points := math.Pow(3, float64(n))
			out = append(out, Guess{Rules: r, Confidence: points, Why: r.why(header)})
			total += points
		}
	}
	for i := range out {
		// A header whose name anybody could have chosen stays in doubt without a rival too.
		doubt := 9.0
		if name, _ := (picked{-1}).choose(header, out[i].Rules.SigHeaders); genericName(name) {
			doubt = math.Pow(3, 8)
		}
		out[i].Confidence /= total + doubt
	}
	slices.SortStableFunc(out, func(a, b Guess) int {
		return cmp.Or(cmp.Compare(b.Confidence, a.Confidence), Likelier(a.Rules, b.Rules))
	})
	return out
}

// IsSignature says whether the value of a header is one signature of the scheme and nothing else. A token is none: it is a secret.
func (r *Rules) IsSignature(header, value string) bool {
	if r.Proves() || r.Listed() || r.Scheme().Algorithm == scheme.Token || !slices.Contains(r.SigHeaders, header) {
		return false
	}
	var p parts
	r.readValue(value, &p)
	sig, ok := r.Item.Match(strings.TrimPrefix(value, r.Scheme().Signature.Prefix))
	return ok && len(p.candidates) == 1 && r.rightLength(&p) && value == r.Scheme().Signature.Prefix+r.Item.Fill(sig, "")
}

// genericName says whether a header's name has common words only, and so names no provider.
func genericName(header string) bool {
	common := []string{"x", "webhook", "webhooks", "hook", "signature", "hmac", "hmacsignature", "hub", "api", "sha1", "sha2", "sha256", "256"}
	for word := range strings.SplitSeq(strings.ToLower(header), "-") {
		if !slices.Contains(common, word) {
			return false
		}
	}
	return true
}

// Fit counts what in the headers speaks for a scheme; 0 when something that it needs is missing.
func (r *Rules) Fit(header map[string][]string) int {
	if r.SignsInBody() || !r.Present(header) {
		return 0
	}
	if r.Proves() {
		return r.proofFit(header)
	}
	m := &Message{Header: header}
	var p parts
	names := r.pick(m)
	r.readSignature(m, names, &p)
	r.readID(m, names, &p)
	r.readTime(m, names, &VerifyOptions{}, &p)
	for i := range r.Require {
		if scheme.HeaderValue(header, r.Require[i].Header) == "" {
			return 0
		}
	}
	if p.reason != "" || !r.rightLength(&p) {
		return 0
	}
	marks := r.Marks()
	if len(marks) > 0 && !slices.ContainsFunc(marks, func(h string) bool { return scheme.HeaderValue(header, h) != "" }) {
		return 1 // behind the scheme that this one is like, which fits better; a key that is bound to this one decides
	}
	points := 4 + 2*min(1, len(marks)) // a header of its own event names the provider
	if name, _ := names.choose(header, r.SigHeaders); name == r.SigHeaders[0] {
		points++
	}
	switch {
	case r.HasTime && slices.ContainsFunc(p.times, func(t moment) bool { return t.ok && !ofOurDays(t.at) }):
		points -= 2 // the time is in another unit
	case r.HasTime:
		points += 2
	}
	if len(r.IDHeaders) > 0 {
		points += 2
	}
	if !slices.Contains([]scheme.Algorithm{scheme.HMACMD5, scheme.HMACSHA1, scheme.Token}, r.Scheme().Algorithm) {
		points += 3 // of two signatures in one message the stronger counts
	}
	if _, lead := r.Item.Literal(); lead != "" || r.Scheme().Signature.Prefix != "" {
		points++
	}
	return points + 2*len(r.Require) + r.eventHeaders(header)
}

// FitsBody says whether a body has all that a scheme reads in it, for schemes whose signature is in the body, and where the signature
// stands.
func (r *Rules) FitsBody(m *Message) (Place, bool) {
	if !r.SignsInBody() {
		return Place{}, false
	}
	body, prefix := m.Body, ""
	if r.Items != nil {
		parts := r.items(body)
		if len(parts) == 0 {
			return Place{}, false
		}
		body, prefix = parts[0], r.itemName(0)+"."
	}
	for i := range r.Members {
		if d := unmet(&Message{Body: body, Params: m.Params}, &r.Members[i]); !d.IsZero() {
			return Place{}, false
		}
	}
	one := Message{URL: m.URL, Header: m.Header, Body: body, Params: m.Params}
	_, place, code := r.SignatureIn(&one)
	detail := r.look(&one, &Values{Header: m.Header, Params: m.Params, Body: body})
	if _, _, missing := r.TimeIn(&one); r.TimeInBody() && missing != NoDetail {
		return Place{}, false
	}
	place.Name = prefix + place.Name
	return place, code == NoDetail && detail.IsZero()
}

// ofOurDays says whether a time is one at which webhooks are sent: seconds read as milliseconds are of 1970.
func ofOurDays(t time.Time) bool { return t.Year() > 2000 && t.Year() < 2100 }

// eventHeaders counts the headers of the event that are there.
func (r *Rules) eventHeaders(header map[string][]string) int {
	n := 0
	e := &r.Scheme().Event
	for _, paths := range []scheme.Names{e.Type, e.ID, e.Time} {
		for _, p := range paths {
			if name, ok := strings.CutPrefix(p, "header:"); ok && scheme.HeaderValue(header, scheme.CanonicalHeader(name)) != "" {
				n++
				break
			}
		}
	}
	return n
}

// rightLength says whether a signature has the length that the algorithm makes.
func (r *Rules) rightLength(p *parts) bool {
	switch want := r.SignatureSize(); {
	case r.Scheme().Algorithm == scheme.Token:
		return true
	case r.Scheme().Algorithm.RSA():
		const step = 128 // bytes: keys have 1024, 2048, 3072 or 4096 bits
		return slices.ContainsFunc(p.candidates, func(c candidate) bool { return c.n >= step && c.n%step == 0 })
	case want == 0: // ECDSA in DER
		return slices.ContainsFunc(p.candidates, func(c candidate) bool { return c.n >= 68 && c.raw[0] == 0x30 })
	default:
		return slices.ContainsFunc(p.candidates, func(c candidate) bool { return c.n == want })
	}
}

// why names the headers that fit.
func (r *Rules) why(header map[string][]string) string {
	var names []string
	for _, h := range slices.Concat(r.SigHeaders, r.TimeHeaders, r.IDHeaders) {
		if scheme.HeaderValue(header, h) != "" {
			names = append(names, h)
		}
	}
	return "headers " + strings.Join(names, ", ")
}

// Present says whether one of the scheme's signature headers is there. A scheme that signs inside the body is always present.
func (r *Rules) Present(header map[string][]string) bool {
	return r.SignsInBody() || slices.ContainsFunc(r.SigHeaders, func(h string) bool { return scheme.HeaderValue(header, h) != "" })
}
