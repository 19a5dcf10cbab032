package sign

// The form of a form that is signed.

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// The bounds of a form.
const (
	maxForm      = 8 << 20 // bytes
	maxFormPairs = 10_000
)

// isShortForm says whether a body is within the bounds of a form.
func isShortForm(body []byte) bool {
	return len(body) <= maxForm && 1+bytes.Count(body, []byte("&")) <= maxFormPairs
}

// CanonicalForm is what {form} stands for: the form's pairs sorted by name and value, each once, without separators. Twilio signs
// forms so (https://www.twilio.com/docs/usage/security). ok is false when the body is too large to be read as a form.
func CanonicalForm(body []byte) (text string, ok bool) {
	if !isShortForm(body) {
		return "", false
	}
	values := make(map[string][]string)
	for part := range strings.SplitSeq(string(body), "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		name = scheme.Unescape(name)
		values[name] = append(values[name], scheme.Unescape(value))
	}
	var b strings.Builder
	b.Grow(len(body))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		slices.Sort(values[name])
		for _, value := range slices.Compact(values[name]) {
			b.WriteString(name)
			b.WriteString(value)
		}
	}
	return b.String(), true
}
