package sign

// Signing.

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// maxWhole bounds a body that is held whole to be signed, in bytes: ed25519, {form}, {json:} and sets of keys over them.
const maxWhole = 64 << 20

var errTooLarge = fmt.Errorf("the body is larger than %d MiB, and this scheme needs it whole", maxWhole>>20)

// SignRequest is what is to be signed. The body is read once, to its end, and not closed.
type SignRequest struct {
	Time      time.Time           // the message's time; needed when Needs().Timestamp is true and Timestamp is empty
	Timestamp string              // the time's exact text, instead of Time; "" normally
	ID        string              // needed when Needs().ID is true
	Method    string              // needed when Needs().Method is true; GET, POST, …
	URL       string              // needed when Needs().URL is true; as the provider knows it
	Header    map[string][]string // other headers that are sent, for {header:Name}
	Body      io.Reader           // nil is an empty body
	Params    map[string]string   // settings for {param:name}, and "*" for wildcards in an item pattern
}

// Field is one header line.
type Field struct{ Name, Value string }

// Signed is a signature with everything that has to be sent with it.
type Signed struct {
	Fields    []Field // headers to send, in order: id, timestamp, signature, required ones
	Signature string  // the value of the (first) signature header; for schemes that sign inside the body, of the member
	Timestamp string  // the time's text as signed; "" when the scheme has none
	ID        string
	// Body holds JSON path and value of members that the body must have when sent; only schemes whose signature
	// or time stands in the body have any.
	Body []Field
	// Form holds fields of a form in the same way, in place of Body.
	Form []Field
	// URL is the URL to send to when the scheme adds a query parameter to it; otherwise "".
	URL string
}

// Sign signs with the first key; formats that carry a list get one signature for each key. The body is streamed: it is
// held in memory only by schemes that need it whole (ed25519, {form}, {json:}), and then up to 64 MiB.
// Errors are *SignError, or *KeyError when a key of a public-key scheme cannot sign.
func (r *Rules) Sign(q SignRequest, keys []Key) (Signed, error) {
	if r.Items != nil {
		return r.signItems(q, keys)
	}
	return r.signOne(q, keys)
}

func (r *Rules) signOne(q SignRequest, keys []Key) (Signed, error) {
	keys, err := r.signers(keys)
	if err != nil {
		return Signed{}, err
	}
	s := signing{r: r, q: &q, body: q.Body}
	if s.body == nil {
		s.body = bytes.NewReader(nil)
	}
	if err := s.prepare(); err != nil {
		return Signed{}, err
	}
	if r.Proves() {
		return s.prove(keys[0].k)
	}
	if err := s.readBody(); err != nil {
		return Signed{}, err
	}
	if err := s.bodyMembers(); err != nil {
		return Signed{}, err
	}
	sigs, err := s.sign(keys)
	if err != nil {
		return Signed{}, err
	}
	s.write(sigs)
	return s.out, nil
}

// signers returns the keys that sign: all where the format takes several, otherwise the first.
func (r *Rules) signers(keys []Key) ([]Key, error) {
	switch {
	case r.Scheme().Algorithm == scheme.None:
		return nil, &SignError{Scheme: r.Scheme().Name, Field: "algorithm", Problem: "it signs nothing"}
	case len(keys) == 0:
		return nil, &KeyError{Scheme: r.Scheme().Name, Problem: "is not given"}
	case r.SigAny:
		keys = keys[:min(len(keys), len(r.SigHeaders))]
	case !r.Listed():
		keys = keys[:1]
	}
	for _, k := range keys {
		switch {
		case k.k == nil || k.k.algorithm != r.Scheme().KeyAlgorithm():
			return nil, &KeyError{Scheme: r.Scheme().Name, Problem: "was made for another algorithm"}
		case !k.k.signs():
			return nil, &KeyError{Scheme: r.Scheme().Name, Problem: "cannot sign: it is the public one, or was decoded for verifying"}
		}
	}
	return keys, nil
}

// signing is one request on its way to a signature.
type signing struct {
	r    *Rules
	q    *SignRequest
	in   Values
	body io.Reader // what is still to be hashed; in.Body when it was read whole
	out  Signed
}

func (s *signing) fail(field, problem string, err error) error {
	return &SignError{Scheme: s.r.Scheme().Name, Field: field, Problem: problem, Err: err}
}

