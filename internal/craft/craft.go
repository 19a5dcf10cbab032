// Package craft makes signed requests from samples and bodies, with edits and headers, signed as of a given time. It can
// spoil a request, to see whether a receiver refuses it. Time and randomness are passed in. It sends nothing.
package craft

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// Request is one request to make.
type Request struct {
	Rules  *sign.Rules
	Keys   []sign.Key // the keys that verify; the first one signs
	Params map[string]string

	Event   Event
	Method  string
	URL     string      // where it goes
	SignURL string      // the URL to sign, if it is another one; "" is URL
	Header  http.Header // canonical names; wins over everything else; a name without values is not sent
	Agent   string      // the User-Agent
	At      time.Time   // the moment of signing
	// Timestamp is the time's text in place of At, also one that is no time; "" normally.
	Timestamp string
	Tamper    Tamper
	Rand      io.Reader
}

// Made is a request that is ready to send. The caller sets its timeout.
type Made struct {
	deliver.Request
	// PartOfBody reports that Tamper changed a byte of the part of the body that is signed, because the scheme does not sign all of it.
	PartOfBody bool
}

// Make signs the request. The signed bytes are the bytes to send, unless Tamper changes them. If signing fails, Make returns
// the request without a signature. Errors are faults, or a *TamperError.
func (r *Request) Make() (Made, error) {
	m := Made{Request: deliver.Request{Method: r.Method, URL: r.URL, Header: r.header(), Body: r.Event.Body}}
	if err := r.fill(m.Header); err != nil {
		return m, err
	}
	signed, err := r.sign(m.Header)
	if err != nil {
		return m, err
	}
	if m.Body, err = withSigned(m.Header, m.Body, &signed); err != nil {
		return m, err
	}
	values := make([]string, len(signed.Fields))
	for i, f := range signed.Fields {
		name := http.CanonicalHeaderKey(f.Name)
		if _, given := r.Header[name]; !given {
			values[i] = f.Value
			m.Header[name] = values[i : i+1 : i+1]
		}
	}
	if signed.URL != "" {
		m.URL = r.withQuery(signed.URL)
	}
	s := spoiler{rules: r.Rules, keys: r.Keys, params: r.Params, signed: signed, url: cmp.Or(signed.URL, r.SignURL, r.URL)}
	m.PartOfBody, err = s.spoil(r.Tamper, &m.Request)
	return m, err
}

// fill gives signed headers that nobody gave, such as a nonce, a fresh value.
func (r *Request) fill(header http.Header) error {
	for _, name := range r.Rules.FreeHeaders() {
		if _, given := header[name]; given {
			continue
		}
		text, err := newChallenge(r.Rand)
		if err != nil {
			return err
		}
		header.Set(name, text)
	}
	return nil
}

// header returns the headers except those that signing adds.
func (r *Request) header() http.Header {
	const signing = 4 // headers that signing adds
	fields := r.Event.Fields
	h := make(http.Header, len(r.Header)+len(fields)+signing)
	for name, values := range r.Header {
		h[name] = slices.Clone(values)
	}
	room := make([]string, 0, len(fields)+2) // of the values, in one piece
	add := func(name, value string) {
		name = http.CanonicalHeaderKey(name)
		if _, has := h[name]; !has {
			room = append(room, value)
			h[name] = room[len(room)-1 : len(room) : len(room)]
		}
	}
	for _, f := range fields {
		add(f.Name, f.Value)
	}
	add("Content-Type", event.ContentType(r.Event.Body))
	add("User-Agent", r.Agent)
	return h
}

