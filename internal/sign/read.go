package sign

// A request taken apart.

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/sign/scheme"
)

const (
	maxCandidates = 16 // signatures of one message that are looked at
	maxSets       = 4  // sets of items, or repeated headers, that are looked at
	maxSignature  = 72 // bytes: a P-256 signature in DER
	maxWide       = mostRSA / 8
)

// candidate is one signature found in a message, decoded.
type candidate struct {
	set  int
	n    int
	raw  [maxSignature]byte
	wide []byte // in place of raw, where the algorithm makes more bytes
	text string // token schemes
}

func (c *candidate) bytes() []byte {
	if c.wide != nil {
		return c.wide
	}
	return c.raw[:c.n]
}

// moment is the time of one set of signatures.
type moment struct {
	text string
	at   time.Time
	ok   bool
}

// parts is what a message says about itself.
type parts struct {
	candidates []candidate
	times      []moment // one for each set, or one for all
	id         string
	malformed  DetailCode // what is wrong with the signature header as a list; NoDetail when nothing is
	odd        oddities
	reason     Reason // why the message is refused before any signature is computed; "" otherwise
	detail     Detail
}

func (p *parts) refuse(reason Reason, detail Detail) {
	if p.reason == "" {
		p.reason, p.detail = reason, detail
	}
}

// read takes a message apart. It looks at presence and shape in the fixed order: signature, id, time, other headers.
// Details name what is wrong and never quote a value: a header in the wrong place may hold the right signature.
func (r *Rules) read(m *Message, o *VerifyOptions, p *parts) {
	names := r.pick(m)
	if name, joined := r.Repeated(m); name != "" {
		p.refuse(MalformedSignature, cameTwice(name, joined))
	}
	r.readSignature(m, names, p)
	r.readID(m, names, p)
	r.readTime(m, names, o, p)
	for _, list := range [][]scheme.Requirement{r.Require, r.Members} {
		for i := range list {
			if detail := unmet(m, &list[i]); !detail.IsZero() {
				p.refuse(WrongHeader, detail)
			}
		}
	}
	for i := range r.Content {
		switch t := &r.Content[i]; {
		case !t.Must():
		case t.Kind == scheme.PieceHeader && scheme.HeaderValue(m.Header, t.Text) == "":
			p.refuse(WrongHeader, Detail{Code: MissingSigned, Place: Place{InHeader, t.Text}})
		case t.Kind == scheme.PieceParam && m.Params[t.Text] == "":
			p.refuse(WrongHeader, Detail{Code: UnsetSigned, Place: Place{InSettings, t.Text}})
		}
	}
}

// Reading is what a message says about itself.
type Reading struct {
	Times []string // as they stand, one for each set of signatures or one for all; "" where it is missing
	ID    string
	Sizes []int // of the signatures that can be decoded, in bytes
}

// Read takes a message apart, whether or not its parts are right.
func (r *Rules) Read(m *Message, o *VerifyOptions) Reading {
	if r.Proves() {
		return Reading{}
	}
	var p parts
	r.read(m, o, &p)
	out := Reading{ID: p.id}
	for i := range p.times {
		out.Times = append(out.Times, p.times[i].text)
	}
	for i := range p.candidates {
		out.Sizes = append(out.Sizes, p.candidates[i].n)
	}
	return out
}

// ItemTimes are the times that stand in a value of the signature header, where it is where the scheme has them.
func (r *Rules) ItemTimes(value string) []string {
	if r.TimeItem == nil || value == "" {
		return nil
	}
	var p parts
	r.readValue(value, &p)
	var out []string
	for i := range p.times {
		out = append(out, p.times[i].text)
	}
	return out
}

// picked says which header names are used for one message. Where a scheme lists aliases, a complete set of them wins; without
// one, the first of each list that is present.
type picked struct{ index int }

func (r *Rules) pick(m *Message) picked {
	if !r.HeaderSet {
		return picked{-1}
	}
	for i := range r.SigHeaders {
		if scheme.HeaderValue(m.Header, r.SigHeaders[i]) != "" &&
			(len(r.TimeHeaders) == 0 || scheme.HeaderValue(m.Header, r.TimeHeaders[i]) != "") &&
			(len(r.IDHeaders) == 0 || scheme.HeaderValue(m.Header, r.IDHeaders[i]) != "") {
			return picked{i}
		}
	}
	return picked{-1}
}

// choose returns the name to read and its value; the first listed name when none is present.
func (p picked) choose(header map[string][]string, names []string) (name, value string) {
	if p.index >= 0 && p.index < len(names) {
		return names[p.index], scheme.HeaderValue(header, names[p.index])
	}
	for _, n := range names {
		if v := scheme.HeaderValue(header, n); v != "" {
			return n, v
		}
	}
	return names[0], ""
}

