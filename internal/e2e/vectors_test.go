package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// vector is one case of the signature vectors, which were made by others; sign has them in its testdata.
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
		b, err := os.ReadFile(filepath.Join("..", "..", "internal", "sign", "testdata", name))
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

// TestVectors runs every vector through the real binary: 0 when the signature holds, 3 when it does not, 2 for a key that
// is none.
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
