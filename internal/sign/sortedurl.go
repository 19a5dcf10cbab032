package sign

// A URL with its parameters in order, as it is signed together with a form.

import (
	"cmp"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// SortedURL is what {url:sorted} has of a URL: its parameters decoded and sorted by name and value. Plivo signs requests so:
// construct_get_url and construct_post_url in https://github.com/plivo/plivo-node/blob/master/lib/utils/v3Security.js.
type SortedURL struct{ base, parameters string }

// SortURL sorts the parameters of a URL.
func SortURL(raw string) SortedURL {
	raw, _, _ = strings.Cut(raw, "#")
	base, query, _ := strings.Cut(raw, "?")
	return SortedURL{base, sortedPairs(query, "=", "&")}
}

// With is what {url:sorted} stands for: the URL, and a form's SortedFields behind it.
func (u SortedURL) With(fields string) string {
	switch {
	case u.parameters == "" && fields == "":
		return u.base
	case fields == "":
		return u.base + "?" + u.parameters
	case u.parameters == "":
		return u.base + "?" + fields
	default:
		return u.base + "?" + u.parameters + "." + fields
	}
}

// SortedFields are a form's fields decoded and sorted by name and value, names and values without separators; "" where a body has none.
// The caller bounds the body.
func SortedFields(header map[string][]string, body []byte) string {
	if !scheme.HasFields(header, body) {
		return ""
	}
	return sortedPairs(string(body), "", "")
}

// sortedPairs are the pairs of a form or query, decoded and sorted, with one text between name and value and another between pairs.
func sortedPairs(text, equals, between string) string {
	type pair struct{ name, value string }
	var pairs []pair
	for part := range strings.SplitSeq(text, "&") {
		if part != "" {
			name, value, _ := strings.Cut(part, "=")
			pairs = append(pairs, pair{scheme.Unescape(name), scheme.Unescape(value)})
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.value, b.value)) })
	var out strings.Builder
	for i, p := range pairs {
		if i > 0 {
			out.WriteString(between)
		}
		out.WriteString(p.name + equals + p.value)
	}
	return out.String()
}
