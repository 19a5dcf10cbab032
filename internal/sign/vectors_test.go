package sign_test

// Vectors that others made.

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// vector is one case of testdata/signatures.json, vectors-elsewhere.json or providers.json, which were made by others.
type vector struct {
	ID, Scheme, Tier, Expect, Reason string
	Secret                           string
	Secrets                          []string
	SigningKey                       string `json:"signing_key"`
	Headers                          map[string]string
	Body                             string
	BodyBase64                       string `json:"body_base64"`
	Method, URL                      string
	Params                           map[string]string
	Timestamp                        *int64
	Now                              *int64
	Tolerance                        any
	ReasonAny                        []string `json:"reason_any"`
	Choice, Why                      string   // our own outcome where the sources disagree, and its reason; in vectors-elsewhere.json
	Unsigned                         bool     // accepted, though a sender would write it otherwise
}

func loadVectors(tb testing.TB) []vector {
	tb.Helper()
	var out []vector
	for name, least := range map[string]int{"proofs.json": 24, "signatures.json": 150, "vectors-elsewhere.json": 400, "providers.json": 70, "vectors-fields.json": 60} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			tb.Fatal(err)
		}
		var some []vector
		if err := json.Unmarshal(b, &some); err != nil {
			tb.Fatal(err)
		}
		if len(some) < least {
			tb.Fatalf("only %d vectors in %s", len(some), name)
		}
		out = append(out, some...)
	}
	return out
}

