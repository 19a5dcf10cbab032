package e2e

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
		{"unit: s", "unit: nanos", ":11: ", "timestamp.unit", "write unit: s, ms, auto or rfc3339"},
		{"unit: s", "window: future", ":11: ", "timestamp.window", "write window: both or past"},
		{"unit: s", "tolerance: 3m", ":11: ", "timestamp.tolerance: must be a number of seconds", "give seconds: tolerance: 180"},
		{"unit: s", `tolerance: "90"`, ":11: ", "timestamp.tolerance", "give seconds: tolerance: 90"},
		{"unit: s", "unit: s\n    answer_timeout: 10s", ":12: ", "answer_timeout", "give seconds: answer_timeout: 10"},
		{"unit: s", "unit: s\n    retry: [1s]", ":12: ", "retry", "give seconds: retry: [1, 2, 4]"},
		{"encoding: hex", `separator: "|"`, ":8: ", "signature.separator", `write separator: ","`},
		{"encoding: hex", "item: {sig}", ":8: ", "signature.item: must be a text", `write item: "{sig}"`},
		{`"{timestamp}.{body}"`, "{body}", ":5: ", "content: must be a text", `write content: "{body}"`},
		{"    content: \"{timestamp}.{body}\"\n", "", ":2: ", `content: is missing: say what is signed, in a line such as content: "{timestamp}.{body}"`, "whctl help schemes"},
	} {
		r := newWorld(t).scheme(strings.Replace(fine, tc.old, tc.now, 1), 2)
		if !strings.Contains(r.err, tc.at+"scheme mine: ") || !strings.Contains(r.err, tc.said) || !strings.Contains(r.err, "hint: "+tc.hint) {
			t.Errorf("%q: %s", tc.now, r.err)
		}
	}
}

// TestDiagnoseSchemeQuotes leaves out the quotes that YAML wants around a value that begins with a brace: the line is named, not
// the one where the parser gave up.
func TestDiagnoseSchemeQuotes(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"{timestamp}:{body}":           `write content: "{timestamp}:{body}"`,
		"{timestamp}.{body} # as ours": `write content: "{timestamp}.{body}"`,
	} {
		r := newWorld(t).scheme("schemes:\n  mine:\n    signature: {header: X-Sig}\n    content: "+value+"\n    timestamp:\n      header: X-Time\n", 2)
		if !strings.Contains(r.err, "config.yaml:4: this is not YAML: a value that begins with { needs quotes") || !strings.Contains(r.err, "hint: "+want) {
			t.Errorf("%s: %s", value, r.err)
		}
	}
	r := newWorld(t).scheme("schemes:\n  mine:\n    signature: {header: X-Sig}\n    content: \"{body}\"\n   title: x\n", 2)
	if !strings.Contains(r.err, "this is not YAML") || strings.Contains(r.err, "needs quotes") {
		t.Error(r.err)
	}
}

// scheme writes the user's config file and asks for the scheme in it.
func (w *world) scheme(config string, code int) result {
	w.t.Helper()
	w.settings(config)
	return w.must(code, "schemes", "show", "mine")
}
