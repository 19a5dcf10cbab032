package main

import (
	"strings"
	"testing"
)

// TestDiagnoseSchemeFile writes what people write into a scheme of their own: each error names file, line and field, and what
// was meant.
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
	newWorld(t).scheme(fine, 0)
	for _, tc := range []struct{ old, now, at, said, hint string }{
		{"unit: s", "unit: sec", ":11: ", `timestamp.unit: "sec" is not one of s, ms`, "did you mean s?"},
		{"unit: s", "unit: seconds", ":11: ", "timestamp.unit", "did you mean s?"},
		{"unit: s", "unit: milliseconds", ":11: ", "timestamp.unit", "did you mean ms?"},
		{"encoding: hex", "encoding: base-64", ":8: ", "signature.encoding", "did you mean base64?"},
		{"encoding: hex", "encoding: hexadecimal", ":8: ", "signature.encoding", "did you mean hex?"},
		{"utf8", "hexadecimal", ":4: ", "key.encoding", "did you mean hex?"},
		{"hmac-sha256", "sha256-hmac", ":3: ", "algorithm", "did you mean hmac-sha256?"},
		{"hmac-sha256", "HMAC_SHA256", ":3: ", "algorithm", "did you mean hmac-sha256?"},
		{"hmac-sha256", "hmac_sha_256", ":3: ", "algorithm", "did you mean hmac-sha256?"},
		{"{timestamp}.{body}", "{ts}.{body}", ":5: ", "content", "did you mean {timestamp}?"},
		{"    content: \"{timestamp}.{body}\"\n", "", ":2: ", `content: is missing: say what is signed, in a line such as content: "{timestamp}.{body}"`, "whctl help schemes"},
	} {
		r := newWorld(t).scheme(strings.Replace(fine, tc.old, tc.now, 1), 2)
		if !strings.Contains(r.err, tc.at+"scheme mine: ") || !strings.Contains(r.err, tc.said) || !strings.Contains(r.err, "hint: "+tc.hint) {
			t.Errorf("%q: %s", tc.now, r.err)
		}
	}
}

// scheme writes a project's config file and asks for the scheme in it.
func (w *world) scheme(config string, code int) result {
	w.t.Helper()
	w.write(".whctl.yaml", config)
	return w.must(code, "schemes", "show", "mine")
}