func (r *Rules) readSignature(m *Message, names picked, p *parts) {
	if r.SignsInBody() {
		text, place, code := r.SignatureIn(m)
		if code != NoDetail {
			p.refuse(reasonOf(code), Detail{Code: code, Place: place})
			return
		}
		r.readValue(text, p)
	} else if !r.readHeaders(m, names, p) {
		return
	}
	switch {
	case p.malformed != NoDetail:
		p.refuse(MalformedSignature, Detail{Code: p.malformed, Place: r.sigPlaceOf(m, names)})
	case len(p.candidates) == 0:
		p.refuse(MalformedSignature, r.malformed(m, names))
	}
}

// reasonOf is what is wrong with a signature that stands in the body.
func reasonOf(code DetailCode) Reason {
	if code == StandsTwice {
		return MalformedSignature
	}
	return MissingSignature
}

// SignatureIn is the signature that stands in the body of a message, and where. The code is NoDetail, Missing or StandsTwice.
func (r *Rules) SignatureIn(m *Message) (text string, place Place, code DetailCode) {
	s := &r.Scheme().Signature
	return inBody(m, r.SigPath, s.JSON, r.SigForm)
}

// TimeIn is the time that stands in a body, in the same way.
func (r *Rules) TimeIn(m *Message) (text string, place Place, code DetailCode) {
	name := ""
	if t := r.Scheme().Timestamp; t != nil {
		name = t.JSON
	}
	return inBody(m, r.TimePath, name, r.TimeForm)
}

// inBody looks a value up that stands at a path of a JSON body, or in a field of a form.
func inBody(m *Message, path jsonbytes.Path, name, field string) (text string, place Place, code DetailCode) {
	place = Place{InBody, name}
	if path != nil {
		if text, ok := scheme.Lookup(m.Body, path); ok && text != "" {
			return text, place, NoDetail
		}
	}
	if field == "" {
		return "", place, Missing
	}
	values := scheme.FormValues(m.Header, m.Body, field)
	if path == nil || len(values) > 0 {
		place = Place{InForm, field}
	}
	switch {
	case len(values) == 0 || values[0] == "":
		return "", place, Missing
	case len(values) > 1:
		return "", place, StandsTwice
	default:
		return values[0], place, NoDetail
	}
}

// sigPlaceOf is where a message has its signature.
func (r *Rules) sigPlaceOf(m *Message, names picked) Place {
	if r.SignsInBody() {
		_, place, _ := r.SignatureIn(m)
		return place
	}
	name, _ := names.choose(m.Header, r.SigHeaders)
	return Place{InHeader, name}
}

// readHeaders says whether there is any signature header.
func (r *Rules) readHeaders(m *Message, names picked, p *parts) bool {
	listed, found := r.SigHeaders, false
	if !r.SigAny {
		name, _ := names.choose(m.Header, r.SigHeaders)
		listed = []string{name}
	}
	for _, name := range listed {
		for _, v := range scheme.HeaderValues(m.Header, name) {
			if v = scheme.TrimBlanks(v); v != "" {
				found = true
				r.readValue(v, p)
			}
		}
	}
	if !found {
		what := Detail{Code: Missing, Place: Place{InHeader, strings.Join(r.SigHeaders, " or ")}}
		if len(scheme.HeaderValues(m.Header, listed[0])) > 0 {
			what = Detail{Code: Empty, Place: Place{InHeader, listed[0]}}
		}
		p.refuse(MissingSignature, what)
	}
	return found
}

// readValue reads one signature header's value: sets of items.
func (r *Rules) readValue(v string, p *parts) {
	s := &r.Scheme().Signature
	v, ok := strings.CutPrefix(v, s.Prefix)
	if !ok {
		return
	}
	for v != "" && len(p.times) < maxSets {
		set := v
		if s.Sets == "" {
			v = ""
		} else if set, v, _ = strings.Cut(v, s.Sets); scheme.TrimBlanks(set) == "" {
			continue
		}
		p.times = append(p.times, moment{})
		r.readSet(set, p)
	}
}

func (r *Rules) readCandidate(sig string, set int, p *parts) {
	if sig == "" {
		return
	}
	c := candidate{set: set}
	switch a := r.Scheme().Algorithm; {
	case a == scheme.Token:
		c.text = sig
	case a.RSA():
		c.wide = make([]byte, maxWide)
		c.n = decodeSignature(c.wide, sig, r.Scheme().Signature.Encoding)
		c.wide = c.wide[:c.n]
	default:
		c.n = decodeSignature(c.raw[:], sig, r.Scheme().Signature.Encoding)
	}
	if c.n == 0 && c.text == "" {
		return
	}
	p.candidates = append(p.candidates, c)
}

// decodeSignature returns how many bytes were decoded; 0 when the text is not of that encoding or too long for dst.
func decodeSignature(dst []byte, s, encoding string) int {
	var short [4 * maxSignature]byte // of most signatures; those of RSA need more
	if len(s) > 2*len(dst) {
		return 0
	}
	buf := short[:]
	if 2*len(s) > len(buf) {
		buf = make([]byte, 2*len(s))
	}
	src, out := buf[:copy(buf, s)], buf[len(s):]
	var n int
	var err error
	switch encoding {
	case scheme.Base64, scheme.Base64URL:
		if strings.ContainsAny(s, "\r\n") { // encoding/base64 would skip them
			return 0
		}
		enc := base64.StdEncoding
		if encoding == scheme.Base64URL {
			enc = base64.RawURLEncoding
			src = src[:len(strings.TrimRight(s, "="))]
		}
		if enc.DecodedLen(len(src)) > len(out) {
			return 0
		}
		n, err = enc.Strict().Decode(out, src)
	default:
		n, err = hex.Decode(out, src)
	}
	if err != nil || n > len(dst) {
		return 0
	}
	return copy(dst, out[:n])
}

