package scheme_test

// Handshakes as files have them.

import (
	"errors"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// asking is a scheme with a handshake that is right.
func asking() map[string]any {
	return map[string]any{
		"content":   "{body}",
		"signature": map[string]any{"header": "X-Acme-Signature"},
		"handshake": map[string]any{
			"when": []any{"json:type=hello", "json:challenge"}, "only": []any{"type", "challenge"},
			"answer": map[string]any{"status": 200, "text": "{json:challenge}", "or_json": map[string]any{"challenge": "{json:challenge}"}},
		},
	}
}

func TestBrokenHandshakes(t *testing.T) {
	t.Parallel()
	if _, err := scheme.Decode("acme", asking()); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 100_000)
	for _, tc := range []struct {
		path           string
		value          any
		field, nearest string
	}{
		{"handshake", "yes", "handshake", ""},
		{"handshake.whn", "json:a", "handshake.whn", "when"},
		{"handshake.method", "PUT", "handshake.method", ""},
		{"handshake.method", "GTE", "handshake.method", "GET"},
		{"handshake.method", "GET", "handshake.only", ""},
		{"handshake.when", nil, "handshake.when", ""},
		{"handshake.when", "challenge", "handshake.when", ""},
		{"handshake.when", "qurey:challenge", "handshake.when", "query"},
		{"handshake.when", "json:", "handshake.when", ""},
		{"handshake.when", "json:a..b", "handshake.when", ""},
		{"handshake.when", "json:a=", "handshake.when", ""},
		{"handshake.when", "header:X Y", "handshake.when", ""},
		{"handshake.only", nil, "handshake.only", ""},
		{"handshake.verified", "yes", "handshake.verified", ""},
		{"handshake.verified", true, "handshake.only", ""},
		{"handshake.content", "{json:challenge}", "handshake.content", ""},
		{"handshake.content", "{body}", "handshake.content", ""},
		{"handshake.verify_token", "token", "handshake.verify_token", ""},
		{"handshake.verify_token", "json:token=a", "handshake.verify_token", ""},
		{"handshake.key_from", "body:x", "handshake.key_from", ""},
		{"handshake.answer", "ok", "handshake.answer", ""},
		{"handshake.answer.status", 404, "handshake.answer.status", ""},
		{"handshake.answer.status", 200.5, "handshake.answer.status", ""},
		{"handshake.answer.status", "200", "handshake.answer.status", ""},
		{"handshake.answer.txt", "a", "handshake.answer.txt", "text"},
		{"handshake.answer.text", "{challenge}", "handshake.answer.text", ""},
		{"handshake.answer.text", "{hmac:json:challenge}", "handshake.answer", ""},
		{"handshake.answer.json", map[string]any{"a": "b"}, "handshake.answer.text", ""},
		{"handshake.answer.header", map[string]any{"X Y": "b"}, "handshake.answer.header", ""},
		{"handshake.answer.or_json", "a", "handshake.answer.or_json", ""},
		{"handshake.sample", long, "handshake.sample", ""},
		{"handshake.answer.text", long, "handshake.answer.text", ""},
		{"handshake.answer.text", strings.Repeat("{query:a}", 200), "handshake.answer.text", ""},
	} {
		fields := asking()
		set(fields, tc.path, tc.value)
		_, err := scheme.Decode("acme", fields)
		se, ok := errors.AsType[*scheme.Error](err)
		if !ok {
			t.Errorf("%s = %.40v: %v", tc.path, tc.value, err)
			continue
		}
		if se.Field != tc.field || se.Nearest != tc.nearest {
			t.Errorf("%s = %.40v: field %q, nearest %q (%v)", tc.path, tc.value, se.Field, se.Nearest, err)
		}
	}
}

// TestNoOracleByData: no scheme, a user's neither, can have texts signed for whoever asks, or let an event pass for a question.
func TestNoOracleByData(t *testing.T) {
	t.Parallel()
	keyed := map[string]any{"json": map[string]any{"answer": "{hmac:json:challenge}"}}
	for what, handshake := range map[string]map[string]any{
		"unsigned keyed answer":      {"when": "json:challenge", "only": "challenge", "answer": keyed},
		"keyed answer in a header":   {"when": "json:challenge", "only": "challenge", "answer": map[string]any{"header": map[string]any{"X": "{hmac:json:challenge}"}}},
		"keyed answer in the other":  {"when": "json:challenge", "only": "challenge", "answer": map[string]any{"or_json": map[string]any{"x": "{hmac:json:challenge}"}}},
		"any unsigned body":          {"when": "json:challenge"},
		"any request":                {},
		"any GET":                    {"method": "GET"},
		"a signed text that is free": {"when": "json:challenge", "only": "challenge", "content": "{json:challenge}"},
	} {
		fields := asking()
		fields["handshake"] = handshake
		if _, err := scheme.Decode("acme", fields); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
	fields := asking()
	fields["algorithm"], fields["key"] = "ed25519", map[string]any{"encoding": "hex"}
	fields["handshake"] = map[string]any{"when": "json:challenge", "verified": true, "answer": keyed}
	if _, err := scheme.Decode("acme", fields); err == nil {
		t.Error("a keyed hash of a public key is taken")
	}
}
