package sign

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"
)

const (
	maxCandidates = 16 // signatures of one message that are looked at
	maxSets       = 4  // sets of items, or repeated headers, that are looked at
	maxSignature  = 72 // bytes: a P-256 signature in DER
)

// candidate is one signature found in a message, decoded.
type candidate struct {
	set  int
	n    int
	raw  [maxSignature]byte
	text string // token schemes
}

// moment is one set's time as it stands in the message, and read.
type moment struct {
	text string
	at   time.Time
	ok   bool
}

// parts is what a message says about itself.
type parts struct {
	cands  []candidate
	times  []moment // one for each set, or one for all
	id     string
	ill    illForm // what is wrong with the signature header as a list
	odd    oddities
	reason Reason // why the message is refused before any signature is computed; "" otherwise
	detail string
}

func (p *parts) refuse(reason Reason, detail string) {
	if p.reason == "" {
		p.reason, p.detail = reason, detail
	}
}

// read takes a message apart. It looks at presence and shape in the fixed order: signature, id, time, other headers.
// Details name what is wrong and never quote a value: a header in the wrong place may hold the right signature.
func (r *Rules) read(m *Message, o *VerifyOptions, p *parts) {
	names := r.pick(m)
	if name, joined := r.repeated(m); name != "" {
		p.refuse(MalformedSignature, repeatedWords(name, joined))
	}
	r.readSignature(m, names, p)
	r.readID(m, names, p)
	r.readTime(m, names, o, p)
	for i := range r.require {
		if detail := r.unmet(m, &r.require[i]); detail != "" {
			p.refuse(WrongHeader, detail)
		}
	}
	for _, t := range r.content {
		switch {
		case t.kind == tokHeader && headerValue(m.Header, t.text) == "":
			p.refuse(WrongHeader, "header "+t.text+" is missing, and the signature covers it")
		case t.kind == tokParam && m.Params[t.text] == "":
			p.refuse(WrongHeader, "setting "+quote(t.text)+" is not given, and the signature covers it")
		}
	}
}

// picked are the header names used for one message. Where a scheme lists aliases, one complete set of them wins;
// without a complete set each list's first that is present.
type picked struct{ index int }

func (r *Rules) pick(m *Message) picked {
	if !r.headerSet {
		return picked{-1}
	}
	for i := range r.sigHeaders {
		if headerValue(m.Header, r.sigHeaders[i]) != "" &&
			(len(r.timeHeaders) == 0 || headerValue(m.Header, r.timeHeaders[i]) != "") &&
			(len(r.idHeaders) == 0 || headerValue(m.Header, r.idHeaders[i]) != "") {
			return picked{i}
		}
	}
	return picked{-1}
}

// choose returns the name to read and its value; the first listed name when none is present.
func (p picked) choose(header map[string][]string, names []string) (name, value string) {
	if p.index >= 0 && p.index < len(names) {
		return names[p.index], headerValue(header, names[p.index])
	}
	for _, n := range names {
		if v := headerValue(header, n); v != "" {
			return n, v
		}
	}
	return names[0], ""
}

func (r *Rules) readSignature(m *Message, names picked, p *parts) {
	if r.sigPath != nil {
		text, ok := lookupJSON(m.Body, r.sigPath)
		if !ok || text == "" {
			p.refuse(MissingSignature, "the body has no "+r.scheme.Signature.JSON)
			return
		}
		r.readValue(text, p)
	} else if !r.readHeaders(m, names, p) {
		return
	}
	switch {
	case p.ill != wellFormed:
		p.refuse(MalformedSignature, r.sigPlaceOf(m, names)+" "+p.ill.words())
	case len(p.cands) == 0:
		p.refuse(MalformedSignature, r.malformed(m, names))
	}
}

// sigPlaceOf is where a message has its signature, in words.
func (r *Rules) sigPlaceOf(m *Message, names picked) string {
	if r.sigPath != nil {
		return "the body's " + r.scheme.Signature.JSON
	}
	name, _ := names.choose(m.Header, r.sigHeaders)
	return "header " + name
}

// readHeaders says whether there is any signature header.
func (r *Rules) readHeaders(m *Message, names picked, p *parts) bool {
	listed, found := r.sigHeaders, false
	if !r.sigAny {
		name, _ := names.choose(m.Header, r.sigHeaders)
		listed = []string{name}
	}
	for _, name := range listed {
		for _, v := range headerValues(m.Header, name) {
			if v = trimBlanks(v); v != "" {
				found = true
				r.readValue(v, p)
			}
		}
	}
	if !found {
		what := "header " + strings.Join(r.sigHeaders, " or ") + " is missing"
		if len(headerValues(m.Header, listed[0])) > 0 {
			what = "header " + listed[0] + " is empty"
		}
		p.refuse(MissingSignature, what)
	}
	return found
}

