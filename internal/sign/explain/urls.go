package explain

import (
	"net/url"
	"strings"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// guess is a URL that may have been signed in place of the message's.
type guess struct {
	name  string // of the finding, after text.url.
	words string // how it differs: goes on after "it matches with …"
	url   string
}

func (t *texter) urlValues() {
	for _, g := range urlGuesses(t.s.m) {
		in := t.in
		in.URL = g.url
		a := t.mistake("url."+g.name, 25, "another URL was signed", "with "+g.words, urlFix(&g))
		switch g.name {
		case "path", "empty", "encoded":
			a.or("") // no provider's settings make that of a URL
		case "decoded":
			a.or("url_match: " + scheme.URLDecoded)
		case "path.recorded", "query.recorded":
			a.title = "the URL is not whole"
		}
		t.add(a, in)
	}
}

// urlFix says how to give the URL that matched.
func urlFix(g *guess) string {
	whole := shownURL(g.url)
	switch {
	case g.name == "path" || g.name == "empty" || g.name == "encoded":
		return "the code that signs must sign the whole URL, as it is set at the sender"
	case whole == "":
		return "give the URL that is set at the provider (--url, or --public-url when listening)"
	case g.name == "decoded" || g.name == "query" || g.name == "slash":
		return "whctl verify or why with --url " + whole + "; look what changes the path or query on its way"
	}
	origin := whole
	if u, err := url.Parse(g.url); err == nil && u.Host != "" {
		origin = shownURL(u.Scheme + "://" + u.Host)
	}
	return "start whctl listen with --public-url " + origin + " (whctl verify, why: --url " + whole + ")"
}

// shownURL is a URL for a command line; "" when it is long, or may hold a password, or what a shell or a terminal would act on.
func shownURL(raw string) string {
	const longest = 256
	if raw == "" || len(raw) > longest || strings.ContainsFunc(raw, func(c rune) bool { return c <= ' ' || c >= 0x7f || strings.ContainsRune("'\"`\\@", c) }) {
		return ""
	}
	if strings.ContainsAny(raw, "?&#;*$!()<>|[]{}~") {
		return "'" + raw + "'"
	}
	return raw
}

// guesses is a list of URLs that is added to in many places.
type guesses []guess

// add leaves out what is no URL, and the message's own.
func (g *guesses) add(raw, name, words, value string) {
	if value != "" && value != raw {
		*g = append(*g, guess{name, words, value})
	}
}

// urlGuesses are forms of the message's URL that are often signed instead.
func urlGuesses(m *sign.Message) []guess {
	raw := m.URL
	var out guesses
	add := func(name, words, value string) { out.add(raw, name, words, value) }
	if rest, ok := strings.CutPrefix(raw, "http://"); ok {
		without, _ := sign.PortForms("https://" + rest)
		add("https", "https instead of http in the URL", "https://"+rest)
		add("https", "https instead of http in the URL, and no port", without)
	} else if rest, ok := strings.CutPrefix(raw, "https://"); ok {
		add("http", "http instead of https in the URL", "http://"+rest)
	}
	without, with := sign.PortForms(raw)
	add("port", "the URL without its port", without)
	add("port", "the port in the URL", with)
	base, query, hasQuery := strings.Cut(raw, "?")
	add("query", "the URL without its query", base)
	if hasQuery {
		query = "?" + query
	}
	if cut, ok := strings.CutSuffix(base, "/"); ok {
		add("slash", "the URL without the slash at the end of its path", cut+query)
	} else {
		add("slash", "a slash at the end of the URL's path", base+"/"+query)
	}
	for _, g := range parsedGuesses(m) {
		add(g.name, g.words, g.url)
	}
	if un, err := url.PathUnescape(raw); err == nil {
		add("decoded", "the URL's escapes decoded", un)
	}
	add("decoded", "some of the URL's escapes decoded", sign.DecodeURLMarks(raw))
	add("encoded", "the URL escaped", url.QueryEscape(raw))
	return append(out, guess{"empty", "no URL at all", ""})
}

// parsedGuesses are forms that need the URL's parts.
func parsedGuesses(m *sign.Message) []guess {
	u, err := url.Parse(m.URL)
	if err != nil || u.Host == "" {
		return nil
	}
	out := targetGuesses(m, u)
	out = append(out, guess{"path", "the path alone instead of the whole URL", u.RequestURI()}, guess{"path", "the path alone, without query, instead of the whole URL", u.EscapedPath()})
	for _, host := range namedHosts(m) {
		words := "the host that header " + host.name + " names in the URL"
		out = append(out, guess{"host", words, "https://" + host.value + u.RequestURI()}, guess{"host", words, "http://" + host.value + u.RequestURI()})
	}
	return append(out, guess{"case", "the host in lower case", strings.Replace(m.URL, u.Host, strings.ToLower(u.Host), 1)})
}

// targetGuesses take path and query as they arrived where the URL that was given has none.
func targetGuesses(m *sign.Message, u *url.URL) []guess {
	if !strings.HasPrefix(m.Target, "/") || u.RawQuery != "" || u.Fragment != "" {
		return nil
	}
	path, query, _ := strings.Cut(m.Target, "?")
	base := strings.TrimSuffix(m.URL, "?")
	if u.Path != "" && u.Path != "/" {
		if query == "" {
			return nil
		}
		return []guess{{"query.recorded", "the query that arrived, which the URL that was given has not", base + "?" + query}}
	}
	base = strings.TrimSuffix(base, "/")
	return []guess{
		{"path.recorded", "the path and query that arrived, which the URL that was given has not", base + m.Target},
		{"path.recorded", "the path that arrived, without its query", base + path},
	}
}

// namedHosts are the hosts that the message's headers name, with the header.
func namedHosts(m *sign.Message) []named {
	var out []named
	for _, h := range []string{"X-Forwarded-Host", "X-Original-Host", "Host"} {
		if v := scheme.HeaderValue(m.Header, h); v != "" && scheme.ValidHeaderName(strings.NewReplacer(":", "", "[", "", "]", "").Replace(v)) {
			out = append(out, named{h, v})
		}
	}
	return out
}