// prepare checks what the scheme needs and works out the time's text.
func (s *signing) prepare() error {
	r, q := s.r, s.q
	needs := r.Needs()
	for _, p := range needs.Params {
		if q.Params[p] == "" {
			return s.fail("param:"+p, "setting "+scheme.Quote(p)+" is not given", nil)
		}
		if breaksLine(q.Params[p]) {
			return s.fail("param:"+p, "setting "+scheme.Quote(p)+" holds a line break or NUL", nil)
		}
	}
	switch {
	case needs.ID && scheme.TrimBlanks(q.ID) == "":
		return s.fail("id", "an id is needed", nil)
	case needs.ID && breaksLine(q.ID):
		return s.fail("id", "the id holds a line break or NUL", nil)
	case breaksLine(q.Timestamp):
		return s.fail("time", "the time holds a line break or NUL", nil)
	case needs.URL && q.URL == "":
		return s.fail("url", "the URL is part of what is signed, and none was given", nil)
	case needs.Method && q.Method == "":
		return s.fail("method", "the method is part of what is signed, and none was given", nil)
	case q.Timestamp != "":
		s.out.Timestamp = q.Timestamp
	case needs.Timestamp && !q.Time.IsZero():
		s.out.Timestamp = r.Clock.Format(q.Time)
	case needs.Timestamp && !r.TimeInBody():
		return s.fail("time", "a time is needed", nil)
	}
	if !needs.Timestamp {
		s.out.Timestamp = ""
	}
	if needs.ID {
		s.out.ID = scheme.TrimBlanks(q.ID)
	}
	s.in = Values{Params: q.Params, Method: q.Method, ID: s.out.ID, Time: s.out.Timestamp, URL: q.URL}
	if r.Uses[scheme.PieceURL] {
		s.in.URL = r.urlForms(q.URL)[0]
	}
	if r.Uses[scheme.PieceHeader] {
		s.in.Header = s.headers()
	}
	for _, t := range r.Content {
		if t.Must() && t.Kind == scheme.PieceHeader && scheme.HeaderValue(s.in.Header, t.Text) == "" {
			return s.fail("header:"+t.Text, "header "+t.Text+" is part of what is signed, and was not given", nil)
		}
	}
	return nil
}

// breaksLine says whether a text would end a header line early.
func breaksLine(s string) bool { return strings.ContainsAny(s, "\r\n\x00") }

// headers are the request's headers with those that signing itself sets.
func (s *signing) headers() map[string][]string {
	h := make(map[string][]string, len(s.q.Header)+2)
	for k, v := range s.q.Header {
		h[scheme.CanonicalHeader(k)] = v
	}
	if len(s.r.TimeHeaders) > 0 {
		h[s.r.TimeHeaders[0]] = []string{s.out.Timestamp}
	}
	if len(s.r.IDHeaders) > 0 {
		h[s.r.IDHeaders[0]] = []string{s.out.ID}
	}
	return h
}

// readBody reads the body whole where the scheme needs that, or hashes it for the URL.
func (s *signing) readBody() error {
	r := s.r
	switch {
	case r.Scheme().BodyHash != nil:
		h := sha256.New()
		if _, err := io.Copy(h, s.body); err != nil {
			return s.fail("body", "the body cannot be read", err)
		}
		s.out.URL = r.withBodyHash(s.in.URL, h.Sum(nil))
		s.in.URL = s.out.URL
	case r.Scheme().Algorithm == scheme.Ed25519, r.Uses[scheme.PieceForm], r.Uses[scheme.PieceSorted], r.Uses[scheme.PieceCRC32], r.Uses[scheme.PieceSHA256], r.Looks(), r.TimeInBody(), r.SignsInBody(), len(r.Members) > 0:
		b, err := io.ReadAll(io.LimitReader(s.body, maxWhole+1))
		if err == nil && len(b) > maxWhole {
			err = errTooLarge
		}
		if err != nil {
			return s.fail("body", "the body cannot be read", err)
		}
		s.in.Body, s.body = b, nil
	}
	if r.Uses[scheme.PieceForm] {
		form, ok := CanonicalForm(s.in.Body)
		if !ok {
			return s.fail("body", "the body is too large for a form", nil)
		}
		s.in.Form = form
	}
	if r.Uses[scheme.PieceSorted] {
		s.in.Sorted = SortURL(s.in.URL).With(SortedFields(s.headers(), s.in.Body))
	}
	return nil
}