// sign signs with the first key. To spoil the key, it signs with a fresh one, which the receiver cannot know.
func (r *Request) sign(header http.Header) (sign.Signed, error) {
	q := sign.SignRequest{
		Time: r.At, Timestamp: r.Timestamp, ID: r.Event.ID, Method: r.Method, URL: cmp.Or(r.SignURL, r.URL), Header: header, Body: bytes.NewReader(r.Event.Body), Params: r.Params,
	}
	if t := r.Rules.Scheme().Timestamp; t != nil && t.OfEvent && !r.Event.Time.IsZero() {
		q.Time = r.Event.Time
	}
	var err error
	if r.Rules.Needs().ID && q.ID == "" {
		if q.ID, err = NewID(r.Rand); err != nil {
			return sign.Signed{}, err
		}
	}
	keys := r.Keys
	if r.Tamper == TamperKey {
		other, err := NewKey(r.Rules, r.Rand)
		if err != nil {
			return sign.Signed{}, err
		}
		keys = []sign.Key{other}
	}
	signed, err := r.Rules.Sign(q, keys)
	if err != nil {
		return sign.Signed{}, SignFault(err)
	}
	return signed, nil
}

// withQuery returns the URL to send to after signing has added a parameter to the signed URL. If that is another URL than the
// target's, the target keeps its own parameters and gets those of the signed URL too.
func (r *Request) withQuery(signed string) string {
	if r.SignURL == "" {
		return signed
	}
	_, query, _ := strings.Cut(signed, "?")
	base, first, _ := strings.Cut(r.URL, "?")
	return base + "?" + netname.JoinQuery(first, query)
}

// withSigned puts what signing adds to a body into it.
func withSigned(header http.Header, body []byte, signed *sign.Signed) ([]byte, error) {
	for _, f := range signed.Form {
		var err error
		if body, err = withField(header, body, f); err != nil {
			return body, err
		}
	}
	return withMembers(body, signed.Body)
}

// withField sets a field of a form: in its place if it is there, and else at the end.
func withField(header http.Header, body []byte, f sign.Field) ([]byte, error) {
	if scheme.IsMultipart(header) {
		boundary, _ := scheme.Boundary(header)
		out, err := scheme.WithPart(body, boundary, f.Name, f.Value)
		if err != nil {
			return body, fault.Hint(fault.Wrap(fault.Usage, err, "cannot put %s into the form", f.Name),
				"give the whole body with the Content-Type that came with it, whose boundary stands between the parts and at the end")
		}
		return out, nil
	}
	pair := url.QueryEscape(f.Name) + "=" + url.QueryEscape(f.Value)
	var parts []string
	placed := false
	for part := range strings.SplitSeq(string(body), "&") {
		switch name, _, _ := strings.Cut(part, "="); {
		case scheme.Unescape(name) != f.Name:
			parts = append(parts, part)
		case !placed:
			parts, placed = append(parts, pair), true
		}
	}
	if !placed {
		parts = append(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), pair)
	}
	return []byte(strings.Join(parts, "&")), nil
}

// withMembers sets the members of the body that hold signature or time in some schemes.
func withMembers(body []byte, members []sign.Field) ([]byte, error) {
	if len(members) == 0 {
		return body, nil
	}
	const what = "the signature"
	sets := make([]jsonbytes.Edit, 0, len(members))
	for _, m := range members {
		if says(body, m) {
			continue
		}
		set, err := jsonbytes.SetString(m.Name, m.Value)
		if err != nil {
			return body, noPlace(err, what)
		}
		sets = append(sets, set)
	}
	out, err := jsonbytes.Apply(body, sets)
	if err != nil {
		return body, noPlace(err, what)
	}
	return out, nil
}

// says whether a body has a member already, which may be a number.
func says(body []byte, m sign.Field) bool {
	path, err := jsonbytes.ParsePath(m.Name)
	if err != nil {
		return false
	}
	text, there := scheme.Lookup(body, path)
	return there && text == m.Value
}

// NewID makes a message id in the form of Standard Webhooks.
func NewID(rand io.Reader) (string, error) {
	var b [15]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return "", fault.Wrap(fault.Internal, err, "no randomness")
	}
	return "msg_" + base64.RawURLEncoding.EncodeToString(b[:]), nil
}
