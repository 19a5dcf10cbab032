package explain

// The mistakes that are made with a URL's query: it was parsed and re-encoded.

import (
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain/restyle"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// query is the query of a URL that is signed.
type query struct {
	list             *textList
	form             *restyle.Form
	before, after    string // of the URL
	authors, sorters []restyle.Writer
}

// query reads the URL's query; false when it has none, or is not signed.
func (t *textList) query() (*query, bool) {
	before, text, _ := strings.Cut(t.s.m.URL, "?")
	text, fragment, hasFragment := strings.Cut(text, "#")
	f, ok := restyle.ParseForm([]byte(text))
	if !ok || !t.s.r.Uses[scheme.PieceURL] {
		return nil, false
	}
	return &query{t, f, before + "?", when(hasFragment, "#"+fragment), f.Authors(), f.Sorters()}, true
}

// texts are what is signed with another query: with the URL as it stands, and as the scheme decodes it.
func (q *query) texts(text []byte, why *mistake) []textVariant {
	in := q.list.in
	in.URL = q.before + string(text) + q.after
	out := []textVariant{q.list.render(why, q.list.content, in)}
	if slices.Contains(q.list.s.r.Scheme().URLMatch, scheme.URLDecoded) {
		in.URL = sign.DecodeURLMarks(in.URL)
		out = append(out, q.list.render(why, q.list.content, in))
	}
	return out
}

// mistake says that the query was re-encoded.
func (q *query) mistake(w *restyle.Writing) *mistake {
	title := "the query was parsed and re-encoded" + writtenBy(", here as", q.authors, " it")
	if w.Altered == restyle.Sorted || w.Altered == restyle.Reordered {
		title = "the query is in another order" + writtenBy(", here sorted as", q.sorters, " it")
	}
	evidence := "with the query" + formWords(w) + differenceWords(q.form.Text(), w.Text, len(q.before))
	fix := queryFix(q.before+string(w.Text)+q.after, slices.Concat(q.authors, q.sorters))
	return textMistake("url.query."+changeID(w.Altered), rankURL, title, evidence, fix)
}

// queryTexts are texts whose URL has a query that others wrote. They stand behind all texts that pairs are built from.
func (t *textList) queryTexts() {
	q, ok := t.query()
	if !ok {
		return
	}
	for w := range q.form.Writings() {
		for _, v := range q.texts(w.Text, q.mistake(&w)) {
			t.put(v)
		}
	}
}

// queryFix says how to give the URL that matched.
func queryFix(signed string, authors []restyle.Writer) string {
	fix := "give the URL as it came"
	if showable(signed) && !secretQuery(signed) {
		fix += ": " + fixURL.words(signed)
	}
	if met(restyle.InLaravel, authors) {
		// https://github.com/symfony/symfony/blob/7.3/src/Symfony/Component/HttpFoundation/Request.php: normalizeQueryString
		fix += "; Laravel's fullUrl() sorts the query and re-encodes it, $request->server('REQUEST_URI') has it as it came"
	}
	return fix
}
