package explain

// The mistakes that are made with a URL, as a table.

import (
	"net/url"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// urlRow is a mistake and the URL that was signed then.
type urlRow struct {
	id       string // of the finding, after text.url.
	evidence string // how the URL differs: goes on after "it matches with"
	url      string // "" where there is none, unless it is the row empty
	fix      urlFix
	title    string // "" is the usual one
	set      string // see mistake
	foreign  bool
}

// urlFix says what to do.
type urlFix int

const (
	fixOrigin urlFix = iota // the listener must be told by which origin it is known
	fixURL                  // the URL must be given as it was signed
	fixSender               // the code that signs is wrong
)

func (r *urlRow) mistake() *mistake {
	m := textMistake("url."+r.id, rankURL, "another URL was signed", "with "+r.evidence, r.fix.words(r.url))
	m.set, m.foreign = r.set, r.foreign
	if r.title != "" {
		m.title = r.title
	}
	return m
}

// words say how to give the URL that matched.
func (f urlFix) words(signed string) string {
	given := fault.Words{}.Flag("--url", signed).String()
	switch {
	case f == fixSender:
		return "the code that signs must sign the whole URL, as it is set at the sender"
	case !showable(signed), f == fixURL && secretQuery(signed):
		return "give the URL that is set at the provider (--url, or --public-url when listening)"
	case f == fixURL:
		return strings.Join([]string{"whctl verify or why with", given + "; find what changes the path or query on its way"}, " ")
	}
	origin := signed
	if u, err := url.Parse(signed); err == nil && u.Host != "" {
		origin = u.Scheme + "://" + u.Host
	}
	start := []string{"start whctl listen with", fault.Words{}.Flag("--public-url", origin).String()}
	if !secretQuery(signed) {
		start = append(start, "(whctl verify, why:", given+")")
	}
	return strings.Join(start, " ")
}

// secretQuery says whether a URL has a token or a key in its query. It stands in no advice then.
func secretQuery(raw string) bool { return masking.RequestTarget(raw) != raw }

// showable says whether a URL can stand in a command line: it is short, and holds no password, and nothing that a terminal acts
// on or that ends a quoted word.
func showable(raw string) bool {
	const longest = 256
	return raw != "" && len(raw) <= longest && !strings.ContainsFunc(raw, func(c rune) bool { return c <= ' ' || c >= 0x7f || strings.ContainsRune("'\"`\\@", c) })
}

// urlValues are texts in which another URL stands.
func (t *textList) urlValues() {
	for _, row := range append(urlRows(t.s.m), securedRows(t.s.m)...) {
		in := t.in
		in.URL = row.url
		t.add(row.mistake(), t.content, in)
	}
}

// securedRows are forms of the URL with https, where a proxy ended TLS and changed something else besides.
func securedRows(m *sign.Message) []urlRow {
	rest, ok := strings.CutPrefix(m.URL, "http://")
	if !ok {
		return nil
	}
	secure := *m
	secure.URL = "https://" + rest
	without, _ := sign.PortForms(secure.URL)
	out := urlRows(&secure)
	if without != "" {
		secure.URL = without
		out = append(out, urlRows(&secure)...)
	}
	for i := range out {
		out[i].evidence += ", and https instead of http"
	}
	return slices.DeleteFunc(out, func(r urlRow) bool { return !strings.HasPrefix(r.url, "https://") })
}

// urlRows are forms of the message's URL that are often signed instead. Those that are no URL, or the message's own, are left out.
func urlRows(m *sign.Message) []urlRow {
	raw := m.URL
	rest, isHTTP := strings.CutPrefix(raw, "http://")
	secure := when(isHTTP, "https://"+rest)
	rest, isHTTPS := strings.CutPrefix(raw, "https://")
	bare, _ := sign.PortForms(secure)
	without, with := sign.PortForms(raw)
	unescaped, err := url.PathUnescape(raw)
	if err != nil {
		unescaped = ""
	}
	base, query, hasQuery := strings.Cut(raw, "?")
	query = when(hasQuery, "?"+query)
	const decoded = "url_match: " + scheme.URLDecoded
	slash := urlRow{id: "slash", evidence: "a slash at the end of the URL's path", url: base + "/" + query, fix: fixURL}
	if cut, ok := strings.CutSuffix(base, "/"); ok {
		slash.evidence, slash.url = "the URL without the slash at the end of its path", cut+query
	}
	out := slices.Concat([]urlRow{
		{id: "https", evidence: "https instead of http in the URL", url: secure},
		{id: "https", evidence: "https instead of http in the URL, and no port", url: bare},
		{id: "http", evidence: "http instead of https in the URL", url: when(isHTTPS, "http://"+rest)},
		{id: "port", evidence: "the URL without its port", url: without},
		{id: "port", evidence: "the port in the URL", url: with},
		{id: "query", evidence: "the URL without its query", url: base, fix: fixURL},
		slash,
	}, parsedRows(m), []urlRow{
		{id: "decoded", evidence: "the URL's escapes decoded", url: unescaped, fix: fixURL, set: decoded, foreign: true},
		{id: "decoded", evidence: "some of the URL's escapes decoded", url: sign.DecodeURLMarks(raw), fix: fixURL, set: decoded, foreign: true},
		{id: "encoded", evidence: "the URL escaped", url: url.QueryEscape(raw), fix: fixSender, foreign: true},
	})
	out = slices.DeleteFunc(out, func(r urlRow) bool { return r.url == "" || r.url == raw })
	return append(out, urlRow{id: "empty", evidence: "no URL at all", fix: fixSender, foreign: true})
}

// parsedRows are forms that need the URL's parts.
func parsedRows(m *sign.Message) []urlRow {
	u, err := url.Parse(m.URL)
	if err != nil || u.Host == "" {
		return nil
	}
	out := append(
		recordedRows(m, u),
		urlRow{id: "path", evidence: "the path alone instead of the whole URL", url: u.RequestURI(), fix: fixSender, foreign: true},
		urlRow{id: "path", evidence: "the path alone, without query, instead of the whole URL", url: u.EscapedPath(), fix: fixSender, foreign: true},
	)
	out = append(out, targetRows(m, u)...)
	for _, name := range forwardedHosts() {
		host := scheme.HeaderValue(m.Header, name)
		if host == "" || !scheme.ValidHeaderName(strings.NewReplacer(":", "", "[", "", "]", "").Replace(host)) {
			continue
		}
		words := "the host that header " + name + " names in the URL"
		out = append(out, urlRow{id: "host", evidence: words, url: "https://" + host + u.RequestURI()}, urlRow{id: "host", evidence: words, url: "http://" + host + u.RequestURI()})
	}
	return append(out, urlRow{id: "case", evidence: "the host in lower case", url: strings.Replace(m.URL, u.Host, strings.ToLower(u.Host), 1)})
}

// recordedRows take path and query as they arrived where the URL that was given has none.
func recordedRows(m *sign.Message, u *url.URL) []urlRow {
	const title = "the URL is not whole"
	if !strings.HasPrefix(m.Target, "/") || u.RawQuery != "" || u.Fragment != "" {
		return nil
	}
	path, query, _ := strings.Cut(m.Target, "?")
	base := strings.TrimSuffix(m.URL, "?")
	switch {
	case u.Path == "" || u.Path == "/":
		base = strings.TrimSuffix(base, "/")
		return []urlRow{
			{id: "path.recorded", title: title, evidence: "the path and query that arrived, which the URL that was given has not", url: base + m.Target},
			{id: "path.recorded", title: title, evidence: "the path that arrived, without its query", url: base + path},
		}
	case query == "":
		return nil
	default:
		return []urlRow{{id: "query.recorded", title: title, evidence: "the query that arrived, which the URL that was given has not", url: base + "?" + query}}
	}
}