// bodyMembers works out what is looked up in the message: the time's member holds the new time, the others what the body has.
// Where the body itself is signed, its own time stands.
func (s *signing) bodyMembers() error {
	r := s.r
	if r.Looks() || r.TimeInBody() {
		s.in.Members = map[string]string{}
	}
	if r.TimeInBody() {
		text, place, code := r.TimeIn(&Message{Header: s.q.Header, Body: s.in.Body})
		if s.out.Timestamp == "" || r.Uses[scheme.PieceBody] {
			if code != NoDetail {
				return s.fail("time", "a time is needed: the body has no "+place.Name, nil)
			}
			s.out.Timestamp, s.in.Time = text, text
		}
		s.setInBody(r.Scheme().Timestamp.JSON, r.TimeForm, s.out.Timestamp)
	}
	for _, t := range r.Content {
		if t.Kind == scheme.PieceJSON && r.TimePath != nil && slices.Equal(t.Path, r.TimePath) || t.Kind == scheme.PieceField && t.Text == r.TimeForm {
			s.in.Members[t.Name()] = s.out.Timestamp
		}
	}
	m := Message{URL: s.q.URL, Header: s.q.Header, Body: s.in.Body}
	if d := r.look(&m, &s.in); !d.IsZero() {
		if d.Code == MissingSigned && d.Place.In == InBody {
			return s.fail(fieldOf(d.Place), "the body has no "+d.Place.Name+", which is part of what is signed", nil)
		}
		return s.fail(fieldOf(d.Place), d.String(), nil)
	}
	return nil
}

// fieldOf is the part of a message in the words of SignError.
func fieldOf(p Place) string {
	return map[Part]string{InBody: "json:", InForm: "form:", InQuery: "query:", InHeader: "header:", InSettings: "param:"}[p.In] + p.Name
}

// setInBody puts a value where the body that is sent has it.
func (s *signing) setInBody(path, field, value string) {
	lead := bytes.TrimLeft(s.in.Body, " \t\r\n")
	isJSON := len(lead) > 0 && (lead[0] == '{' || lead[0] == '[')
	if field != "" && (path == "" || !isJSON) {
		s.out.Form = append(s.out.Form, Field{field, value})
		return
	}
	s.out.Body = append(s.out.Body, Field{path, value})
}

// sign computes one signature for each key.
func (s *signing) sign(keys []Key) ([]string, error) {
	r := s.r
	if r.Scheme().Algorithm == scheme.Token {
		return []string{string(keys[0].k.secret)}, nil
	}
	macs := make([]*mac, len(keys))
	for i, k := range keys {
		macs[i] = k.k.mac()
	}
	defer func() {
		for i, k := range keys {
			k.k.release(macs[i])
		}
	}()
	if r.Scheme().Algorithm != scheme.Ed25519 {
		if err := s.feedAll(macs, keys); err != nil {
			return nil, err
		}
	}
	sigs := make([]string, len(keys))
	for i, k := range keys {
		raw, err := s.raw(macs[i], k.k)
		if err != nil {
			return nil, s.fail("key", "the key cannot sign", err)
		}
		sigs[i] = encodeSignature(raw, r.Scheme().Signature.Encoding)
	}
	return sigs, nil
}

// feedAll writes the content into all hashes at once, so that the body is read once.
func (s *signing) feedAll(macs []*mac, keys []Key) error {
	for i := range s.in.Content {
		t := &s.in.Content[i]
		switch {
		case t.Kind == scheme.PieceSecret:
			for j, m := range macs {
				_, _ = m.h.Write(keys[j].k.secret)
			}
		case t.Kind == scheme.PieceBody && s.body != nil:
			if _, err := io.Copy(intoAll(macs), s.body); err != nil {
				return s.fail("body", "the body cannot be read", err)
			}
		case t.Kind == scheme.PieceBody:
			for _, m := range macs {
				_, _ = m.h.Write(s.in.Body)
			}
		default:
			text := s.in.Text(t)
			for _, m := range macs {
				m.buf = append(m.buf[:0], text...)
				_, _ = m.h.Write(m.buf)
			}
		}
	}
	return nil
}

// intoAll writes into each of the hashes.
func intoAll(macs []*mac) io.Writer {
	if len(macs) == 1 {
		return macs[0].h
	}
	writers := make([]io.Writer, len(macs))
	for i, m := range macs {
		writers[i] = m.h
	}
	return io.MultiWriter(writers...)
}

