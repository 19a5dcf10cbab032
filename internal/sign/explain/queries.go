package explain

// The mistakes that are made with a URL's query: it was parsed and written anew.

import (
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain/restyle"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// queryTexts are texts whose URL has a query that others wrote. They stand behind all texts that pairs are built from.
func (t *textList) queryTexts() {
	base, query, _ := strings.Cut(t.s.m.URL, "?")
	query, fragment, hasFragment := strings.Cut(query, "#")
	f, ok := restyle.ParseForm([]byte(query))
	if !ok || !t.s.r.Uses[scheme.PieceURL] {
		return
	}
	authors, sorters := f.Authors(), f.Sorters()
	for w := range f.Writings() {
		in := t.in
		in.URL = base + "?" + string(w.Text) + when(hasFragment, "#"+fragment)
		title := "the query was parsed and written anew" + writtenBy(", here as", authors, " it")
		if w.Altered == restyle.Sorted || w.Altered == restyle.Reordered {
			title = "the query is in another order" + writtenBy(", here sorted as", sorters, " it")
		}
		evidence := "with the query" + formWords(&w) + differenceWords([]byte(query), w.Text, len(base)+1)
		m := textMistake("url.query."+changeID(w.Altered), rankURL, title, evidence, queryFix(in.URL, slices.Concat(authors, sorters)))
		t.add(m, t.s.r.Content, in)
		if slices.Contains(t.s.r.Scheme().URLMatch, scheme.URLDecoded) {
			in.URL = sign.DecodeURLMarks(in.URL)
			t.add(m, t.s.r.Content, in)
		}
	}
}

// queryFix says how to give the URL that matched.
func queryFix(signed string, authors []restyle.Writer) string {
	fix := "give the URL as it came"
	if showable(signed) {
		fix += ": " + fixURL.words(signed)
	}
	if met(restyle.InLaravel, authors) {
		// https://github.com/symfony/symfony/blob/7.3/src/Symfony/Component/HttpFoundation/Request.php: normalizeQueryString
		fix += "; Laravel's fullUrl() sorts the query and writes it anew, $request->server('REQUEST_URI') has it as it came"
	}
	return fix
}
