package sign

import (
	"hash"
	"maps"
	"slices"
	"strings"
	"time"
)

// textVariant is what is signed around the body: text before it and after it.
type textVariant struct {
	a         *assumption // nil: as the scheme says
	pre, post string
	noBody    bool
	form      bool  // the body's canonical form stands in place of the body
	keyFirst  bool  // the key stands before everything (plain hashes)
	wide      *wide // the body is in UTF-16 like the rest; nil: as it stands
}

// content is what stands between pre and post for a body.
func (t *textVariant) content(body []byte) []byte {
	switch {
	case t.wide != nil:
		return t.wide.append(make([]byte, 0, 2*len(body)), body)
	case !t.form:
		return body
	}
	form, _ := canonicalForm(body)
	return []byte(form)
}

// write feeds the content into a hash, without the key.
func (t *textVariant) write(h hash.Hash, body []byte) {
	_, _ = h.Write([]byte(t.pre))
	if !t.noBody {
		_, _ = h.Write(body)
	}
	_, _ = h.Write([]byte(t.post))
}

// whole is the content in one piece.
func (t *textVariant) whole(body []byte) []byte {
	if t.noBody {
		body = nil
	}
	out := make([]byte, 0, len(t.pre)+len(body)+len(t.post))
	return append(append(append(out, t.pre...), body...), t.post...)
}

// named is a value found in the message, with where it stands.
type named struct{ name, value string }

// texter builds the list of texts.
type texter struct {
	s      *search
	in     input
	times  []named // the message's time first, then other texts that look like times
	ids    []named
	method string
	out    []textVariant
}

const maxTexts = 400

// textVariants lists what may have been signed around the body, the scheme's own first.
func (s *search) textVariants() []textVariant {
	t := &texter{s: s, method: s.m.Method}
	var p parts
	s.r.read(s.m, s.o, &p)
	t.in = input{body: nil, header: s.m.Header, params: s.m.Params, method: s.m.Method, id: p.id, url: s.m.URL, members: map[string]string{}}
	for _, tok := range s.r.content {
		if tok.kind == tokJSON {
			t.in.members[tok.text], _ = lookupJSON(s.m.Body, tok.path)
		}
	}
	t.collect(&p)
	if len(t.times) > 0 {
		t.in.ts = t.times[0].value
	}
	t.add(nil, t.in)
	t.values()
	t.structures()
	t.wideTexts()
	return t.out
}

// add renders the scheme's own template with some value changed.
func (t *texter) add(a *assumption, in input) {
	v := textVariant{a: a, noBody: true}
	var b strings.Builder
	for i := range t.s.r.content {
		switch tok := &t.s.r.content[i]; tok.kind {
		case tokBody, tokForm:
			v.noBody, v.form = false, tok.kind == tokForm
			v.pre = b.String()
			b.Reset()
		case tokSecret:
			v.keyFirst = true
		default:
			b.WriteString(in.text(tok))
		}
	}
	if v.noBody {
		v.pre = b.String()
	} else {
		v.post = b.String()
	}
	t.put(v)
}

func (t *texter) put(v textVariant) {
	same := func(o textVariant) bool {
		return o.pre == v.pre && o.post == v.post && o.noBody == v.noBody && o.form == v.form && o.keyFirst == v.keyFirst && o.wide == v.wide
	}
	if len(t.out) < maxTexts && !slices.ContainsFunc(t.out, same) {
		t.out = append(t.out, v)
	}
}

// collect finds the message's own time and id, and others in it that could have been taken for them.
func (t *texter) collect(p *parts) {
	r := t.s.r
	for i := range p.times {
		if p.times[i].text != "" {
			t.times = append(t.times, named{"the message", p.times[i].text})
		}
	}
	if p.id != "" {
		t.ids = append(t.ids, named{"the message", p.id})
	}
	for _, h := range slices.Sorted(maps.Keys(t.s.m.Header)) {
		v, name := headerValue(t.s.m.Header, canonical(h)), lower(h)
		switch {
		case v == "" || len(v) > 128 || !usualName(h) || slices.Contains(r.sigHeaders, canonical(h)):
		case looksLikeTime(v) && len(t.times) < 6:
			t.times = appendNamed(t.times, named{h, v})
		case len(t.ids) < 4 && (strings.HasSuffix(name, "-id") || strings.HasSuffix(name, "delivery") || strings.HasSuffix(name, "nonce")):
			t.ids = appendNamed(t.ids, named{h, v})
		}
	}
	for _, path := range []string{"timestamp", "created", "created_at", "time", "ts"} {
		if v, ok := lookupJSON(t.s.m.Body, []string{path}); ok && looksLikeTime(v) && len(t.times) < 7 {
			t.times = appendNamed(t.times, named{"the body's " + path, v})
		}
	}
}

func appendNamed(list []named, n named) []named {
	if slices.ContainsFunc(list, func(o named) bool { return o.value == n.value }) {
		return list
	}
	return append(list, n)
}

