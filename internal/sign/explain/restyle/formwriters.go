package restyle

// The libraries that write forms.

import (
	"bytes"
	"slices"
)

// formOrder is how a writer puts the fields of a form that it was given.
type formOrder int

const (
	inOrder   formOrder = iota // as they came
	byNames                    // sorted by name
	asPHP                      // each name once, as PHP reads it
	asSymfony                  // so, with the marks in names, and sorted by name
	byTexts                    // sorted by name and value together
)

// Writer is a library that writes forms or JSON.
type Writer struct {
	Name string
	In   Place // where people meet it, if the fix differs there
}

// Place is a framework or language whose users must do something of their own.
type Place int

// The places.
const (
	Anywhere Place = iota
	InJava
	InLaravel
)

// formWriter is a library that writes forms: what it escapes, and how, and in which order.
type formWriter struct {
	name     string
	in       Place
	leaves   string // the marks that it does not escape
	blank    string
	lower    bool // hex digits are small letters
	brackets bool // those of names are not escaped
	order    formOrder
}

// formWriters are the usual ones, the commonest first. tests/diagnose/forms has each, except for .NET, write all marks.
func formWriters() []formWriter {
	const unreserved, java, js, dotnet, plus, percent20 = "-._~", "*-._", "-._~!*'()", "-._!*()", "+", "%20"
	return []formWriter{
		{name: "Java (URLEncoder)", in: InJava, leaves: java, blank: plus},                                 // https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/net/URLEncoder.html
		{name: "browsers (URLSearchParams)", leaves: java, blank: plus},                                    // https://url.spec.whatwg.org/#application-x-www-form-urlencoded-percent-encode-set
		{name: "PHP (http_build_query)", leaves: "-._", blank: plus, order: asPHP},                         // https://www.php.net/manual/en/function.http-build-query.php
		{name: "PHP (urlencode)", leaves: "-._", blank: plus},                                              // https://www.php.net/manual/en/function.urlencode.php
		{name: "Python (urlencode)", leaves: unreserved, blank: plus},                                      // https://docs.python.org/3/library/urllib.parse.html
		{name: "Go (url.Values.Encode)", leaves: unreserved, blank: plus, order: byNames},                  // https://pkg.go.dev/net/url#Values.Encode
		{name: "Laravel (fullUrl)", in: InLaravel, leaves: unreserved, blank: percent20, order: asSymfony}, // Symfony's Request::normalizeQueryString
		{name: "qs with RFC1738 (Node.js)", leaves: unreserved + "()", blank: plus},                        // https://github.com/ljharb/qs#rfc-3986-and-rfc-1738-space-encoding
		{name: "qs (Node.js)", leaves: unreserved, blank: percent20},
		{name: "encodeURIComponent (JavaScript)", leaves: js, blank: percent20},     // https://tc39.es/ecma262/#sec-encodeuricomponent-uricomponent
		{name: "querystring (Node.js)", leaves: js, blank: percent20},               // https://nodejs.org/api/querystring.html
		{name: "Ruby (URI.encode_www_form)", leaves: java, blank: plus},             // https://docs.ruby-lang.org/en/master/URI.html
		{name: "Ruby (CGI.escape)", leaves: unreserved, blank: plus},                // https://docs.ruby-lang.org/en/master/CGI/Escape.html
		{name: "Rails (to_query)", leaves: unreserved, blank: plus, order: byTexts}, // https://api.rubyonrails.org/classes/Hash.html#method-i-to_query
		{name: "PHP (rawurlencode)", leaves: unreserved, blank: percent20},          // https://www.php.net/manual/en/function.rawurlencode.php
		{name: "PHP (http_build_query with RFC3986)", leaves: unreserved, blank: percent20, order: asPHP},
		{name: ".NET (Uri.EscapeDataString)", leaves: unreserved, blank: percent20},      // https://learn.microsoft.com/en-us/dotnet/api/system.uri.escapedatastring
		{name: ".NET (FormUrlEncodedContent)", leaves: unreserved, blank: plus},          // https://learn.microsoft.com/en-us/dotnet/api/system.net.http.formurlencodedcontent
		{name: ".NET (HttpUtility.UrlEncode)", leaves: dotnet, blank: plus, lower: true}, // https://learn.microsoft.com/en-us/dotnet/api/system.web.httputility.urlencode
		{name: ".NET (WebUtility.UrlEncode)", leaves: dotnet, blank: plus},               // https://learn.microsoft.com/en-us/dotnet/api/system.net.webutility.urlencode
		{name: "Python (quote)", leaves: unreserved + "/", blank: percent20},             // https://docs.python.org/3/library/urllib.parse.html
		{name: "jQuery (ajax)", leaves: js, blank: plus},                                 // https://github.com/jquery/jquery/blob/3.7.1/src/ajax.js
		{name: "axios (params)", leaves: js + ":$,", blank: plus},                        // https://github.com/axios/axios/blob/v1.x/lib/helpers/buildURL.js
		{name: "qs with encodeValuesOnly (Node.js)", leaves: unreserved, blank: percent20, brackets: true},
		{name: "Rack 2 (build_nested_query)", leaves: java, blank: plus, brackets: true}, // https://github.com/rack/rack/blob/2-2-stable/lib/rack/utils.rb
	}
}

