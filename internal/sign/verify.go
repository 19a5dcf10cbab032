package sign

// Verifying.

import (
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/subtle"
	"time"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// Values are what the placeholders of a content stand for in one message.
type Values struct {
	Body   []byte
	Header map[string][]string
	Params map[string]string
	Method string
	ID     string
	Time   string
	URL    string
	Form   string // what {form} stands for
	Sorted string // what {url:sorted} stands for
	// Members are placeholders whose value was looked up, by their names; a signer's new time is not yet in the body.
	Members map[string]string
	Content []scheme.Piece // the parts of the content that the message has
}

// Verify says whether one of the keys made the message's signature. It checks presence and shape of signature, id, time and
// required headers first, then the signature, then the window. Without keys the verdict is Unverified. Keys of other rules match
// nothing. A scheme that signs nothing is Unverified too. Only schemes that sign a form allocate in proportion to the body.
func (r *Rules) Verify(m *Message, keys []Key, o VerifyOptions) Verdict {
	if r.Scheme().Algorithm == scheme.None {
		return Verdict{Scheme: r.Scheme().Name, KeyIndex: -1, Reason: Unverified, Detail: Detail{Code: SignsNothing, Value: r.Scheme().Quirks}}
	}
	if r.Proves() {
		return r.verifyProofs(m, keys, &o)
	}
	if r.Items != nil {
		return r.verifyItems(m, keys, o)
	}
	return r.verifyOne(m, keys, o)
}

func (r *Rules) verifyOne(m *Message, keys []Key, o VerifyOptions) Verdict {
	var candidates [2]candidate
	var timeBuf [2]moment
	p := parts{candidates: candidates[:0], times: timeBuf[:0]}
	r.read(m, &o, &p)
	v := Verdict{Scheme: r.Scheme().Name, KeyIndex: -1, ID: p.id}
	for i := range p.times {
		if p.times[i].ok {
			v.setTime(&p.times[i], o.Now)
			break
		}
	}
	switch {
	case len(keys) == 0:
		v.Reason, v.Detail = Unverified, Detail{Code: NoKey}
		return v
	case p.reason != "":
		v.Reason, v.Detail = p.reason, p.detail
		return v
	}
	in := Values{Body: m.Body, Header: m.Header, Params: m.Params, Method: m.Method, ID: p.id, URL: m.URL}
	if detail := r.prepare(m, &in); !detail.IsZero() {
		v.Reason, v.Detail = Mismatch, detail
		return v
	}
	r.search(keys, &o, &p, &in, &v)
	return v
}

func (v *Verdict) setTime(t *moment, now time.Time) {
	v.SignedAt, v.Skew = t.at, now.Sub(t.at)
}

// prepare computes what is the same for all keys. The detail says why nothing can match.
func (r *Rules) prepare(m *Message, in *Values) Detail {
	if r.Bare() {
		in.Content = r.Content
		return Detail{}
	}
	switch {
	case r.Uses[scheme.PieceURL] && m.URL == "":
		return Detail{Code: NoURL}
	case r.Uses[scheme.PieceMethod] && m.Method == "":
		return Detail{Code: NoMethod}
	}
	if r.Scheme().BodyHash != nil {
		if d := r.bodyHash(m); !d.IsZero() {
			return d
		}
	}
	if d := ambiguous(m.Body, r.Covered); !d.IsZero() {
		return d
	}
	if r.Uses[scheme.PieceSorted] && !isShortForm(m.Body) {
		return Detail{Code: FormTooLarge}
	}
	if r.Uses[scheme.PieceForm] {
		form, ok := CanonicalForm(m.Body)
		if !ok {
			return Detail{Code: FormTooLarge}
		}
		in.Form = form
	}
	return r.look(m, in)
}

// search tries sets of signatures, forms of the URL and keys until one matches within the window.
func (r *Rules) search(keys []Key, o *VerifyOptions, p *parts, in *Values, v *Verdict) {
	v.Reason = Mismatch
	defer func() {
		if v.Reason == Mismatch && v.Detail.IsZero() {
			v.Detail = r.mismatch(p, keys)
		}
	}()
	urls := []string{in.URL}
	if len(r.Scheme().URLMatch) > 0 {
		urls = r.urlForms(in.URL)
	}
	sorted := r.sortedForms(urls, in)
	for set := range max(1, len(p.times)) {
		t := p.time(set)
		if !r.usable(t, o) {
			continue
		}
		if t != nil {
			in.Time = t.text
		}
		for i := range urls {
			if in.URL = urls[i]; len(sorted) > 0 {
				in.Sorted = sorted[i]
			}
			if r.searchKeys(keys, o, p, in, set, v); v.OK {
				return
			}
		}
	}
}

// sortedForms are what {url:sorted} stands for with each form of the URL; none where it is not signed.
func (r *Rules) sortedForms(urls []string, in *Values) (out []string) {
	if !r.Uses[scheme.PieceSorted] {
		return nil
	}
	fields := SortedFields(in.Header, in.Body)
	for _, url := range urls {
		out = append(out, SortURL(url).With(fields))
	}
	return out
}

// searchKeys tries the keys on one set of signatures and one form of the URL.
func (r *Rules) searchKeys(keys []Key, o *VerifyOptions, p *parts, in *Values, set int, v *Verdict) {
	for i, k := range keys {
		if k.k == nil || k.k.algorithm != r.Scheme().Algorithm {
			continue
		}
		matched, ok := r.matches(k.k, in, p, set)
		if !ok {
			continue
		}
		if late := k.k.outdated(o); !late.IsZero() {
			v.Detail = late
			continue
		}
		if r.settle(i, p.time(set), in.Body, o, v); v.OK {
			v.Warning = cmp.Or(r.oddWords(p, matched), k.k.weakness(), r.leavesOut(in))
			return
		}
	}
}

// leavesOut warns where nothing of the event is signed.
func (r *Rules) leavesOut(in *Values) string {
	switch {
	case !r.LeavesOut(in.Header, in.Body):
		return ""
	case r.SignsInBody():
		return uncoveredEvent
	default:
		return uncovered
	}
}

// usable says whether a set of signatures has the time it needs.
func (r *Rules) usable(t *moment, o *VerifyOptions) bool {
	return t == nil || (t.text != "" || !r.Uses[scheme.PieceTime]) && (t.ok || !r.HasTime || o.IgnoreTime)
}

// settle turns a match into a verdict: valid, or outside of the window.
func (r *Rules) settle(key int, t *moment, body []byte, o *VerifyOptions, v *Verdict) {
	reason, detail := Reason(""), Detail{Code: OutOfWindow}
	if t != nil && t.ok && r.HasTime {
		reason = r.window(t, o)
	}
	if again := r.copied(body, o); reason == "" && again != nil {
		if reason = MalformedTimestamp; again.ok {
			reason = r.window(again, o)
		}
		t, detail = again, Detail{Code: CopyOutOfWindow, Place: Place{InBody, r.Scheme().Timestamp.Copy}}
	}
	if reason != "" && v.Reason != Mismatch {
		return // an earlier match was out of the window too; one is enough to tell
	}
	v.KeyIndex, v.Reason, v.Detail = key, reason, detail
	if t != nil && t.ok {
		v.setTime(t, o.Now)
	}
	if reason == "" {
		v.OK, v.Reason, v.Detail = true, Valid, Detail{}
	}
}

// copied is the time that the body repeats, or nil.
func (r *Rules) copied(body []byte, o *VerifyOptions) *moment {
	if r.CopyPath == nil || o.IgnoreTime {
		return nil
	}
	text, ok := scheme.Lookup(body, r.CopyPath)
	if !ok {
		return nil
	}
	at, err := r.Clock.Parse(text)
	return &moment{text: text, at: at, ok: err == nil}
}

func (r *Rules) window(t *moment, o *VerifyOptions) Reason {
	spec := r.Scheme().Timestamp
	if o.IgnoreTime || o.Tolerance == nil && spec.Tolerance.Off {
		return ""
	}
	tolerance := r.Tolerance(o)
	age := o.Now.Truncate(r.Clock.Step(t.text)).Sub(t.at)
	switch {
	case age > tolerance:
		return TooOld
	case spec.Window != scheme.WindowPast && age < -tolerance:
		return TooNew
	default:
		return ""
	}
}

// Tolerance is how far a message's time may be off, for schemes that have one.
func (r *Rules) Tolerance(o *VerifyOptions) time.Duration {
	if o.Tolerance != nil {
		return max(0, *o.Tolerance)
	}
	return r.Scheme().Timestamp.Tolerance.Duration()
}

// mismatch is the detail when nothing matches: counts only.
func (r *Rules) mismatch(p *parts, keys []Key) Detail {
	d := Detail{Code: OtherKeys, Count: len(p.candidates)}
	for _, k := range keys {
		if k.k != nil {
			d.Keys++
		}
	}
	switch {
	case r.Scheme().Algorithm == scheme.Token && d.Keys == 1:
		d.Code = OtherToken
	case r.Scheme().Algorithm == scheme.Token:
		d.Code = OtherTokens
	case d.Count == 1 && d.Keys == 1:
		d.Code = OtherKey
	}
	return d
}

// matches compares one set's candidates with what the key makes of the input, in constant time, and tells which one matched.
func (r *Rules) matches(d *keyData, in *Values, p *parts, set int) (int, bool) {
	if r.Scheme().Algorithm == scheme.Token {
		for i := range p.candidates {
			if subtle.ConstantTimeCompare([]byte(p.candidates[i].text), d.secret) == 1 {
				return i, true
			}
		}
		return 0, false
	}
	m := d.mac()
	defer d.release(m)
	content := r.signedContent(m, in, d)
	for i := range p.candidates {
		c := &p.candidates[i]
		if len(p.times) > 1 && c.set != set {
			continue
		}
		if r.check(d, content, c.bytes()) {
			return i, true
		}
	}
	return 0, false
}

// signedContent is the digest of the content, or for ed25519 the content itself.
func (r *Rules) signedContent(m *mac, in *Values, d *keyData) []byte {
	if r.Scheme().Algorithm == scheme.Ed25519 {
		return r.assemble(m, in)
	}
	feed(m, in, d.secret)
	return m.h.Sum(m.sum[:0])
}

// check compares one signature with a digest, or for ed25519 with the content.
func (r *Rules) check(d *keyData, content, sig []byte) bool {
	switch a := r.Scheme().Algorithm; {
	case a == scheme.Ed25519:
		return len(sig) == ed25519.SignatureSize && ed25519.Verify(d.edPub, content, sig)
	case a == scheme.ECDSAP256:
		return ecdsa.VerifyASN1(d.ecPub, content, sig)
	case a.RSA():
		return rsa.VerifyPKCS1v15(d.rsaPub, cryptoHash(a), content, sig) == nil
	case a == scheme.Token:
		return false
	default:
		return subtle.ConstantTimeCompare(content, sig) == 1
	}
}

// cryptoHash is the hash that a signature of RSA names (RFC 8017, section 9.2).
func cryptoHash(a scheme.Algorithm) crypto.Hash {
	switch a.Unkeyed() {
	case scheme.SHA1:
		return crypto.SHA1
	case scheme.SHA512:
		return crypto.SHA512
	default:
		return crypto.SHA256
	}
}

// feed writes the content into the hash.
func feed(m *mac, in *Values, secret []byte) {
	for i := range in.Content {
		switch t := &in.Content[i]; t.Kind {
		case scheme.PieceBody:
			_, _ = m.h.Write(in.Body)
		case scheme.PieceSecret:
			_, _ = m.h.Write(secret)
		default:
			m.buf = append(m.buf[:0], in.Text(t)...)
			_, _ = m.h.Write(m.buf)
		}
	}
}

// Text is what a placeholder other than {body} and {secret} stands for.
func (in *Values) Text(t *scheme.Piece) string {
	switch t.Kind {
	case scheme.PieceID:
		return in.ID
	case scheme.PieceTime:
		return in.Time
	case scheme.PieceURL:
		return in.URL
	case scheme.PieceMethod:
		return in.Method
	case scheme.PieceForm:
		return in.Form
	case scheme.PieceSorted:
		return in.Sorted
	case scheme.PieceHeader:
		return scheme.HeaderValue(in.Header, t.Text)
	case scheme.PieceJSON, scheme.PieceField, scheme.PieceQuery:
		return in.Members[t.Name()]
	case scheme.PieceCRC32, scheme.PieceSHA256:
		return BodyDigest(t.Kind, in.Body)
	case scheme.PieceParam:
		return in.Params[t.Text]
	default:
		return t.Text
	}
}

// assemble puts the content together for algorithms that need it in one piece.
func (r *Rules) assemble(m *mac, in *Values) []byte {
	if len(in.Content) == 1 && in.Content[0].Kind == scheme.PieceBody {
		return in.Body
	}
	m.buf = m.buf[:0]
	for i := range in.Content {
		if t := &in.Content[i]; t.Kind == scheme.PieceBody {
			m.buf = append(m.buf, in.Body...)
		} else {
			m.buf = append(m.buf, in.Text(t)...)
		}
	}
	return m.buf
}