func looksLikeTime(s string) bool {
	if _, problem := parseDigits(s); problem == "" {
		return len(s) == 10 || len(s) == 13
	}
	for _, layout := range []string{time.RFC3339, time.RFC1123} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

func (t *texter) mistake(id string, rank int, title, evidence, fix string) *assumption {
	return &assumption{id: "text." + strings.ReplaceAll(id, " ", "_"), rank: rank, title: title, evidence: "it matches " + evidence, fix: fix, kind: recipeFormula}
}

func (t *texter) source(name string) string {
	if strings.HasPrefix(name, "the ") {
		return name
	}
	return "header " + quote(name)
}

func (t *texter) timePlace() string {
	if len(t.s.r.timeHeaders) > 0 {
		return strings.Join(t.s.r.timeHeaders, " or ")
	}
	return "the signature header"
}

// otherClocks are other ways to write the same time.
func otherClocks(s string) []named {
	var at time.Time
	n, problem := parseDigits(s)
	switch {
	case problem == "" && len(s) >= 12:
		at = time.UnixMilli(n)
	case problem == "" && n <= maxUnix:
		at = time.Unix(n, 0)
	default:
		for _, layout := range []string{time.RFC3339Nano, time.RFC1123} {
			if parsed, err := time.Parse(layout, s); err == nil {
				at = parsed
			}
		}
	}
	if at.IsZero() {
		return nil
	}
	at = at.UTC()
	return []named{
		{"seconds", itoa(at.Unix())},
		{"milliseconds", itoa(at.UnixMilli())},
		{"a number with a fraction", itoa(at.Unix()) + ".0"},
		{"RFC 3339", at.Format(time.RFC3339)},
		{"RFC 3339 with milliseconds", at.Format("2006-01-02T15:04:05.000Z07:00")},
		{"an HTTP date", at.Format("Mon, 02 Jan 2006 15:04:05 GMT")},
	}
}

// structures are other templates: what is signed, in which order, and what stands between.
func (t *texter) structures() {
	own := t.s.r.scheme.Content
	for _, shape := range t.shapes() {
		if shape == own || "{secret}"+shape == own {
			continue
		}
		tokens, bad := parseTemplate(shape, contentTokens())
		if bad != nil {
			continue
		}
		for i, n := range t.timesFor(shape) {
			in := t.in
			in.ts = n.value
			a := t.structureMistake(own, shape).or(t.shapeSet(shape, n.name))
			if i > 0 || len(t.s.r.timeHeaders) == 0 && t.s.r.timeItem == nil && n.name != "" {
				a.evidence += ", the time being that of " + t.source(n.name)
			}
			t.addShape(a, tokens, in)
		}
	}
}

func (t *texter) addShape(a *assumption, tokens []token, in input) {
	v := textVariant{a: a, noBody: true, keyFirst: t.s.r.uses[tokSecret]}
	var b strings.Builder
	for i := range tokens {
		if tokens[i].kind == tokBody {
			v.noBody, v.pre = false, b.String()
			b.Reset()
			continue
		}
		b.WriteString(in.text(&tokens[i]))
	}
	if v.noBody {
		v.pre = b.String()
	} else {
		v.post = b.String()
	}
	t.put(v)
}

// timesFor is one empty entry for a template without a time, so that it is tried once.
func (t *texter) timesFor(shape string) []named {
	if !strings.Contains(shape, "{timestamp}") {
		return []named{{}}
	}
	return t.times[:min(len(t.times), 3)]
}

// shapes are templates in order of likelihood, as far as the message has what they need.
func (t *texter) shapes() []string {
	seps := []string{".", "", ":", "\n", ",", "|", "_", "-", " ", ";", "&"}
	if t.in.id == "" && len(t.ids) > 0 {
		t.in.id = t.ids[0].value
	}
	likely, others := []string{}, []string{}
	for _, sep := range seps {
		likely = append(likely, "{timestamp}"+sep+"{body}", "{id}"+sep+"{timestamp}"+sep+"{body}")
		others = append(others, "{body}"+sep+"{timestamp}", "v0"+sep+"{timestamp}"+sep+"{body}", "v1"+sep+"{timestamp}"+sep+"{body}",
			"{id}"+sep+"{body}", "{timestamp}"+sep+"{id}"+sep+"{body}")
	}
	out := slices.Concat([]string{"{body}"}, likely, others, []string{
		"t={timestamp}.{body}", "timestamp={timestamp}&body={body}", "{timestamp}",
		"{url}{body}", "{body}{url}", "{url}", "{method}{url}{body}", "{method}{url}{body}{timestamp}", "{method}{url}{timestamp}{body}",
		"{timestamp}{method}{url}{body}", "{timestamp}.{url}.{body}", "{url}.{timestamp}.{body}",
	})
	return slices.DeleteFunc(out, t.lacks)
}

// lacks says whether the message has no value for a placeholder of a template.
func (t *texter) lacks(shape string) bool {
	has := func(name string) bool { return strings.Contains(shape, "{"+name+"}") }
	return has(tokTime) && len(t.times) == 0 || has(tokID) && t.in.id == "" || has(tokURL) && t.s.m.URL == ""
}

// structureMistake names how one template differs from the scheme's.
func (t *texter) structureMistake(own, shape string) *assumption {
	has := func(s, name string) bool { return strings.Contains(s, "{"+name+"}") }
	id, title := "separator", "the parts of the signed text are joined in another way"
	switch {
	case has(own, tokTime) && !has(shape, tokTime):
		id, title = "without_timestamp", "the time was left out of the signed text"
	case has(own, tokID) && !has(shape, tokID):
		id, title = "without_id", "the id was left out of the signed text"
	case !has(own, tokTime) && has(shape, tokTime):
		id, title = "with_timestamp", "the time was signed too"
	case !has(own, tokID) && has(shape, tokID):
		id, title = "with_id", "the id was signed too"
	case has(own, tokURL) != has(shape, tokURL):
		id, title = "url", "the URL is signed in one place and not in the other"
	case has(own, tokBody) != has(shape, tokBody):
		id, title = "without_body", "the body was left out of the signed text"
	case order(own) != order(shape):
		id, title = "order", "the parts of the signed text are in another order"
	}
	return t.mistake(id, 27, title, "as "+strings.ReplaceAll(shape, "\n", `\n`)+" instead of "+own, "the code that signs must sign "+own)
}

func order(shape string) string {
	var names []string
	for part := range strings.SplitSeq(shape, "{") {
		if name, _, ok := strings.Cut(part, "}"); ok {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}