// malformed says what is wrong with a signature header that holds nothing readable.
func (r *Rules) malformed(m *Message, names picked) Detail {
	s := &r.Scheme().Signature
	d := Detail{Place: r.sigPlaceOf(m, names), Value: r.Item.Fill("SIGNATURE", "…"), Encoding: s.Encoding}
	v, _, _ := r.SignatureIn(m)
	if !r.SignsInBody() {
		_, v = names.choose(m.Header, r.SigHeaders)
	}
	sig, fits := r.Item.Match(v)
	switch {
	case !strings.HasPrefix(v, s.Prefix):
		d.Code, d.Value = OtherPrefix, s.Prefix
	case s.Separator != "":
		d.Code = NoItem
	case fits:
		d.Code, d.Count = Undecodable, len(sig)
	default:
		d.Code = OtherForm
	}
	return d
}

func (r *Rules) readID(m *Message, names picked, p *parts) {
	if len(r.IDHeaders) == 0 {
		return
	}
	name, id := names.choose(m.Header, r.IDHeaders)
	if p.id = id; id == "" {
		p.refuse(MissingID, Detail{Code: Missing, Place: Place{InHeader, name}})
	}
}

func (r *Rules) readTime(m *Message, names picked, o *VerifyOptions, p *parts) {
	if !r.HasTime {
		return
	}
	where := "" // the header that was chosen, or the copy in the body
	switch {
	case len(r.TimeHeaders) > 0:
		name, text := names.choose(m.Header, r.TimeHeaders)
		where = name
		if text == "" && r.CopyPath != nil {
			if copied, ok := scheme.Lookup(m.Body, r.CopyPath); ok {
				where, text = "", copied
			}
		}
		p.times = append(p.times[:0], moment{text: text})
	case r.TimeInBody():
		text, _, _ := r.TimeIn(m)
		p.times = append(p.times[:0], moment{text: text})
	case len(p.times) == 0:
		p.times = append(p.times, moment{})
	}
	r.readMoments(where, o, p)
}

// timePlace is where a message's time stands: in the header that was chosen, or else where the scheme has it.
func (r *Rules) timePlace(header string) Place {
	t := r.Scheme().Timestamp
	switch {
	case header != "":
		return Place{InHeader, header}
	case r.TimePath != nil:
		return Place{InBody, t.JSON}
	case r.TimeForm != "":
		return Place{InForm, t.Form}
	case r.TimeItem != nil:
		return Place{InItem, r.TimeItem.Fill("TIME", "…")}
	default:
		return Place{InBody, t.Copy}
	}
}

func (r *Rules) readMoments(header string, o *VerifyOptions, p *parts) {
	present, readable := false, false
	var problem error
	for i := range p.times {
		t := &p.times[i]
		if t.text == "" {
			continue
		}
		present = true
		at, err := r.Clock.Parse(t.text)
		if err != nil {
			problem = err
			continue
		}
		t.at, t.ok, readable = at, true, true
	}
	needed := !o.IgnoreTime || r.Uses[scheme.PieceTime]
	switch {
	case !present && needed:
		p.refuse(MissingTimestamp, Detail{Code: Missing, Place: r.timePlace(header)})
	case present && !readable && !o.IgnoreTime:
		p.refuse(MalformedTimestamp, Detail{Code: TimeUnreadable, Place: r.timePlace(header), Cause: problem})
	}
}

// time returns the moment that goes with a candidate's set.
func (p *parts) time(set int) *moment {
	switch {
	case len(p.times) == 0:
		return nil
	case set < len(p.times):
		return &p.times[set]
	default:
		return &p.times[0]
	}
}

// unmet says why a required header or member does not hold; nothing when it does.
func unmet(m *Message, q *scheme.Requirement) Detail {
	want, setting := "", ""
	for _, t := range q.Value {
		if t.Kind != scheme.PieceParam {
			want += t.Text
			continue
		}
		v := m.Params[t.Text]
		if v == "" {
			return Detail{Code: UnsetRequired, Place: Place{InSettings, t.Text}, Value: q.Name}
		}
		want, setting = want+v, t.Text
	}
	d := Detail{Place: Place{InHeader, q.Name}}
	got := scheme.HeaderValue(m.Header, q.Header)
	if q.Path != nil {
		d.Place.In = InBody
		got, _ = scheme.Lookup(m.Body, q.Path)
	}
	switch {
	case got == "":
		d.Code = Missing
	case got == want:
		return Detail{}
	case setting == "":
		d.Code = NotAsked
	default:
		d.Code, d.Value = NotAsSet, scheme.Quote(setting)
	}
	return d
}
