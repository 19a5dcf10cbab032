package sign

import (
	"net/url"
	"strings"
)

func (t *texter) urlValues() {
	for _, u := range urlGuesses(t.s.m) {
		in := t.in
		in.url = u.value
		fix := "give the URL as the provider knows it (--url, or --public-url when listening)"
		t.add(t.mistake("url."+u.name, 25, "another URL was signed", "with "+urlWords(u.name), fix), in)
	}
}

// urlWords says what is different in a URL.
func urlWords(name string) string {
	switch name {
	case "https":
		return "https instead of http in the URL"
	case "http":
		return "http instead of https in the URL"
	case "port":
		return "another port, or none, in the URL"
	case "query":
		return "the URL without its query"
	case "slash":
		return "a slash more or less at the end of the URL's path"
	case "path":
		return "the path alone instead of the whole URL"
	case "host":
		return "the host that the proxy's headers name"
	case "case":
		return "the host in lower case"
	case "decoded":
		return "the URL's escapes decoded"
	case "encoded":
		return "the URL escaped"
	default:
		return "no URL at all"
	}
}

// urlGuesses are forms of the message's URL that are often signed instead.
func urlGuesses(m *Message) []named {
	raw := m.URL
	var out []named
	add := func(name, value string) {
		if value != "" && value != raw {
			out = append(out, named{name, value})
		}
	}
	if rest, ok := strings.CutPrefix(raw, "http://"); ok {
		without, _ := portForms("https://" + rest)
		add("https", "https://"+rest)
		add("https", without)
	} else if rest, ok := strings.CutPrefix(raw, "https://"); ok {
		add("http", "http://"+rest)
	}
	without, with := portForms(raw)
	add("port", without)
	add("port", with)
	base, query, hasQuery := strings.Cut(raw, "?")
	add("query", base)
	if hasQuery {
		query = "?" + query
	}
	if cut, ok := strings.CutSuffix(base, "/"); ok {
		add("slash", cut+query)
	} else {
		add("slash", base+"/"+query)
	}
	out = append(out, parsedGuesses(m)...)
	if un, err := url.PathUnescape(raw); err == nil {
		add("decoded", un)
	}
	add("decoded", decodeURLMarks(raw))
	add("encoded", url.QueryEscape(raw))
	return append(out, named{"empty", ""})
}

// parsedGuesses are forms that need the URL's parts.
func parsedGuesses(m *Message) []named {
	u, err := url.Parse(m.URL)
	if err != nil || u.Host == "" {
		return nil
	}
	out := []named{{"path", u.RequestURI()}, {"path", u.EscapedPath()}}
	for _, host := range proxyHosts(m) {
		out = append(out, named{"host", "https://" + host + u.RequestURI()}, named{"host", "http://" + host + u.RequestURI()})
	}
	return append(out, named{"case", strings.Replace(m.URL, u.Host, lower(u.Host), 1)})
}

func proxyHosts(m *Message) []string {
	var out []string
	for _, h := range []string{"X-Forwarded-Host", "X-Original-Host", "Host"} {
		if v := headerValue(m.Header, h); v != "" && validHeaderName(strings.NewReplacer(":", "", "[", "", "]", "").Replace(v)) {
			out = append(out, v)
		}
	}
	return out
}
