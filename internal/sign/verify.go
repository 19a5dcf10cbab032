package sign

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/subtle"
	"time"
)

// input is what the placeholders of a content template stand for in one message.
type input struct {
	body   []byte
	header map[string][]string
	params map[string]string
	method string
	id     string
	ts     string
	url    string
	form   string
	// members are JSON paths whose value is known: a signer's new time is not yet in the body.
	members map[string]string
}

// Verify says whether one of the keys made the message's signature, looking at presence and shape of signature, id,
// time and required headers first, then at the signature, then at the window. Without keys the verdict is Unverified.
// It allocates nothing in proportion to the body, save for schemes that sign a form. Keys of other rules match nothing.
func (r *Rules) Verify(m *Message, keys []Key, o VerifyOptions) Verdict {
	var candBuf [2]candidate
	var timeBuf [2]moment
	p := parts{cands: candBuf[:0], times: timeBuf[:0]}
	r.read(m, &o, &p)
	v := Verdict{Scheme: r.scheme.Name, KeyIndex: -1, ID: p.id}
	for i := range p.times {
		if p.times[i].ok {
			v.setTime(&p.times[i], o.Now)
			break
		}
	}
	switch {
	case len(keys) == 0:
		v.Reason, v.Detail = Unverified, "no key was given"
		return v
	case p.reason != "":
		v.Reason, v.Detail = p.reason, p.detail
		return v
	}
	in := input{body: m.Body, header: m.Header, params: m.Params, method: m.Method, id: p.id, url: m.URL}
	if detail := r.prepare(m, &in); detail != "" {
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
func (r *Rules) prepare(m *Message, in *input) (detail string) {
	switch {
	case r.uses[tokURL] && m.URL == "":
		return "the scheme signs the URL, and none was given"
	case r.uses[tokMethod] && m.Method == "":
		return "the scheme signs the method, and none was given"
	}
	if r.scheme.BodyHash != nil {
		if ok, why := r.bodyHashHolds(m); !ok {
			return why
		}
	}
	if r.uses[tokForm] {
		form, ok := canonicalForm(m.Body)
		if !ok {
			return "the body is too large for a form"
		}
		in.form = form
	}
	for _, t := range r.content {
		if t.kind != tokJSON {
			continue
		}
		v, ok := lookupJSON(m.Body, t.path)
		if !ok {
			return "the body has no " + t.text + ", and the signature covers it"
		}
		if in.members == nil {
			in.members = make(map[string]string, maxLookups)
		}
		in.members[t.text] = v // looked up once, for all keys
	}
	return ""
}

// search tries sets of signatures, forms of the URL and keys until one matches within the window.
func (r *Rules) search(keys []Key, o *VerifyOptions, p *parts, in *input, v *Verdict) {
	v.Reason, v.Detail = Mismatch, r.mismatch(p, keys)
	forms := [1]string{in.url}
	urls := forms[:]
	if len(r.scheme.URLMatch) > 0 {
		urls = r.urlForms(in.url)
	}
	for set := range max(1, len(p.times)) {
		t := p.time(set)
		if !r.usable(t, o) {
			continue
		}
		if t != nil {
			in.ts = t.text
		}
		for _, in.url = range urls {
			if r.searchKeys(keys, o, p, in, set, v); v.OK {
				return
			}
		}
	}
}

// searchKeys tries the keys on one set of signatures and one form of the URL.
func (r *Rules) searchKeys(keys []Key, o *VerifyOptions, p *parts, in *input, set int, v *Verdict) {
	for i, k := range keys {
		if k.k == nil || k.k.algorithm != r.scheme.Algorithm {
			continue
		}
		matched, ok := r.matches(k.k, in, p, set)
		if !ok {
			continue
		}
		if r.settle(i, p.time(set), in.body, o, v); v.OK {
			v.Warning = r.oddWords(p, matched)
			return
		}
	}
}

// usable says whether a set of signatures has the time it needs.
func (r *Rules) usable(t *moment, o *VerifyOptions) bool {
	return t == nil || (t.text != "" || !r.uses[tokTime]) && (t.ok || !r.hasTime || o.IgnoreTime)
}

// settle turns a match into a verdict: valid, or out of the window.
func (r *Rules) settle(key int, t *moment, body []byte, o *VerifyOptions, v *Verdict) {
	reason, detail := Reason(""), "the signature is right, but its time is out of the window"
	if t != nil && t.ok && r.hasTime {
		reason = r.window(t, o)
	}
	if again := r.copied(body, o); reason == "" && again != nil {
		if reason = MalformedTimestamp; again.ok {
			reason = r.window(again, o)
		}
		t, detail = again, "the signature is right, but the body's "+r.scheme.Timestamp.Copy+" is out of the window or no time"
	}
	if reason != "" && v.Reason != Mismatch {
		return // an earlier match was out of the window too; one is enough to tell
	}
	v.KeyIndex, v.Reason, v.Detail = key, reason, ""
	if t != nil && t.ok {
		v.setTime(t, o.Now)
	}
	switch reason {
	case "":
		v.OK, v.Reason = true, Valid
	case TooOld, TooNew:
		v.Detail = detail
	case MalformedTimestamp:
		v.Detail = detail
	case Valid, MissingSignature, MalformedSignature, MissingTimestamp, MissingID, WrongHeader, Mismatch, Unverified:
	}
}

// copied is the time that the body repeats, or nil.
func (r *Rules) copied(body []byte, o *VerifyOptions) *moment {
	if r.copyPath == nil || o.IgnoreTime {
		return nil
	}
	text, ok := lookupJSON(body, r.copyPath)
	if !ok {
		return nil
	}
	at, problem := r.clock.parse(text)
	return &moment{text: text, at: at, ok: problem == ""}
}

func (r *Rules) window(t *moment, o *VerifyOptions) Reason {
	spec := r.scheme.Timestamp
	switch {
	case o.IgnoreTime:
		return ""
	case o.Tolerance != nil:
		return outside(o.Now, t.at, r.clock.step(t.text), max(0, *o.Tolerance), spec.Window == windowPast)
	case spec.Tolerance.Off:
		return ""
	default:
		return outside(o.Now, t.at, r.clock.step(t.text), spec.Tolerance.duration(), spec.Window == windowPast)
	}
}

func (t Tolerance) duration() time.Duration { return time.Duration(t.Seconds * float64(time.Second)) }

// mismatch is the detail when nothing matches: counts only.
func (r *Rules) mismatch(p *parts, keys []Key) string {
	n := int64(0)
	for _, k := range keys {
		if k.k != nil {
			n++
		}
	}
	switch {
	case r.scheme.Algorithm == Token && n == 1:
		return "the token is not the one given"
	case r.scheme.Algorithm == Token:
		return "the token is none of the " + itoa(n) + " given"
	case len(p.cands) == 1 && n == 1:
		return "the signature was not made with this key over this content"
	default:
		return "none of " + itoa(int64(len(p.cands))) + " signatures was made with any of " + itoa(n) + " keys over this content"
	}
}

// matches compares one set's candidates with what the key makes of the input, in constant time, and tells which one matched.
func (r *Rules) matches(d *keyData, in *input, p *parts, set int) (int, bool) {
	if r.scheme.Algorithm == Token {
		for i := range p.cands {
			if subtle.ConstantTimeCompare([]byte(p.cands[i].text), d.secret) == 1 {
				return i, true
			}
		}
		return 0, false
	}
	m := d.mac()
	defer d.release(m)
	content := r.signedContent(m, in, d)
	for i := range p.cands {
		c := &p.cands[i]
		if len(p.times) > 1 && c.set != set {
			continue
		}
		if r.check(d, content, c.raw[:c.n]) {
			return i, true
		}
	}
	return 0, false
}

// signedContent is the digest of the content, or for ed25519 the content itself.
func (r *Rules) signedContent(m *mac, in *input, d *keyData) []byte {
	if r.scheme.Algorithm == Ed25519 {
		return r.assemble(m, in)
	}
	feed(m, r.content, in, d.secret)
	return m.h.Sum(m.sum[:0])
}

// check compares one signature with a digest, or for ed25519 with the content.
func (r *Rules) check(d *keyData, content, sig []byte) bool {
	switch r.scheme.Algorithm {
	case Ed25519:
		return len(sig) == ed25519.SignatureSize && ed25519.Verify(d.edPub, content, sig)
	case ECDSAP256:
		return ecdsa.VerifyASN1(d.ecPub, content, sig)
	case HMACSHA1, HMACSHA256, HMACSHA512, SHA256:
		return subtle.ConstantTimeCompare(content, sig) == 1
	case Token:
		return false
	default:
		return false
	}
}

// feed writes the content that a template describes into the hash.
func feed(m *mac, content []token, in *input, secret []byte) {
	for i := range content {
		switch t := &content[i]; t.kind {
		case tokBody:
			_, _ = m.h.Write(in.body)
		case tokSecret:
			_, _ = m.h.Write(secret)
		default:
			m.writeString(in.text(t))
		}
	}
}

// text is what a placeholder other than {body} and {secret} stands for.
func (in *input) text(t *token) string {
	switch t.kind {
	case tokID:
		return in.id
	case tokTime:
		return in.ts
	case tokURL:
		return in.url
	case tokMethod:
		return in.method
	case tokForm:
		return in.form
	case tokHeader:
		return headerValue(in.header, t.text)
	case tokJSON:
		if v, ok := in.members[t.text]; ok {
			return v
		}
		v, _ := lookupJSON(in.body, t.path)
		return v
	case tokParam:
		return in.params[t.text]
	default:
		return t.text
	}
}

// assemble puts the content together for algorithms that need it in one piece.
func (r *Rules) assemble(m *mac, in *input) []byte {
	if len(r.content) == 1 && r.content[0].kind == tokBody {
		return in.body
	}
	m.buf = m.buf[:0]
	for i := range r.content {
		if t := &r.content[i]; t.kind == tokBody {
			m.buf = append(m.buf, in.body...)
		} else {
			m.buf = append(m.buf, in.text(t)...)
		}
	}
	return m.buf
}
