package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// TestDiagnoseSchemeFile writes what people write into a scheme of their own: each error names file, line and field, and what
// would be right.
func TestDiagnoseSchemeFile(t *testing.T) {
	t.Parallel()
	const fine = `schemes:
  mine:
    algorithm: hmac-sha256
    key: {encoding: utf8}
    content: "{timestamp}.{body}"
    signature:
      header: X-Sig
      encoding: hex
    timestamp:
      header: X-Time
      unit: s
`
	w := newWorld(t)
	w.scheme(fine, 0)
	var said strings.Builder
	for _, tc := range [][2]string{
		{"unit: s", "unit: sec"},
		{"unit: s", "unit: seconds"},
		{"unit: s", "unit: milliseconds"},
		{"encoding: hex", "encoding: base-64"},
		{"encoding: hex", "encoding: hexadecimal"},
		{"utf8", "hexadecimal"},
		{"hmac-sha256", "sha256-hmac"},
		{"hmac-sha256", "HMAC_SHA256"},
		{"hmac-sha256", "hmac_sha_256"},
		{"{timestamp}.{body}", "{ts}.{body}"},
		{"unit: s", "unit: nanos"},
		{"unit: s", "window: future"},
		{"unit: s", "tolerance: 3m"},
		{"unit: s", `tolerance: "90"`},
		{"unit: s", "unit: s\n    answer_timeout: 10s"},
		{"unit: s", "unit: s\n    retry: [1s]"},
		{"encoding: hex", `separator: "|"`},
		{"encoding: hex", "item: {sig}"},
		{`"{timestamp}.{body}"`, "{body}"},
		{"    content: \"{timestamp}.{body}\"\n", ""},
		// The quotes that YAML wants around a value with braces: the line is named, not the one where the parser gave up.
		{`"{timestamp}.{body}"`, "{timestamp}:{body}"},
		{`"{timestamp}.{body}"`, "{timestamp}.{body} # as ours"},
		{"    signature:", "   signature:"},
	} {
		fmt.Fprintf(&said, "%s => %s\n%s\n", strings.TrimSpace(tc[0]), tc[1], w.scheme(strings.Replace(fine, tc[0], tc[1], 1), 2).err)
	}
	w.golden("scheme_errors.txt", said.String())
}

// scheme writes the user's config file and asks for the scheme in it.
func (w *world) scheme(config string, code int) result {
	w.t.Helper()
	w.settings(config)
	return w.must(code, "schemes", "show", "mine")
}

// TestOwnSchemeThatSignsNothing: whoever signs with it is told why not, also where the file says nothing of it.
func TestOwnSchemeThatSignsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settings("schemes:\n  bare:\n    algorithm: none\n")
	w.write("body", "{}")
	if r := w.must(2, "sign", "body", "--scheme", "bare", "--secret-file", "key"); !strings.Contains(r.err, "scheme bare cannot sign: its provider signs nothing\n") {
		t.Errorf("stderr %s", r.err)
	}
}
