package sign

import (
	"bytes"
	"cmp"
	"net/url"
	"slices"
	"strings"
)

const maxFormPairs = 10_000

// canonicalForm is what {form} stands for: the form's pairs sorted by name and value, each only once, name and value
// run together without separators. This is how Twilio signs forms (https://www.twilio.com/docs/usage/security).
// ok is false when the body is too large to be read as a form.
func canonicalForm(body []byte) (text string, ok bool) {
	n := 1 + bytes.Count(body, []byte("&"))
	if len(body) > maxJSONScan || n > maxFormPairs {
		return "", false
	}
	type pair struct{ name, value string }
	pairs := make([]pair, 0, n)
	for part := range strings.SplitSeq(string(body), "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		pairs = append(pairs, pair{unescapeForm(name), unescapeForm(value)})
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.value, b.value))
	})
	var b strings.Builder
	b.Grow(len(body))
	for _, p := range slices.Compact(pairs) {
		b.WriteString(p.name)
		b.WriteString(p.value)
	}
	return b.String(), true
}

func unescapeForm(s string) string {
	if out, err := url.QueryUnescape(s); err == nil {
		return out
	}
	return s
}
