package explain

// The mistakes that are made with a form: it was parsed and re-encoded, as a form or as JSON, or one field was taken for it.

import (
	"encoding/hex"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/sign/explain/restyle"
	"github.com/whctl/whctl/internal/sign/scheme"
)

const (
	decodedTitle = "the form was decoded before it was verified"
	formFix      = "verify the raw bytes of the form, before anything parses it"
	// https://github.com/spring-projects/spring-framework/blob/v5.3.39/spring-web/src/main/java/org/springframework/http/server/ServletServerHttpRequest.java
	springFix   = "; in Spring @RequestBody is rebuilt from the parameters for forms: read the raw input stream before any parameter"
	formJSONFix = formFix + ": in Express express.raw() in place of express.urlencoded(), in PHP php://input in place of $_POST"
)

// maxWrapped is how large a JSON text may be, in bytes, that is tried as a form's field in many ways.
const maxWrapped = 64 << 10

// isForm says whether a message's Content-Type is that of a form.
func isForm(header map[string][]string) bool {
	kind, _, _ := strings.Cut(scheme.HeaderValue(header, "Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded")
}

// canonical says whether a form's values are signed, however they are written.
func (s *search) canonical() bool {
	return (s.r.Uses[scheme.PieceForm] || s.r.Uses[scheme.PieceSorted]) && !s.r.Uses[scheme.PieceBody]
}

// formDoubt says what makes it likely that a form was re-encoded where no writing of it matched; "" when nothing does.
func (s *search) formDoubt() string {
	if f, ok := restyle.ParseForm(s.m.Body); ok && f.Sorted(mostOrderedThorough) && s.r.Uses[scheme.PieceBody] {
		return "its fields are sorted by name" + writtenBy(", as", f.Sorters(), " forms") + ", and all orders of so many cannot be tried"
	}
	if !isForm(s.m.Header) {
		return ""
	}
	_, ok := restyle.Parse(s.m.Body)
	return when(ok, "its Content-Type is that of a form, and it is JSON")
}

// formTexts are a form written by others, and what may have been a form.
func (in *received) formTexts() iter.Seq[bodyRow] {
	return func(yield func(bodyRow) bool) {
		if f, ok := restyle.ParseForm(in.b); ok {
			_ = in.anew(f, yield) && in.lostFields(f, yield) && in.withoutQuery(f, yield) && in.jsonFields(f, yield) && in.formAsJSON(f, yield)
			return
		}
		if text, ok := in.json(); ok && (in.declared || text.HoldsTexts()) {
			_ = in.jsonAsForm(text, yield) && in.wrapped(yield)
		}
	}
}

// made is a row whose text is there already.
func made(r bodyRow, w *restyle.Writing) bodyRow {
	r.rank = rankForm
	if w.Altered != restyle.Anew {
		r.rank = rankFormFields
	}
	r.edit = func(*received) ([]byte, bool) { return w.Text, true }
	return r
}

// anew are the form as others write it.
func (in *received) anew(f *restyle.Form, yield func(bodyRow) bool) bool {
	authors, sorters, decoded := f.Authors(), f.Sorters(), f.Decoded()
	for w := range f.Writings() {
		if in.canonical && (w.Altered < restyle.Refielded || len(w.Writers) > 0) {
			continue // escapes and order play no part in what is signed
		}
		row := in.anewRow(&w, authors, sorters)
		if decoded {
			row.id, row.title = "form.decoded", decodedTitle
		}
		if !yield(made(row, &w)) {
			return false
		}
	}
	return true
}

// lostFields are the form with empty fields that it may have lost, where their places play no part.
func (in *received) lostFields(f *restyle.Form, yield func(bodyRow) bool) bool {
	if !in.canonical {
		return true
	}
	for names, text := range f.WithLost() {
		row := bodyRow{
			id: "form.fields.lost", title: "empty fields of the form were dropped before it was verified",
			evidence: "with " + strings.Join(names, ", ") + " in the form, empty", fix: formFix + "; in Laravel ConvertEmptyStringsToNull makes them null, and http_build_query leaves those out",
		}
		if !yield(made(row, &restyle.Writing{Altered: restyle.Refielded, Text: text})) {
			return false
		}
	}
	return true
}

// anewRow is one form that others write, where some wrote the one that is here.
func (in *received) anewRow(w *restyle.Writing, authors, sorters []restyle.Writer) bodyRow {
	row := bodyRow{
		id: "form." + changeID(w.Altered), title: "the form was parsed and re-encoded" + writtenBy(", here as", authors, " forms"),
		evidence: "with the form" + formWords(w) + differenceWords(in.b, w.Text, 0), fix: formFix,
	}
	if w.Altered == restyle.Reordered && len(sorters) > 0 {
		row.title = "the form was parsed and re-encoded" + writtenBy(", here sorted as", sorters, " forms")
	}
	if met(restyle.InJava, authors) {
		row.fix += springFix
	}
	return row
}

// changeID is the end of a finding's id.
func changeID(c restyle.Alteration) string {
	switch c {
	case restyle.Sorted:
		return "sorted"
	case restyle.Reordered:
		return "order"
	case restyle.Refielded:
		return "fields"
	case restyle.Recoded:
		return "charset"
	case restyle.Anew:
	}
	return "rewritten"
}

// formWords go on after "the form" or "the query".
func formWords(w *restyle.Writing) string {
	return writtenBy(" as", w.Writers, " it") + when(w.Words != "", ", "+w.Words)
}

// writtenBy says who writes something so: the two commonest, and that there are more; "" when nobody does.
func writtenBy(before string, writers []restyle.Writer, after string) string {
	switch len(writers) {
	case 0:
		return ""
	case 1:
		return before + " " + writers[0].Name + " writes" + after
	case 2:
		return before + " " + writers[0].Name + " and " + writers[1].Name + " write" + after
	default:
		return before + " " + writers[0].Name + ", " + writers[1].Name + " and others write" + after
	}
}

// met says whether a place is where one of the writers is met.
func met(place restyle.Place, writers []restyle.Writer) bool {
	return slices.ContainsFunc(writers, func(w restyle.Writer) bool { return w.In == place })
}

// differenceWords say where two texts differ first, counted from 1 behind some bytes.
func differenceWords(here, signed []byte, behind int) string {
	d := restyle.Differ(here, signed)
	show := func(s string) string {
		if s == "" {
			return "the end"
		}
		return scheme.Quote(s)
	}
	left := when(strings.EqualFold("%"+hex.EncodeToString([]byte(d.Here)), d.Signed), " left as it is")
	return " (first difference at byte " + strconv.Itoa(behind+d.At+1) + ": " + show(d.Here) + left + " here, " + show(d.Signed) + " signed)"
}

// withoutQuery are the form without the URL's parameters, which servlets read together with those of the form.
func (in *received) withoutQuery(f *restyle.Form, yield func(bodyRow) bool) bool {
	query, ok := restyle.ParseForm([]byte(in.query))
	if !ok {
		return true
	}
	rest, ok := f.Without(query)
	if !ok {
		return true
	}
	for w := range rest.Writings() {
		if w.Altered != restyle.Anew {
			return true
		}
		row := bodyRow{
			id: "form.query", title: "the parameters of the URL were written into the form",
			evidence: "with the form without them" + writtenBy(", as", w.Writers, " it"), fix: formFix + springFix,
		}
		if !yield(made(row, &w)) {
			return false
		}
	}
	return true
}

// jsonFields are those fields of the form that hold JSON, each alone.
func (in *received) jsonFields(f *restyle.Form, yield func(bodyRow) bool) bool {
	for name, w := range f.FieldTexts() {
		row := fieldRow(scheme.Quote(name))
		row.evidence += writtenBy(", as", w.Writers, " it")
		if !yield(made(row, &w)) {
			return false
		}
	}
	return true
}

func fieldRow(name string) bodyRow {
	return bodyRow{
		id: "form.field", title: "a field of the form was signed, not the form",
		evidence: "with the form's field " + name + " alone", fix: formFix,
	}
}

// formAsJSON are the form's fields as JSON.
func (in *received) formAsJSON(f *restyle.Form, yield func(bodyRow) bool) bool {
	for w := range f.JSON() {
		row := bodyRow{
			id: "form.json.signed", title: "the form was parsed and written as JSON before it was signed",
			evidence: "with the form's fields as JSON," + formWords(&w), fix: formJSONFix,
		}
		if !yield(made(row, &w)) {
			return false
		}
	}
	return true
}

// jsonAsForm are the forms that a JSON object may have been.
func (in *received) jsonAsForm(text *restyle.Text, yield func(bodyRow) bool) bool {
	for _, f := range text.Forms() {
		for w := range f.Writings() {
			if !yield(made(in.jsonRow(&w), &w)) {
				return false
			}
			if in.canonical {
				break
			}
		}
	}
	return true
}

// jsonRow is one form that a JSON object may have been.
func (in *received) jsonRow(w *restyle.Writing) bodyRow {
	if !in.named {
		in.named, in.libraries = true, restyle.Libraries(in.b)
	}
	row := bodyRow{
		id: "form.json", title: "the form was parsed and written as JSON" + writtenBy(", here as", in.libraries, " it"),
		evidence: "with the JSON's members as a form" + formWords(w), fix: formJSONFix,
	}
	if text, ok := in.json(); ok && text.Lone("payload") { // https://docs.github.com/en/webhooks/using-webhooks/creating-webhooks: the content types
		row.title = "the webhook sends a form (payload=…), and the form was parsed and written as JSON"
		row.fix += "; or set the webhook's content type to application/json where the provider lets you, as GitHub does"
	}
	return row
}

// wrapped are JSON texts as fields of a form, such as Slack's payload.
func (in *received) wrapped(yield func(bodyRow) bool) bool {
	if len(in.b) > maxWrapped {
		return true
	}
	row := bodyRow{id: "form.decoded", title: "a field of the form was taken for the body", fix: formFix}
	field := func(name string, text []byte, style string) bool {
		for w := range restyle.Field(name, text).Writings() {
			if w.Altered != restyle.Anew {
				break
			}
			row.evidence = "with the body in the form's field " + name + formWords(&w) + style
			if !yield(made(row, &w)) {
				return false
			}
		}
		return true
	}
	for _, name := range []string{"payload", "data", "event", "body", "json"} {
		if !field(name, in.b, "") {
			return false
		}
	}
	for w := range restyle.EachLibrary(in.b) {
		if !field("payload", w.Text, writtenBy(", the JSON as", w.Writers, " it")) {
			return false
		}
	}
	return true
}

// formRows are forms, URL-encoded against decoded, and single fields of them.
func formRows(*received) []bodyRow {
	text := func(edit func(string) string) func(*received) ([]byte, bool) {
		return func(in *received) ([]byte, bool) { return []byte(edit(string(in.b))), true }
	}
	field := func(name string) bodyRow {
		row := fieldRow(name)
		row.rank = rankForm
		row.edit = func(in *received) ([]byte, bool) {
			v := in.form().Get(name)
			return []byte(v), v != ""
		}
		return row
	}
	return []bodyRow{
		{"form.encoded", rankForm, "the form was decoded before it was signed", "with the body URL-decoded", formFix, func(in *received) ([]byte, bool) {
			un, err := url.QueryUnescape(string(in.b))
			return []byte(un), err == nil && un != string(in.b)
		}},
		{"form.decoded", rankForm, decodedTitle, "with each field URL-encoded", formFix, text(encodeFields)},
		field("payload"), field("data"), field("body"), field("json"),
		{"form.percent20", rankForm, "the form was rewritten", "with blanks as %20", formFix, func(in *received) ([]byte, bool) {
			return []byte(percent20(string(in.b))), in.form() != nil
		}},
		{"form.decoded", rankForm, decodedTitle, "with the body URL-encoded as form field payload", formFix, text(func(s string) string { return "payload=" + url.QueryEscape(s) })},
		{"form.decoded", rankForm, decodedTitle, "with the body URL-encoded", formFix, text(url.QueryEscape)},
		{"form.decoded", rankForm, decodedTitle, "with the body URL-encoded as form field payload", formFix, text(func(s string) string { return "payload=" + percent20(url.QueryEscape(s)) })},
		{"form.decoded", rankForm, decodedTitle, "with the body URL-encoded", formFix, text(func(s string) string { return percent20(url.QueryEscape(s)) })},
	}
}

func percent20(s string) string { return strings.ReplaceAll(s, "+", "%20") }

// encodeFields escapes the values of a form that was decoded whole.
func encodeFields(text string) string {
	parts := strings.Split(text, "&")
	for i, p := range parts {
		if name, value, ok := strings.Cut(p, "="); ok {
			parts[i] = url.QueryEscape(name) + "=" + url.QueryEscape(value)
		}
	}
	return strings.Join(parts, "&")
}
