package explain

// What may have been signed around the body.

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// textVariant is what is signed around the body: text before it and after it.
type textVariant struct {
	why       *mistake // nil: as the scheme says
	pre, post string
	noBody    bool
	part      string              // what of the body is signed, as a placeholder: the whole, its canonical form, or a digest of it; "" is the whole
	url       sign.SortedURL      // that a form's fields are signed with, of {url:sorted}
	header    map[string][]string // that tells whether there are fields, of {url:sorted}
	keyFirst  bool                // the key stands before everything (plain hashes)
	wide      *wide               // the body is in UTF-16 like the rest; nil: as it stands
}

// whole says whether the body itself stands between pre and post.
func (t *textVariant) whole() bool { return t.part == "" || t.part == scheme.PieceBody }

// content is what stands between pre and post for a body.
func (t *textVariant) content(body []byte) []byte {
	switch {
	case t.wide != nil:
		return t.wide.append(make([]byte, 0, 2*len(body)), body)
	case t.part == scheme.PieceForm:
		form, _ := sign.CanonicalForm(body)
		return []byte(form)
	case t.part == scheme.PieceSorted:
		return []byte(t.url.With(sign.SortedFields(t.header, body)))
	case t.whole():
		return body
	default:
		return []byte(sign.BodyDigest(t.part, body))
	}
}

// named is a value found in the message, with where it stands.
type named struct {
	place sign.Place // none: where the scheme has it
	value string
}

// textList builds the list of texts.
type textList struct {
	s       *search
	in      sign.Values
	times   []named // the message's time first, then other texts that look like times
	ids     []named
	method  string
	content []scheme.Piece // that of the scheme, as far as the message has it
	out     []textVariant
}

const maxTexts = 400

// textVariants lists what may have been signed around the body, the scheme's own first.
func (s *search) textVariants() *textList {
	t := &textList{s: s, method: s.m.Method}
	read := s.r.Read(s.m, &s.o.VerifyOptions)
	t.in = sign.Values{Header: s.m.Header, Params: s.m.Params, Method: s.m.Method, ID: read.ID, URL: s.m.URL, Members: map[string]string{}}
	t.content = s.r.Contents(s.m, &t.in)
	t.collect(&read)
	if len(t.times) > 0 {
		t.in.Time = t.times[0].value
	}
	t.add(nil, t.content, t.in)
	t.values()
	t.structures()
	t.wideTexts()
	t.queryTexts()
	return t
}

// add renders a template: the scheme's own with some value changed, or another one.
func (t *textList) add(a *mistake, template []scheme.Piece, in sign.Values) {
	t.put(t.render(a, template, in))
}

func (t *textList) render(a *mistake, template []scheme.Piece, in sign.Values) textVariant {
	v := textVariant{why: a, noBody: true, keyFirst: t.s.r.Uses[scheme.PieceSecret]}
	var b strings.Builder
	for i := range template {
		switch p := &template[i]; p.Kind {
		case scheme.PieceBody, scheme.PieceForm, scheme.PieceSorted, scheme.PieceCRC32, scheme.PieceSHA256:
			v.noBody, v.part = false, p.Kind
			if p.Kind == scheme.PieceSorted {
				v.url, v.header = sign.SortURL(in.URL), in.Header
			}
			v.pre = b.String()
			b.Reset()
		case scheme.PieceSecret:
		default:
			b.WriteString(in.Text(p))
		}
	}
	if v.noBody {
		v.pre = b.String()
	} else {
		v.post = b.String()
	}
	return v
}

func (t *textList) put(v textVariant) {
	same := func(o textVariant) bool {
		return o.pre == v.pre && o.post == v.post && o.noBody == v.noBody && o.part == v.part && o.url == v.url && o.keyFirst == v.keyFirst && o.wide == v.wide
	}
	if len(t.out) < maxTexts && !slices.ContainsFunc(t.out, same) {
		t.out = append(t.out, v)
	}
}

// collect finds the message's own time and id, and others in it that could have been taken for them.
func (t *textList) collect(p *sign.Reading) {
	r := t.s.r
	for _, text := range p.Times {
		if text != "" {
			t.times = append(t.times, named{value: text})
		}
	}
	if p.ID != "" {
		t.ids = append(t.ids, named{value: p.ID})
	}
	for _, h := range slices.Sorted(maps.Keys(t.s.m.Header)) {
		v, name := scheme.HeaderValue(t.s.m.Header, scheme.CanonicalHeader(h)), strings.ToLower(h)
		switch {
		case v == "" || len(v) > 128 || !usualName(h) || slices.Contains(r.SigHeaders, scheme.CanonicalHeader(h)):
		case isTimeText(v) && len(t.times) < 6:
			t.times = appendNamed(t.times, named{sign.Place{In: sign.InHeader, Name: h}, v})
		case len(t.ids) < 4 && (strings.HasSuffix(name, "-id") || strings.HasSuffix(name, "delivery") || strings.HasSuffix(name, "nonce")):
			t.ids = appendNamed(t.ids, named{sign.Place{In: sign.InHeader, Name: h}, v})
		}
	}
	for _, path := range []string{"timestamp", "created", "created_at", "time", "ts"} {
		if v, ok := scheme.Lookup(t.s.m.Body, jsonbytes.Key(path)); ok && isTimeText(v) && len(t.times) < 7 {
			t.times = appendNamed(t.times, named{sign.Place{In: sign.InBody, Name: path}, v})
		}
	}
}

