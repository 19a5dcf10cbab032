package explain_test

// Requests of the kinds that people have, made by other languages.

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/sign/explain/restyle"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// TestKinds holds each cause to being the first finding, and to being certain only where a signature matched. The lines of
// testdata/kinds.jsonl are made by tests/diagnose/kinds/generate with Node.js and Python.
func TestKinds(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/kinds.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for lines := bufio.NewScanner(bytes.NewReader(b)); lines.Scan(); tried++ {
		var c struct {
			mistake
			Certain bool
			Params  map[string]string
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		r, m, keys, o := c.load(t)
		m.Params = c.Params
		d := explain.Diagnose(t.Context(), r, m, keys, r.Verify(m, keys, o.VerifyOptions), o)
		if len(d.Findings) == 0 || d.Findings[0].ID != c.Expect || d.Findings[0].Certain != c.Certain {
			t.Errorf("%s: want %s: %+v", c.ID, c.Expect, d)
			continue
		}
		checkWords(t, d.Findings[0])
	}
	if tried < 20 {
		t.Fatalf("only %d requests", tried)
	}
}

// TestDamagedKeys: a key with its prefix twice or a piece missing is said to be that, and where the right one is shown is said else.
func TestDamagedKeys(t *testing.T) {
	t.Parallel()
	for _, tc := range [][3]string{
		{"standard-webhooks", "whsec_whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "begins with whsec_ twice: leave one out"},
		{"resend", `"whsec_whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"`, "begins with whsec_ twice: leave one out"},
		{"standard-webhooks", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaL", "is not whole: base64 never has 29 characters; copy all of it"},
		{"clerk", "whsec_MfKQ9", "is not whole: base64 never has 5 characters; copy all of it"},
		{"discord", "aBcDeFgHiJkLmNoPqRsTuVwXyZ012345!", "is not hex; the key of discord is shown as Public Key of the application"},
		{"paypal", "EJ-client-secret-abcdefghijklmnop", "is not PEM text: give the whole file, from its BEGIN line to its END line; the key of paypal is shown as a certificate"},
	} {
		_, err := explain.Key(signtest.Rules(t, tc[0]), tc[1])
		var ke *sign.KeyError
		if !errors.As(err, &ke) || !strings.HasPrefix(ke.Problem, tc[2]) || strings.Contains(ke.Problem, "MfKQ9") {
			t.Errorf("%s: %v, want %s", tc[0], err, tc[2])
		}
	}
}

// TestHeaderPassword: a key that stands in HTTP basic authentication is found there, as the password or as the whole.
func TestHeaderPassword(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"pass:word-1", "hook:pass:word-1"} {
		m := &sign.Message{Header: map[string][]string{"Authorization": {"basic " + base64.StdEncoding.EncodeToString([]byte("hook:pass:word-1"))}}}
		f, ok := explain.HeaderKey(m, []string{"other", key})
		if !ok || f.ID != "auto.token.basic" || !f.Certain || strings.Contains(f.Title+f.Evidence+f.Fix+f.Recipes[0].Code, "word-1") {
			t.Errorf("%s: %+v", key, f)
		}
	}
	for _, value := range []string{"Basic !", "Basic " + base64.StdEncoding.EncodeToString([]byte("word-1")), "word-1:word-1", ""} {
		if f, ok := explain.HeaderKey(&sign.Message{Header: map[string][]string{"Authorization": {value}}}, []string{"word-1x"}); ok {
			t.Errorf("%s: %+v", value, f)
		}
	}
}

// TestMessageSignatureAlone: with no scheme named, RFC 9421 is named by its headers.
func TestMessageSignatureAlone(t *testing.T) {
	t.Parallel()
	m := &sign.Message{Header: map[string][]string{"Signature-Input": {`sig1=("@method");created=1`}, "Signature": {"sig1=:AAAA:"}}}
	if f := (&explain.Inference{}).TriedFinding(m, 1); f.ID != "auto.message_signature" || !strings.Contains(f.Fix, "whctl schemes list rfc9421") {
		t.Errorf("%+v", f)
	}
}

// TestNoBytes: what only begins like the bytes that a language shows is none.
func TestNoBytes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`b'`, `b''`, `b'a"`, `b'a'b'`, `b'\xzz'`, `b'\u0141'`, `x'a'`} {
		if b, ok := restyle.FromBytes([]byte(text)); ok {
			t.Errorf("%s: %q", text, b)
		}
	}
	for _, text := range []string{`{"type":"Buffer","data":[256]}`, `{"type":"Buffer","data":[]}`, `{"type":"Buffer"}`, `{"type":"buffer","data":[1]}`, `{"type":"Buffer","data":[-1]}`, `[1]`} {
		if b, ok := restyle.FromBuffer([]byte(text)); ok {
			t.Errorf("%s: %q", text, b)
		}
	}
}
