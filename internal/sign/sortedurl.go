package sign

// A URL with its parameters in order, as it is signed together with a form.

import (
	"cmp"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// SortedURL is what {url:sorted} stands for: the URL with its parameters decoded and sorted by name and value, and behind them a form's
// fields in the same order, names and values without separators. Plivo signs requests so: construct_get_url and construct_post_url in
// https://github.com/plivo/plivo-node/blob/master/lib/utils/v3Security.js. A body that is JSON has no fields. The caller bounds the body.
func SortedURL(raw string, body []byte) string {
	raw, _, _ = strings.Cut(raw, "#")
	base, query, _ := strings.Cut(raw, "?")
	parameters := sortedPairs(query, "=", "&")
	fields := ""
	if !scheme.IsJSONLike(body) {
		fields = sortedPairs(string(body), "", "")
	}
	switch {
	case parameters == "" && fields == "":
		return base
	case fields == "":
		return base + "?" + parameters
	case parameters == "":
		return base + "?" + fields
	default:
		return base + "?" + parameters + "." + fields
	}
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
