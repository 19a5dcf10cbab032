package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sign/signtest"
)

// vector is one case of the signature vectors, which were made by others.
type vector struct {
	ID, Scheme, Tier, Expect, Reason, Secret string
	Secrets                                  []string
	ReasonAny                                []string `json:"reason_any"`
	Headers                                  map[string]string
	Body                                     string
	BodyBase64                               string `json:"body_base64"`
	SigningKey                               string `json:"signing_key"`
	Method, URL                              string
	Params                                   map[string]string
	Now                                      *int64
	Tolerance                                any
	Choice                                   string // our own outcome where the sources disagree
	Unsigned                                 bool   // accepted, though a sender would write it otherwise
}

func vectors(t *testing.T) []vector {
	t.Helper()
	var all []vector
	for _, name := range []string{"signatures.json", "vectors-elsewhere.json"} {
		b, err := os.ReadFile(filepath.Join("..", "sign", "testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		var some []vector
		if err := json.Unmarshal(b, &some); err != nil {
			t.Fatal(err)
		}
		all = append(all, some...)
	}
	if len(all) < 556 {
		t.Fatalf("only %d vectors", len(all))
	}
	return all
}

// ownChoices are the cases where the sources disagree and whctl decides otherwise than the cited one; sign's tests give
// the reasons.
func ownChoices() map[string]string {
	return map[string]string{
		"verification/uppercase-hex": "valid", "standard-webhooks/unpadded-secret": "valid", "resend/empty-body": "valid",
		"openai/zero-tolerance-exact": "valid", "openai/timestamp-text-leading-zero": "valid", "stripe/uppercase-hex": "valid",
		"stripe/space-after-comma": "header", "workos/future": "timestamp", "slack/no-prefix": "header", "shopify/empty-body": "valid",
		"twilio/port-tolerated": "valid",
	}
}

// TestVectors runs every vector through the real binary: 0 when the signature holds, 3 when it does not, 2 for a wrong
// key.
func TestVectors(t *testing.T) {
	t.Parallel()
	for _, v := range vectors(t) {
		t.Run(v.ID, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			r := w.run(v.args(t, w)...)
			got := v.outcome(t, r)
			want := []string{v.Reason}
			switch {
			case v.Choice != "":
				want = []string{v.Choice}
			case v.Tier == "policy":
				want = []string{ownChoices()[v.ID]}
			case v.Expect == "valid":
				want = []string{"valid"}
			case v.ReasonAny != nil:
				want = v.ReasonAny
			}
			code := map[string]int{"valid": 0, "secret": 2}
			wantCode, special := code[got]
			if !special {
				wantCode = 3
			}
			if !slices.Contains(want, got) || r.code != wantCode {
				t.Errorf("%s with exit code %d, want one of %v\nstdout: %s\nstderr: %s", got, r.code, want, r.out, r.err)
			}
		})
	}
}

// args is the command line of a case.
func (v *vector) args(t *testing.T, w *world) []string {
	t.Helper()
	body := v.Body
	if v.BodyBase64 != "" {
		b, err := base64.StdEncoding.DecodeString(v.BodyBase64)
		if err != nil {
			t.Fatal(err)
		}
		body = string(b)
	}
	args := []string{"verify", w.write("body", body), "--scheme", v.Scheme, "-o", "json"}
	secrets := v.Secrets
	if secrets == nil {
		secrets = []string{v.Secret}
	}
	for i, s := range secrets {
		args = append(args, "--secret-file", w.write(fmt.Sprint("secret", i), s))
	}
	for name, value := range v.Headers {
		args = append(args, "--header", name+": "+value)
	}
	for name, value := range v.Params {
		args = append(args, "--param", name+"="+value)
	}
	if v.URL != "" {
		args = append(args, "--url", v.URL)
	}
	if v.Method != "" {
		args = append(args, "--method", v.Method)
	}
	if v.Now != nil {
		args = append(args, "--at", strconv.FormatInt(*v.Now, 10))
	}
	switch tolerance := v.Tolerance.(type) {
	case string:
		args = append(args, "--ignore-time")
	case float64:
		args = append(args, "--tolerance", fmt.Sprintf("%gs", tolerance))
	}
	return args
}

// outcome is the result in the words of the vectors.
func (v *vector) outcome(t *testing.T, r result) string {
	t.Helper()
	if r.code == 2 {
		if r.out != "" {
			t.Errorf("a refused command printed %q", r.out)
		}
		return "secret"
	}
	verdict := jsonOf[object](t, r).sub("verdict")
	if ok, _ := verdict["ok"].(bool); ok != (verdict.str("reason") == "valid") {
		t.Errorf("verdict contradicts itself: %v", verdict)
	}
	switch reason := verdict.str("reason"); reason {
	case "malformed_timestamp", "too_old", "too_new":
		return "timestamp"
	case "mismatch":
		return "signature"
	case "missing_signature", "malformed_signature", "missing_timestamp", "missing_id", "wrong_header":
		return "header"
	default:
		return reason
	}
}

// TestVectorsSign has the real binary sign what each valid vector with a single key holds: it makes what the provider made.
func TestVectorsSign(t *testing.T) {
	t.Parallel()
	compared := 0
	for _, v := range vectors(t) {
		r := signtest.Rules(t, v.Scheme)
		if v.Expect != "valid" || len(v.Secrets) > 1 || v.Unsigned || v.Choice != "" || v.SigningKey == "" && strings.Contains("ed25519 ecdsa-p256-sha256", string(r.Scheme().Algorithm)) {
			continue // the provider keeps its private key
		}
		compared++
		t.Run(v.ID, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			verdict := jsonOf[object](t, w.run(v.args(t, w)...)).sub("verdict")
			args := v.signing(w, verdict)
			v.compare(t, jsonOf[object](t, w.must(0, args...)))
		})
	}
	if compared < 60 {
		t.Errorf("only %d compared", compared)
	}
}

