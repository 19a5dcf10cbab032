package signtest

// Secrets that must not come out.

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
)

// Secrets are what must not be seen: the key, and what the signature is in any encoding.
func (c *Case) Secrets() []string {
	out := []string{c.Text}
	for _, item := range strings.FieldsFunc(c.Signed.Signature, func(r rune) bool { return r == ',' || r == ' ' || r == ';' }) {
		item = item[strings.LastIndexByte(strings.TrimRight(item, "="), '=')+1:]
		raw, err := hex.DecodeString(item)
		if strings.HasPrefix(c.Rules.Scheme().Signature.Encoding, "base64") {
			raw, err = base64.StdEncoding.DecodeString(item)
		}
		if err != nil || len(raw) < 20 {
			continue
		}
		out = append(out, hex.EncodeToString(raw), strings.ToUpper(hex.EncodeToString(raw)), base64.StdEncoding.EncodeToString(raw),
			base64.RawURLEncoding.EncodeToString(raw))
	}
	return out
}

// NoSecret fails when a text holds a secret, or a good part of one.
func NoSecret(tb testing.TB, what, text string, secrets []string) {
	tb.Helper()
	for _, s := range secrets {
		for i := 0; i+12 <= len(s); i += 4 {
			if strings.Contains(text, s[i:i+12]) {
				tb.Fatalf("%s: discloses %q in %q", what, s[i:i+12], text)
			}
		}
	}
}