// readValue reads one signature header's value: sets of items.
func (r *Rules) readValue(v string, p *parts) {
	s := &r.scheme.Signature
	v, ok := strings.CutPrefix(v, s.Prefix)
	if !ok {
		return
	}
	for v != "" && len(p.times) < maxSets {
		set := v
		if s.Sets == "" {
			v = ""
		} else if set, v, _ = strings.Cut(v, s.Sets); trimBlanks(set) == "" {
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
	if r.scheme.Algorithm == Token {
		c.text = sig
	} else if c.n = decodeSignature(c.raw[:], sig, r.scheme.Signature.Encoding); c.n == 0 {
		return
	}
	p.cands = append(p.cands, c)
}

// decodeSignature returns how many bytes were decoded; 0 when the text is not of that encoding or too long for any signature.
func decodeSignature(dst []byte, s, encoding string) int {
	var buf [2 * maxSignature]byte
	if len(s) > len(buf) {
		return 0
	}
	src := buf[:copy(buf[:], s)]
	var n int
	var err error
	switch encoding {
	case encBase64, encBase64URL:
		for _, c := range src {
			if c == '\r' || c == '\n' { // encoding/base64 would skip them
				return 0
			}
		}
		enc := base64.StdEncoding
		if encoding == encBase64URL {
			enc = base64.RawURLEncoding
			src = src[:len(strings.TrimRight(s, "="))]
		}
		if enc.DecodedLen(len(src)) > len(dst)+2 {
			return 0
		}
		var out [2 * maxSignature]byte
		if n, err = enc.Strict().Decode(out[:], src); err == nil && n <= len(dst) {
			copy(dst, out[:n])
		} else {
			return 0
		}
	default:
		if len(src)/2 > len(dst) {
			return 0
		}
		n, err = hex.Decode(dst, src)
	}
	if err != nil {
		return 0
	}
	return n
}

// malformed describes what is wrong with a signature header that holds nothing readable.
func (r *Rules) malformed(m *Message, names picked) string {
	s := &r.scheme.Signature
	where := r.sigPlaceOf(m, names)
	v, _ := lookupJSON(m.Body, r.sigPath)
	if r.sigPath == nil {
		_, v = names.choose(m.Header, r.sigHeaders)
	}
	if !strings.HasPrefix(v, s.Prefix) {
		return where + " does not begin with " + s.Prefix
	}
	shape := r.item.fill("SIGNATURE", "…")
	if s.Separator != "" {
		return where + " holds no item of the form " + shape + " with a signature in " + s.Encoding
	}
	if sig, ok := r.item.match(v); ok {
		return where + " is not a signature in " + s.Encoding + " (" + itoa(int64(len(sig))) + " characters)"
	}
	return where + " is not of the form " + shape
}

func (r *Rules) readID(m *Message, names picked, p *parts) {
	if len(r.idHeaders) == 0 {
		return
	}
	name, id := names.choose(m.Header, r.idHeaders)
	if p.id = id; id == "" {
		p.refuse(MissingID, "header "+name+" is missing")
	}
}

func (r *Rules) readTime(m *Message, names picked, o *VerifyOptions, p *parts) {
	if !r.hasTime {
		return
	}
	where := "" // the header that was chosen, or the copy in the body
	switch {
	case len(r.timeHeaders) > 0:
		name, text := names.choose(m.Header, r.timeHeaders)
		where = name
		if text == "" && r.copyPath != nil {
			if copied, ok := lookupJSON(m.Body, r.copyPath); ok {
				where, text = "", copied
			}
		}
		p.times = append(p.times[:0], moment{text: text})
	case r.timePath != nil:
		text, _ := lookupJSON(m.Body, r.timePath)
		p.times = append(p.times[:0], moment{text: text})
	case len(p.times) == 0:
		p.times = append(p.times, moment{})
	}
	r.readMoments(where, o, p)
}

// timePlace is where a message's time stands, in words. They are made only for a refusal: most messages need none.
func (r *Rules) timePlace(header string) string {
	t := r.scheme.Timestamp
	switch {
	case header != "":
		return "header " + header
	case r.timePath != nil:
		return "the body's " + t.JSON
	case r.timeItem != nil:
		return "the signature header's item " + r.timeItem.fill("TIME", "…")
	default:
		return "the body's " + t.Copy
	}
}

func (r *Rules) readMoments(header string, o *VerifyOptions, p *parts) {
	present, readable, problem := false, false, ""
	for i := range p.times {
		t := &p.times[i]
		if t.text == "" {
			continue
		}
		present = true
		at, bad := r.clock.parse(t.text)
		if bad != "" {
			problem = bad
			continue
		}
		t.at, t.ok, readable = at, true, true
	}
	needed := r.uses[tokTime] || !o.IgnoreTime
	switch {
	case !present && needed:
		p.refuse(MissingTimestamp, r.timePlace(header)+" is missing")
	case present && !readable && !o.IgnoreTime:
		p.refuse(MalformedTimestamp, r.timePlace(header)+" "+problem)
	}
}

// time returns the moment that goes with a candidate's set.
func (p *parts) time(set int) *moment {
	switch {
	case len(p.times) == 0:
		return nil
	case len(p.times) == 1:
		return &p.times[0]
	case set < len(p.times):
		return &p.times[set]
	default:
		return &p.times[0]
	}
}

// unmet says why a required header does not hold, or "".
func (r *Rules) unmet(m *Message, q *requirement) string {
	want, shown := "", "the value that the scheme asks for"
	for _, t := range q.value {
		if t.kind != tokParam {
			want += t.text
			continue
		}
		v, ok := m.Params[t.text]
		if !ok || v == "" {
			return "setting " + quote(t.text) + " is not given, and header " + q.name + " must match it"
		}
		want += v
		shown = "the setting " + quote(t.text)
	}
	switch got := headerValue(m.Header, q.header); {
	case got == "":
		return "header " + q.name + " is missing"
	case got != want:
		return "header " + q.name + " is not " + shown
	default:
		return ""
	}
}