// signing is the command line that signs what a case holds.
func (v *vector) signing(w *world, verdict object) []string {
	w.t.Helper()
	args := []string{"sign", w.path("body"), "--scheme", v.Scheme, "--secret-file", w.path("signing"), "--format", "json"}
	if v.SigningKey != "" {
		w.write("signing", v.SigningKey)
	} else {
		w.write("signing", v.Secret)
	}
	if at := verdict.str("signedAt"); at != "" && v.Scheme != "box" { // whose time is sent with an offset: its header says it
		args = append(args, "--timestamp", at)
	}
	if id := verdict.str("id"); id != "" {
		args = append(args, "--id", id)
	}
	if v.URL != "" {
		args = append(args, "--to", v.URL)
	}
	if v.ID == "twilio/port-tolerated" { // signed without the port, and accepted with it
		args = append(args, "--to", strings.Replace(v.URL, ":1234", "", 1))
	}
	if v.Method != "" {
		args = append(args, "--method", v.Method)
	}
	for name, value := range v.Params {
		args = append(args, "--param", name+"="+value)
	}
	for name, value := range v.Headers {
		args = append(args, "-H", name+": "+value)
	}
	return args
}

// compare holds the headers that were made against those that the provider sent, which may hold more versions or keys.
func (v *vector) compare(t *testing.T, made object) {
	t.Helper()
	theirs := map[string]string{}
	for name, value := range v.Headers {
		theirs[strings.ToLower(name)] = value
	}
	prefix := signtest.Rules(t, v.Scheme).Scheme().Signature.Prefix
	items := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(strings.TrimPrefix(s, prefix)), func(c rune) bool { return strings.ContainsRune(" ,;", c) })
	}
	for name, value := range made.sub("headers") {
		sent := theirs[strings.ToLower(name)]
		if sent == "" && strings.HasPrefix(name, "svix-") || v.ID == "openai/timestamp-text-leading-zero" {
			continue
		}
		for _, item := range items(fmt.Sprint(value)) {
			if !slices.Contains(items(sent), item) {
				t.Errorf("header %s is %q, the provider sent %q", name, value, sent)
			}
		}
	}
	if len(made.sub("body")) > 0 && !strings.Contains(v.Body, `"`+made.str("signature")+`"`) {
		t.Errorf("the body does not hold the signature %s", made.str("signature"))
	}
}