func (s *signing) raw(m *mac, d *keyData) ([]byte, error) {
	switch a := s.r.Scheme().Algorithm; {
	case a == scheme.Ed25519:
		return ed25519.Sign(d.edPriv, s.r.assemble(m, &s.in)), nil
	case a == scheme.ECDSAP256:
		return ecdsa.SignASN1(rand.Reader, d.ecPriv, m.h.Sum(m.sum[:0]))
	case a.RSA():
		return rsa.SignPKCS1v15(rand.Reader, d.rsaPriv, cryptoHash(a), m.h.Sum(m.sum[:0]))
	default:
		return m.h.Sum(m.sum[:0]), nil
	}
}

func encodeSignature(raw []byte, encoding string) string {
	switch encoding {
	case scheme.Base64:
		return base64.StdEncoding.EncodeToString(raw)
	case scheme.Base64URL:
		return base64.RawURLEncoding.EncodeToString(raw)
	case scheme.UpperHex:
		return strings.ToUpper(hex.EncodeToString(raw))
	default:
		var text [2 * sha512.Size]byte
		return string(hex.AppendEncode(text[:0], raw))
	}
}

// write puts the headers together.
func (s *signing) write(sigs []string) {
	r, spec := s.r, s.r.Scheme()
	s.out.Fields = make([]Field, 0, len(sigs)+len(r.Require)+2)
	if len(r.IDHeaders) > 0 {
		s.out.Fields = append(s.out.Fields, Field{spec.ID.Header[0], s.out.ID})
	}
	if len(r.TimeHeaders) > 0 {
		s.out.Fields = append(s.out.Fields, Field{spec.Timestamp.Header[0], s.out.Timestamp})
	}
	s.out.Signature = s.value(sigs)
	switch {
	case r.SignsInBody():
		s.setInBody(spec.Signature.JSON, r.SigForm, s.out.Signature)
	case r.SigAny:
		for i := range sigs {
			s.out.Fields = append(s.out.Fields, Field{spec.Signature.Header[i], s.value(sigs[i : i+1])})
		}
		s.out.Signature = s.value(sigs[:1])
	default:
		s.out.Fields = append(s.out.Fields, Field{spec.Signature.Header[0], s.out.Signature})
	}
	s.writeRequired()
}

// writeRequired writes the headers and members that the scheme asks for besides.
func (s *signing) writeRequired() {
	for i := range s.r.Require {
		s.out.Fields = append(s.out.Fields, Field{s.r.Require[i].Name, s.required(&s.r.Require[i])})
	}
	for i := range s.r.Members {
		s.out.Body = append(s.out.Body, Field{s.r.Members[i].Name, s.required(&s.r.Members[i])})
	}
}

// required is the value that a header or member must have.
func (s *signing) required(q *scheme.Requirement) string {
	var value strings.Builder
	for i := range q.Value {
		value.WriteString(s.in.Text(&q.Value[i]))
	}
	return value.String()
}

// prove signs with a token or a message signature.
func (s *signing) prove(key *keyData) (Signed, error) {
	if len(s.r.IDHeaders) > 0 {
		s.out.Fields = append(s.out.Fields, Field{s.r.Scheme().ID.Header[0], s.out.ID})
	}
	sign := s.signMessage
	if s.r.Scheme().JWT != nil {
		sign = s.signToken
	}
	if err := sign(key); err != nil {
		return Signed{}, err
	}
	s.writeRequired()
	return s.out, nil
}

// value is the signature header's value: items of all keys, in sets where the scheme has sets.
func (s *signing) value(sigs []string) string {
	r, spec := s.r, &s.r.Scheme().Signature
	wild := func(i int) string { // Convoy numbers its schemes so
		if set := s.q.Params[scheme.PieceAny]; set != "" {
			return set
		}
		return strconv.Itoa(i + 1)
	}
	set := func(sigs []string) string {
		items := make([]string, 0, len(sigs)+1)
		if r.TimeItem != nil {
			items = append(items, r.TimeItem.Fill(s.out.Timestamp, wild(0)))
		}
		for i, sig := range sigs {
			items = append(items, r.ItemAt(i).Fill(sig, wild(i)))
		}
		return strings.Join(items, spec.Separator)
	}
	if spec.Sets == "" {
		return spec.Prefix + set(sigs)
	}
	sets := make([]string, len(sigs))
	for i := range sigs {
		sets[i] = set(sigs[i : i+1])
	}
	return spec.Prefix + strings.Join(sets, spec.Sets)
}
