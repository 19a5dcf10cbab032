package explain_test

// RSA keys and signatures that openssl made.

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// opensslKey is one line of ../testdata/openssl.jsonl, made by tests/openssl/generate.
type opensslKey struct {
	ID, Algorithm, Key, Private string
	Body                        []byte
	Signature, Want             string
}

func loadOpenSSL(tb testing.TB) []opensslKey {
	tb.Helper()
	b, err := os.ReadFile("../testdata/openssl.jsonl")
	if err != nil {
		tb.Fatal(err)
	}
	var out []opensslKey
	for d := json.NewDecoder(bytes.NewReader(b)); d.More(); {
		var k opensslKey
		if err := d.Decode(&k); err != nil {
			tb.Fatal(err)
		}
		out = append(out, k)
	}
	if len(out) < 50 {
		tb.Fatalf("only %d lines", len(out))
	}
	return out
}

func rsaRules(tb testing.TB, algorithm string) *sign.Rules {
	tb.Helper()
	r, err := sign.Compile(&scheme.Scheme{
		Name: "acme", Algorithm: scheme.Algorithm(algorithm), Key: scheme.KeySpec{Encoding: scheme.PEM}, Content: "{body}",
		Signature: scheme.SignatureSpec{Header: scheme.Names{"X-Sig"}, Encoding: scheme.Base64},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// TestOpenSSLSignatures: what openssl signed is valid under the key in each of its forms, and signed here it is the same bytes.
func TestOpenSSLSignatures(t *testing.T) {
	t.Parallel()
	then := sign.VerifyOptions{Now: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)} // certificates count from the day on which they were made
	for _, k := range loadOpenSSL(t) {
		if k.Want != "" {
			continue
		}
		r := rsaRules(t, k.Algorithm)
		public, err := explain.Key(r, strings.TrimSuffix(k.Key, "\n"))
		if err != nil {
			t.Errorf("%s: %v", k.ID, err)
			continue
		}
		m := &sign.Message{Header: map[string][]string{"X-Sig": {k.Signature}}, Body: k.Body}
		got := r.Verify(m, []sign.Key{public}, then)
		if !got.OK || strings.Contains(k.ID, "1024") != (got.Warning != "") {
			t.Errorf("%s: %+v", k.ID, got)
		}
		if m.Body = append(bytes.Clone(k.Body), 'x'); r.Verify(m, []sign.Key{public}, then).Reason != sign.Mismatch {
			t.Errorf("%s: another body is not refused", k.ID)
		}
		private, err := explain.SigningKey(r, k.Private)
		if err != nil {
			t.Errorf("%s: %v", k.ID, err)
			continue
		}
		signed, err := r.Sign(sign.SignRequest{Body: bytes.NewReader(k.Body)}, []sign.Key{private})
		if err != nil || signed.Signature != k.Signature {
			t.Errorf("%s: signed as %q, %v", k.ID, signed.Signature, err)
		}
	}
}

// TestOpenSSLRefusals: keys that nobody should verify with are refused with what they are, and never quoted.
func TestOpenSSLRefusals(t *testing.T) {
	t.Parallel()
	for _, k := range loadOpenSSL(t) {
		if k.Want == "" {
			continue
		}
		text := strings.TrimSuffix(k.Key, "\n")
		_, err := explain.Key(rsaRules(t, k.Algorithm), text)
		if err == nil || !strings.HasPrefix(err.Error(), `key for scheme "acme" `+k.Want) {
			t.Errorf("%s: %v, want %s", k.ID, err, k.Want)
			continue
		}
		quotesNothing(t, k.ID, err.Error(), text)
		if !strings.Contains(k.ID, "text") && sign.PublicKind(text) == "" {
			t.Errorf("%s: it could be taken for a shared secret", k.ID)
		}
	}
}

// TestCertificateTimes: a certificate counts in its time only, a bare key always, and nothing counts that the signature does not hold for.
func TestCertificateTimes(t *testing.T) {
	t.Parallel()
	for _, k := range loadOpenSSL(t) {
		switch k.ID {
		case "sha256/key-crt":
			certificateTimes(t, &k, map[int]sign.DetailCode{1970: sign.CertificateEarly, 2030: sign.NoDetail, 2300: sign.CertificateLate})
		case "sha256/key-rsapub":
			certificateTimes(t, &k, map[int]sign.DetailCode{1970: sign.NoDetail, 2030: sign.NoDetail, 2300: sign.NoDetail})
		}
	}
}

// certificateTimes verifies what a key signed in several years.
func certificateTimes(t *testing.T, k *opensslKey, years map[int]sign.DetailCode) {
	t.Helper()
	r := rsaRules(t, k.Algorithm)
	key, err := r.Key(k.Key)
	if err != nil {
		t.Fatal(err)
	}
	m := &sign.Message{Header: map[string][]string{"X-Sig": {k.Signature}}, Body: k.Body}
	for year, want := range years {
		o := sign.VerifyOptions{Now: time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)}
		got := r.Verify(m, []sign.Key{key}, o)
		if got.OK != (want == sign.NoDetail) || got.Detail.Code != want || !got.OK && (got.Reason != sign.Mismatch || got.KeyIndex != -1) {
			t.Errorf("%s in %d: %+v", k.ID, year, got)
		}
		if d := explain.Diagnose(t.Context(), r, m, []sign.Key{key}, got, explain.Options{}); !got.OK && (len(d.Findings) > 0 || len(d.Next) == 0) {
			t.Errorf("%s in %d: %+v", k.ID, year, d)
		}
		if o.IgnoreTime = true; !r.Verify(m, []sign.Key{key}, o).OK {
			t.Errorf("%s in %d with the time ignored", k.ID, year)
		}
	}
}