// escapes is what writers make of one form's names and values, as far as it makes a difference there.
type escapes struct {
	leaves          marks
	percent20       bool
	lower, brackets bool
}

// escapes is what a writer makes of a form that holds some marks.
func (w *formWriter) escapes(p *present) escapes {
	const letters = "*+,-./:;<=>?[\\]^_{|}~" // whose escapes hold a letter
	e := escapes{leaves: marksOf(w.leaves).both(p.marks), percent20: p.blank && w.blank != "+", brackets: w.brackets && p.brackets}
	escaped := p.marks.without(e.leaves)
	e.lower = w.lower && (p.other || escaped.both(marksOf(letters)) != marks{})
	return e
}

// group are writers that make the same of a form, but for its order.
type group struct {
	key     escapes // what makes the difference
	escapes         // of the first of them, whole: a field may get a name with other marks
	writers []formWriter
	base    []byte // the form as they write it, in its own order
}

// grouped puts the writers together that make the same of the form.
func (f *Form) grouped() []group {
	var out []group
	for _, w := range formWriters() {
		key := w.escapes(&f.has)
		i := slices.IndexFunc(out, func(g group) bool { return g.key == key })
		if i < 0 {
			i = len(out)
			e := escapes{leaves: marksOf(w.leaves), percent20: w.blank != "+", lower: w.lower, brackets: w.brackets}
			out = append(out, group{key: key, escapes: e, base: e.write(f.pairs)})
		}
		out[i].writers = append(out[i].writers, w)
	}
	return out
}

// write gives the fields as the writers of the escapes do.
func (e *escapes) write(pairs []pair) []byte {
	size := 0
	for i := range pairs {
		size += len(pairs[i].name) + len(pairs[i].value) + 2
	}
	out := make([]byte, 0, size+size/2)
	names := *e
	if e.brackets {
		names.leaves.add('[')
		names.leaves.add(']')
	}
	for i := range pairs {
		if i > 0 {
			out = append(out, '&')
		}
		out = names.append(out, pairs[i].name)
		if !pairs[i].bare {
			out = e.append(append(out, '='), pairs[i].value)
		}
	}
	return out
}

func (e *escapes) append(out []byte, s string) []byte {
	hex := "0123456789ABCDEF"
	if e.lower {
		hex = "0123456789abcdef"
	}
	for i := range len(s) {
		switch c := s[i]; {
		case letterOrDigit(c) || e.leaves.has(c):
			out = append(out, c)
		case c == ' ' && !e.percent20:
			out = append(out, '+')
		default:
			out = append(out, '%', hex[c>>4], hex[c&0xf])
		}
	}
	return out
}

// Authors names those who write the form exactly as it came, the commonest first; nothing when nobody does, or all.
func (f *Form) Authors() []Writer {
	if g := f.own(); g != nil && len(f.groups) > 1 {
		return g.names(f.orders(f.pairs))
	}
	return nil
}

// Sorters names those among them who sort fields; nothing when the fields are not sorted.
func (f *Form) Sorters() []Writer {
	g := f.own()
	if g == nil || len(f.pairs) < 2 {
		return nil
	}
	return g.names(slices.DeleteFunc(f.orders(f.pairs), func(o formOrder) bool { return o == inOrder || o == asPHP }))
}

// own is the group that writes the form as it came.
func (f *Form) own() *group {
	for i := range f.groups {
		if bytes.Equal(f.groups[i].base, f.text) {
			return &f.groups[i]
		}
	}
	return nil
}

// names are those writers of a group that put the fields in one of some orders.
func (g *group) names(orders []formOrder) []Writer {
	var out []Writer
	for i := range g.writers {
		if slices.Contains(orders, g.writers[i].order) {
			out = append(out, Writer{g.writers[i].name, g.writers[i].in})
		}
	}
	return out
}