func appendNamed(list []named, n named) []named {
	if slices.ContainsFunc(list, func(o named) bool { return o.value == n.value }) {
		return list
	}
	return append(list, n)
}

func isTimeText(s string) bool {
	if _, err := scheme.ParseDigits(s); err == nil {
		return len(s) == 10 || len(s) == 13
	}
	for _, layout := range []string{time.RFC3339, time.RFC1123} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

func textMistake(id string, r rank, title, evidence, fix string) *mistake {
	return &mistake{id: "text." + id, rank: r, title: title, evidence: evidence, fix: fix, recipes: recipeFormula}
}

// source names where a value stands.
func (n *named) source() string {
	switch n.place.In {
	case sign.InHeader:
		return "header " + scheme.Quote(n.place.Name)
	case sign.InBody, sign.InItem, sign.InSettings, sign.InQuery, sign.InForm:
		return n.place.String()
	default:
		return "the message"
	}
}

func (t *textList) timePlace() string {
	if len(t.s.r.TimeHeaders) > 0 {
		return strings.Join(t.s.r.TimeHeaders, " or ")
	}
	return "the signature header"
}

// clockForm is a way to write a time.
type clockForm struct {
	id    string // of the finding, after text.unit.
	name  string // for people
	value string
}

// otherClocks are other ways to write the same time.
func otherClocks(s string) []clockForm {
	var at time.Time
	n, err := scheme.ParseDigits(s)
	switch {
	case err == nil && len(s) >= 12:
		at = time.UnixMilli(n)
	case err == nil && n <= scheme.MaxUnix:
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
	return []clockForm{
		{"seconds", "seconds", strconv.FormatInt(at.Unix(), 10)},
		{"milliseconds", "milliseconds", strconv.FormatInt(at.UnixMilli(), 10)},
		{"a_number_with_a_fraction", "a number with a fraction", strconv.FormatInt(at.Unix(), 10) + ".0"},
		{"RFC_3339", "RFC 3339", at.Format(time.RFC3339)},
		{"RFC_3339_with_milliseconds", "RFC 3339 with milliseconds", at.Format("2006-01-02T15:04:05.000Z07:00")},
		{"an_HTTP_date", "an HTTP date", at.Format("Mon, 02 Jan 2006 15:04:05 GMT")},
	}
}

// structures are other templates: what is signed, in which order, and what stands between.
func (t *textList) structures() {
	content := t.s.r.Scheme().Content
	for _, shape := range t.shapes() {
		if shape == content || "{secret}"+shape == content {
			continue
		}
		template, ok := scheme.ParseContent(shape)
		if !ok {
			continue
		}
		for i, n := range t.timesFor(shape) {
			in := t.in
			in.Time = n.value
			a := structureMistake(content, shape).or(t.shapeSet(shape, &n))
			if i > 0 || len(t.s.r.TimeHeaders) == 0 && t.s.r.TimeItem == nil && n.value != "" {
				a.evidence += ", the time being that of " + n.source()
			}
			t.add(a, template, in)
		}
	}
}

// timesFor is one empty entry for a template without a time, so that it is tried once.
func (t *textList) timesFor(shape string) []named {
	if !strings.Contains(shape, "{timestamp}") {
		return []named{{}}
	}
	return t.times[:min(len(t.times), 3)]
}

// shapes are templates in order of likelihood, as far as the message has what they need.
func (t *textList) shapes() []string {
	seps := []string{".", "", ":", "\n", ",", "|", "_", "-", " ", ";", "&"}
	if t.in.ID == "" && len(t.ids) > 0 {
		t.in.ID = t.ids[0].value
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
func (t *textList) lacks(shape string) bool {
	has := func(name string) bool { return strings.Contains(shape, "{"+name+"}") }
	return has(scheme.PieceTime) && len(t.times) == 0 || has(scheme.PieceID) && t.in.ID == "" || has(scheme.PieceURL) && t.s.m.URL == ""
}

// structureMistake names how one template differs from the scheme's.
func structureMistake(content, shape string) *mistake {
	has := func(s, name string) bool { return strings.Contains(s, "{"+name+"}") }
	id, title := "separator", "the parts of the signed text are joined in another way"
	switch {
	case has(content, scheme.PieceTime) && !has(shape, scheme.PieceTime):
		id, title = "without_timestamp", "the time was left out of the signed text"
	case has(content, scheme.PieceID) && !has(shape, scheme.PieceID):
		id, title = "without_id", "the id was left out of the signed text"
	case !has(content, scheme.PieceTime) && has(shape, scheme.PieceTime):
		id, title = "with_timestamp", "the time was signed too"
	case !has(content, scheme.PieceID) && has(shape, scheme.PieceID):
		id, title = "with_id", "the id was signed too"
	case has(content, scheme.PieceURL) != has(shape, scheme.PieceURL):
		id, title = "url", "the URL is signed in one place and not in the other"
	case has(content, scheme.PieceBody) != has(shape, scheme.PieceBody):
		id, title = "without_body", "the body was left out of the signed text"
	case order(content) != order(shape):
		id, title = "order", "the parts of the signed text are in another order"
	}
	return textMistake(id, rankStructure, title, "as "+strings.ReplaceAll(shape, "\n", `\n`)+" instead of "+content, "the code that signs must sign "+content)
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

// values keeps the scheme's template and changes one of its values.
func (t *textList) values() {
	r := t.s.r
	if r.Uses[scheme.PieceTime] {
		for i, n := range t.times {
			t.timeValues(i, n)
		}
	}
	if r.Uses[scheme.PieceID] {
		for i, n := range t.ids {
			if i > 0 || t.in.ID == "" {
				in := t.in
				in.ID = n.value
				a := textMistake("id.other", rankOtherID, "another id was signed", "with the id of "+n.source(), "the code that signs must sign the id that is sent in "+strings.Join(r.IDHeaders, " or "))
				t.add(a.or(n.field("id")), t.content, in)
			}
		}
	}
	if r.Uses[scheme.PieceMethod] {
		t.methodValues()
	}
	if r.Uses[scheme.PieceURL] {
		t.urlValues()
	}
}

// timeValues are one of the times that were found, and other ways to write it. The first one is the scheme's own.
func (t *textList) timeValues(i int, n named) {
	if i > 0 {
		in := t.in
		in.Time = n.value
		a := textMistake("timestamp.other", rankOtherTime, "another time was signed", "with the time of "+n.source(), "the code that signs must sign the time that is sent in "+t.timePlace())
		t.add(a.or(n.field("timestamp")), t.content, in)
	}
	for _, c := range otherClocks(n.value) {
		in := t.in
		in.Time = c.value
		a := textMistake("unit."+c.id, rankTimeForm, "the time was signed in another form", "with the time of "+n.source()+" as "+c.name, "the code that signs must sign the time exactly as it sends it")
		t.add(a.or(""), t.content, in)
	}
}

func (t *textList) methodValues() {
	for _, m := range []string{strings.ToUpper(t.method), strings.ToLower(t.method), "POST", "GET", "PUT", "DELETE", "PATCH", ""} {
		in := t.in
		in.Method = m
		fix := "the code that signs must sign the method as it is sent, in capitals"
		if m != "" && strings.Trim(m, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
			fix = "give the method that was sent (" + fault.Command("whctl verify").Flag("--method", m).String() + "), and find what changes it on its way"
		}
		t.add(textMistake("method", rankMethod, "another method was signed", "with the method as "+scheme.Quote(m), fix), t.content, in)
	}
}

// field sets a part of a scheme to where a value stands; "" where no scheme says so.
func (n *named) field(part string) string {
	switch {
	case n.place.In == sign.InBody:
		return part + ".json: " + n.place.Name
	case n.place.In == sign.InHeader && scheme.ValidHeaderName(n.place.Name):
		return part + ".header: " + n.place.Name
	default:
		return ""
	}
}

// shapeSet are the fields of a scheme whose content is a shape, its time and id being those of the headers that were used.
func (t *textList) shapeSet(shape string, at *named) string {
	if t.s.r.Uses[scheme.PieceSecret] {
		shape = "{" + scheme.PieceSecret + "}" + shape
	}
	out := `content: "` + shownTemplate(shape) + `"`
	if strings.Contains(shape, "{"+scheme.PieceTime+"}") {
		out = joinWords(out, at.field("timestamp"), " and ")
	}
	if strings.Contains(shape, "{"+scheme.PieceID+"}") && len(t.s.r.IDHeaders) == 0 && len(t.ids) > 0 {
		out = joinWords(out, t.ids[0].field("id"), " and ")
	}
	return out
}