func (v *vector) keys(r *sign.Rules) ([]sign.Key, error) {
	texts := v.Secrets
	if texts == nil {
		texts = []string{v.Secret}
	}
	keys := make([]sign.Key, 0, len(texts))
	for _, text := range texts {
		k, err := r.Key(text)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, nil
}

func (v *vector) body() []byte {
	if v.BodyBase64 != "" {
		b, err := base64.StdEncoding.DecodeString(v.BodyBase64)
		if err != nil {
			panic(err)
		}
		return b
	}
	return []byte(v.Body)
}

func (v *vector) message() *sign.Message {
	h := map[string][]string{}
	for name, value := range v.Headers {
		h[scheme.CanonicalHeader(name)] = []string{value}
	}
	return &sign.Message{Method: v.Method, URL: v.URL, Header: h, Body: v.body(), Params: v.Params}
}

func (v *vector) options() sign.VerifyOptions {
	o := sign.VerifyOptions{Now: time.Unix(1_800_000_000, 0)}
	if v.Now != nil {
		o.Now = time.Unix(*v.Now, 0)
	}
	switch tol := v.Tolerance.(type) {
	case string:
		o.IgnoreTime = tol == "off"
	case float64:
		d := time.Duration(tol * float64(time.Second))
		o.Tolerance = &d
	}
	return o
}

// verdict is the vector's outcome in the words of the file.
func (v *vector) verdict(t *testing.T) string {
	t.Helper()
	r := signtest.Rules(t, v.Scheme)
	keys, err := v.keys(r)
	if err != nil {
		if _, ok := errors.AsType[*sign.KeyError](err); !ok {
			t.Fatalf("not a KeyError: %v", err)
		}
		return "secret"
	}
	got := r.Verify(v.message(), keys, v.options())
	if got.OK != (got.Reason == sign.Valid) || got.OK != (got.KeyIndex >= 0) && got.Reason != sign.TooOld && got.Reason != sign.TooNew {
		t.Errorf("verdict contradicts itself: %+v", got)
	}
	switch got.Reason {
	case sign.Valid:
		return "valid"
	case sign.MalformedTimestamp, sign.TooOld, sign.TooNew:
		return "timestamp"
	case sign.Mismatch:
		return "signature"
	case sign.MissingSignature, sign.MalformedSignature, sign.MissingTimestamp, sign.MissingID, sign.WrongHeader:
		return "header"
	case sign.Unverified:
		return "unverified"
	default:
		return string(got.Reason)
	}
}

// policies are the cases where the sources disagree, with our choice and its reason.
func policies() map[string]struct{ outcome, why string } {
	return map[string]struct{ outcome, why string }{
		"verification/uppercase-hex":         {"valid", "hex is hex in either case; the bytes are compared"},
		"standard-webhooks/unpadded-secret":  {"valid", "the key is the same bytes with or without padding"},
		"resend/empty-body":                  {"valid", "an empty body that is rightly signed is rightly signed"},
		"openai/zero-tolerance-exact":        {"valid", "0 is the same second; off is a word of its own"},
		"openai/timestamp-text-leading-zero": {"valid", "the header's text is what is signed"},
		"stripe/uppercase-hex":               {"valid", "hex is hex in either case; the bytes are compared"},
		"stripe/space-after-comma":           {"header", "Stripe's libraries do not drop blanks, so neither does whctl"},
		"workos/future":                      {"timestamp", "both directions are checked, as the Go library does"},
		"slack/no-prefix":                    {"header", "the version label is part of the format"},
		"shopify/empty-body":                 {"valid", "an empty body that is rightly signed is rightly signed"},
		"twilio/port-tolerated":              {"valid", "with and without a port, as Twilio's libraries do"},
	}
}

func TestVectors(t *testing.T) {
	t.Parallel()
	choices, seen := policies(), 0
	for _, v := range loadVectors(t) {
		t.Run(v.ID, func(t *testing.T) {
			t.Parallel()
			got := v.verdict(t)
			want := []string{v.Reason}
			switch {
			case v.Choice != "":
				want = []string{v.Choice}
				if v.Why == "" {
					t.Error("no reason is given for the choice")
				}
			case v.Tier == "policy":
				choice, ok := choices[v.ID]
				if !ok {
					t.Fatal("no choice was made for this policy case")
				}
				want = []string{choice.outcome}
			case v.Expect == "valid":
				want = []string{"valid"}
			case v.ReasonAny != nil:
				want = v.ReasonAny
			}
			if !slices.Contains(want, got) {
				t.Errorf("got %s, want one of %v", got, want)
			}
		})
		if v.Tier == "policy" && v.Choice == "" {
			seen++
		}
	}
	if seen != len(choices) {
		t.Errorf("%d policy cases in the file, %d choices", seen, len(choices))
	}
}

// TestVectorsSign signs what each valid case with a single key holds, and compares with what the provider made.
func TestVectorsSign(t *testing.T) {
	t.Parallel()
	compared := 0
	for _, v := range loadVectors(t) {
		if v.Expect != "valid" || len(v.Secrets) > 1 || v.Unsigned || v.Choice != "" {
			continue
		}
		r := signtest.Rules(t, v.Scheme)
		text := v.Secret
		if v.SigningKey != "" {
			text = v.SigningKey
		}
		public := r.Public()
		if public && v.SigningKey == "" {
			continue // the provider keeps its private key
		}
		key, err := r.SigningKey(text)
		if err != nil {
			t.Errorf("%s: %v", v.ID, err)
			continue
		}
		m := v.message()
		got, err := r.Sign(v.toSign(t, r, m), []sign.Key{key})
		if err != nil {
			t.Errorf("%s: %v", v.ID, err)
			continue
		}
		compared++
		compareSigned(t, &v, m, got)
	}
	if compared < 60 {
		t.Errorf("only %d cases compared", compared)
	}
}

// toSign is what a case holds, for signing it again.
func (v *vector) toSign(t *testing.T, r *sign.Rules, m *sign.Message) sign.SignRequest {
	t.Helper()
	checked := r.Verify(m, signtest.Keys(t, r, v.Secret), v.options())
	q := sign.SignRequest{Time: checked.SignedAt, ID: checked.ID, Method: v.Method, URL: v.URL, Header: m.Header, Body: bytes.NewReader(m.Body), Params: v.Params}
	if v.ID == "openai/timestamp-text-leading-zero" || v.Scheme == "box" {
		q.Timestamp = cmp.Or(scheme.HeaderValue(m.Header, "Webhook-Timestamp"), scheme.HeaderValue(m.Header, "Box-Delivery-Timestamp"))
	}
	if text, _, code := r.TimeIn(m); r.TimeInBody() && code == sign.NoDetail {
		q.Timestamp = text
	}
	if v.ID == "twilio/port-tolerated" {
		q.URL = strings.Replace(q.URL, ":1234", "", 1)
	}
	return q
}

func compareSigned(t *testing.T, v *vector, m *sign.Message, got sign.Signed) {
	t.Helper()
	for _, f := range got.Fields {
		want := scheme.HeaderValue(m.Header, scheme.CanonicalHeader(f.Name))
		if want == "" && strings.HasPrefix(f.Name, "svix-") {
			continue
		}
		if prefix := signtest.Rules(t, v.Scheme).Scheme().Signature.Prefix; prefix != "" {
			want, f.Value = strings.TrimPrefix(want, prefix), strings.TrimPrefix(f.Value, prefix)
		}
		if !sameItems(want, f.Value) {
			t.Errorf("%s: header %s is %q, the provider sent %q", v.ID, f.Name, f.Value, want)
		}
	}
	if len(got.Body) > 0 && !bytes.Contains(m.Body, []byte(`"`+got.Signature+`"`)) {
		t.Errorf("%s: the body does not hold the signature that was made", v.ID)
	}
}

// sameItems says whether all items that were made are among those the provider sent: theirs may hold more versions or keys.
func sameItems(theirs, ours string) bool {
	split := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(s), func(c rune) bool { return c == ' ' || c == ',' || c == ';' })
	}
	have := split(theirs)
	for _, item := range split(ours) {
		if !slices.Contains(have, item) {
			return false
		}
	}
	return ours != ""
}

// TestEverySchemeHasAVector: what others made speaks for every scheme of the catalogue. The exceptions are older than this rule, and their
// digests stand in TestDocumentedDigests or nowhere. Schemes with RSA, tokens in JSON and message signatures have files of their own.
func TestEverySchemeHasAVector(t *testing.T) {
	t.Parallel()
	have := map[string]bool{}
	for _, v := range loadVectors(t) {
		have[v.Scheme] = have[v.Scheme] || v.Expect == "valid"
	}
	old := []string{"dropbox", "fern", "gitea", "gogs", "kyc.body", "kyc.id-ts-body", "lemonsqueezy", "paystack", "savvycal", "typeform", "xero"}
	for _, name := range scheme.BuiltinNames() {
		s := signtest.Rules(t, name).Scheme()
		if !strings.HasPrefix(string(s.Algorithm), "hmac-") && s.Algorithm != scheme.Token && s.Algorithm != scheme.SHA256 || s.MessageSignature != nil {
			continue
		}
		if have[name] == slices.Contains(old, name) {
			t.Errorf("%s has a vector: %v", name, have[name])
		}
	}
}
