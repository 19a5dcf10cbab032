package judge

// No sender chooses how it is verified: old times, keys of another kind.

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
)

func shared(r *sign.Rules) bool {
	return !r.Public()
}

// counts says whether a scheme can be said to be valid when it is found by itself: tokens and what leaves the body out cannot.
func counts(r *sign.Rules) bool {
	s := r.Scheme()
	return signtest.CoversBody(s) && s.Algorithm != scheme.Token
}

func picked(rules []*sign.Rules, m *sign.Message, keys ...OpenKey) Judgement {
	return (&auto{rules: rules, keys: keys, patience: Long()}).pick(m, sign.VerifyOptions{Now: signtest.Clock()})
}

func workedOut(t *testing.T, rules []*sign.Rules, m *sign.Message, keys ...OpenKey) (Judgement, bool) {
	t.Helper()
	jm := (&auto{rules: rules, keys: keys}).workOut(t.Context(), m, sign.VerifyOptions{Now: signtest.Clock()})
	return jm, jm.Rules != nil
}

func macHex(key, text string) string {
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte(text))
	return hex.EncodeToString(m.Sum(nil))
}

// TestAutoKinds: under auto a bare key of 32 bytes makes nothing valid, whatever it signed and however it is written; bound to
// its scheme it does, and bound to another it does not.
func TestAutoKinds(t *testing.T) { //nolint:gocognit // one table over all schemes
	t.Parallel()
	rules := signtest.AllRules(t)
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		t.Fatal(err)
	}
	forged := 0
	for form, text := range map[string]string{
		"hex": hex.EncodeToString(raw), "HEX": strings.ToUpper(hex.EncodeToString(raw)), "base64": base64.StdEncoding.EncodeToString(raw),
		"base64url": base64.RawURLEncoding.EncodeToString(raw), "0x": "0x" + hex.EncodeToString(raw), "line feed": hex.EncodeToString(raw) + "\n",
		"quoted": `"` + hex.EncodeToString(raw) + `"`, "base64 of hex": base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString(raw))), "bytes": string(raw),
		"compressed point": "02" + hex.EncodeToString(raw), "env line": "KEY=" + hex.EncodeToString(raw),
	} {
		for _, r := range rules {
			name := r.Scheme().Name
			key, err := r.SigningKey(text)
			if err != nil || !shared(r) {
				continue
			}
			m := signedWith(t, r, key)
			if got := picked(rules, m, OpenKey{Text: text}); got.Verdict.OK || got.Rules != nil && len(got.first)+len(got.last) == 0 {
				t.Errorf("%s, signed as %s: %+v, findings %v", form, name, got.Verdict, got.first)
			}
			if got, ok := workedOut(t, rules, m, []OpenKey{{Text: text}}...); ok && got.Verdict.OK {
				t.Errorf("%s, signed as %s, worked out: %+v", form, name, got.Verdict)
			}
			m = signedWith(t, r, key)
			if got := picked(rules, m, OpenKey{Text: text, Scheme: name}); got.Verdict.OK != counts(r) && r.Scheme().Signature.JSON == "" && !strings.Contains(r.Scheme().Content, "{form}") {
				t.Errorf("%s, bound to %s: %+v", form, name, got.Verdict)
			}
			other := "baanx"
			if name == other {
				other = "discord"
			}
			if got := picked(rules, m, OpenKey{Text: text, Scheme: other}); got.Verdict.OK {
				t.Errorf("%s, bound to %s and signed as %s: %+v", form, other, name, got.Verdict)
			}
			forged++
		}
	}
	if forged < 500 {
		t.Errorf("only %d requests were forged", forged)
	}
}

func signedWith(tb testing.TB, r *sign.Rules, key sign.Key) *sign.Message {
	tb.Helper()
	m, _ := signtest.Sign(tb, r, signtest.Request(r), key)
	return m
}

func signedBody(tb testing.TB, r *sign.Rules, key sign.Key, body string, at time.Time) *sign.Message {
	tb.Helper()
	q := signtest.Request(r)
	q.Body, q.Time = strings.NewReader(body), at
	m, _ := signtest.Sign(tb, r, q, key)
	return m
}

// TestAutoOwnKind: a secret that can be nothing else verifies what it signed, under every scheme that counts.
func TestAutoOwnKind(t *testing.T) {
	t.Parallel()
	rules := signtest.AllRules(t)
	valid := 0
	for _, r := range rules {
		if !shared(r) {
			continue
		}
		text, _ := signtest.KeyPair(t, r.Scheme()) // of 24 bytes
		key, err := r.SigningKey(text)
		if err != nil {
			t.Fatal(err)
		}
		s := r.Scheme()
		got := picked(rules, signedWith(t, r, key), OpenKey{Text: "another key"}, OpenKey{Text: text})
		want := counts(r) && !s.Algorithm.Plain() && s.Signature.JSON == "" && !strings.Contains(s.Content, "{form}")
		if got.Verdict.OK != want || got.Verdict.OK && got.Verdict.KeyIndex != 1 {
			t.Errorf("%s: %+v, findings %+v", s.Name, got.Verdict, got.first)
		}
		if got.Verdict.OK {
			valid++
		}
	}
	if valid < 60 {
		t.Errorf("only %d schemes are valid by themselves", valid)
	}
}

// TestAutoOldRequests takes what every scheme with a time signed a month ago, and sends the signed bytes as the body of every
// scheme that signs the body alone. Nothing of it is valid until the key is bound.
func TestAutoOldRequests(t *testing.T) { //nolint:gocognit // one table over pairs of schemes
	t.Parallel()
	rules := signtest.AllRules(t)
	const key = "a secret of both"
	old, tried := signtest.Clock().Add(-30*24*time.Hour), 0
	for _, timed := range rules {
		s := timed.Scheme()
		if s.Timestamp == nil || s.Content == "{body}" || s.Algorithm != scheme.HMACSHA256 || s.Key.Encoding != "utf8" || s.Signature.JSON != "" {
			continue
		}
		k, err := timed.SigningKey(key)
		if err != nil {
			t.Fatal(err)
		}
		content := contentOf(t, timed, signedBody(t, timed, k, signtest.PlainBody, old), old)
		for _, plain := range rules {
			p := plain.Scheme()
			if p.Content != "{body}" || p.Algorithm != scheme.HMACSHA256 || p.Key.Encoding != "utf8" || p.Name == s.Name {
				continue
			}
			k, err := plain.SigningKey(key)
			if err != nil {
				t.Fatal(err)
			}
			m := signedBody(t, plain, k, content, signtest.Clock()) // with a fresh time in its header, where that is not signed
			if got := picked(rules, m, OpenKey{Text: key}); got.Verdict.OK {
				t.Errorf("of %s as %s: %+v", s.Name, p.Name, got.Verdict)
			}
			if got, ok := workedOut(t, rules, m, []OpenKey{{Text: key}}...); ok && got.Verdict.OK {
				t.Errorf("of %s as %s, worked out: %+v", s.Name, p.Name, got.Verdict)
			}
			tried++
		}
	}
	if tried < 300 {
		t.Errorf("only %d pairs were tried", tried)
	}
}

// contentOf is what a scheme signed.
func contentOf(tb testing.TB, r *sign.Rules, m *sign.Message, at time.Time) string {
	tb.Helper()
	s := r.Scheme()
	v := r.Verify(m, nil, sign.VerifyOptions{Now: at})
	ts := ""
	for _, h := range s.Timestamp.Header {
		ts = scheme.HeaderValue(m.Header, scheme.CanonicalHeader(h))
	}
	if ts == "" {
		ts = strings.TrimPrefix(strings.TrimPrefix(strings.FieldsFunc(m.Header[scheme.CanonicalHeader(s.Signature.Header[0])][0], func(c rune) bool { return c == ',' || c == ';' })[0], "ts="), "t=")
	}
	in, out := sign.Values{Body: m.Body, Header: m.Header, Params: m.Params, Method: m.Method, ID: v.ID, Time: ts, URL: m.URL}, ""
	for _, p := range r.Contents(m, &in) {
		if p.Kind == scheme.PieceBody {
			out += string(m.Body)
		} else {
			out += in.Text(&p)
		}
	}
	return out
}

// TestAutoOldByOtherParts moves an old time to where a scheme without one signs something else.
func TestAutoOldByOtherParts(t *testing.T) {
	t.Parallel()
	rules := signtest.AllRules(t)
	const key = "a secret of both"
	old := fmt.Sprint(signtest.Clock().Add(-30 * 24 * time.Hour).Unix())
	mac := func(content string) string { return macHex(key, content) }
	linear := `{"action":"create","webhookTimestamp":` + old + `000}`
	long := "https://a.example/" + strings.Repeat("p", 300)
	asBody := func(signed string) *sign.Message {
		return &sign.Message{Header: map[string][]string{"X-Hub-Signature-256": {"sha256=" + mac(signed)}}, Body: []byte(signed)}
	}
	glued := func(id string) *sign.Message {
		return &sign.Message{Header: map[string][]string{"X-Foo-Id": {id}, "X-Foo-Signature": {mac(id + signtest.PlainBody)}}, Body: []byte(signtest.PlainBody)}
	}
	for what, m := range map[string]*sign.Message{
		"as an id":               {Header: map[string][]string{"X-Foo-Id": {old}, "X-Foo-Signature": {mac(old + "." + signtest.PlainBody)}}, Body: []byte(signtest.PlainBody)},
		"at the end":             {Header: map[string][]string{"X-Foo-Signature": {mac(signtest.PlainBody + "." + old)}}, Body: []byte(signtest.PlainBody + "." + old)},
		"in the URL":             {URL: "https://a.example/in." + old, Header: map[string][]string{"X-Foo-Signature": {mac("https://a.example/in." + old + "." + signtest.PlainBody)}}, Body: []byte(signtest.PlainBody)},
		"beside the signature":   {Header: map[string][]string{"X-Hub-Signature-256": {"sha256=" + mac(signtest.PlainBody)}, "X-Timestamp": {old}}, Body: []byte(signtest.PlainBody)},
		"in Stripe's header":     {Header: map[string][]string{"X-Hub-Signature-256": {"sha256=" + mac(signtest.PlainBody)}, "Stripe-Signature": {"t=" + old + ",v1=" + mac("x")}}, Body: []byte(signtest.PlainBody)},
		"of Linear":              {Header: map[string][]string{"X-Hub-Signature-256": {"sha256=" + mac(linear)}}, Body: []byte(linear)},
		"of Linear, worked out":  {Header: map[string][]string{"X-Foo-Signature": {mac(linear)}}, Body: []byte(linear)},
		"with an unsigned one":   {Header: map[string][]string{"X-Foo-Signature": {mac(signtest.PlainBody)}, "X-Foo-Time": {old}}, Body: []byte(signtest.PlainBody)},
		"unsigned and fresh":     {Header: map[string][]string{"X-Webhook-Signature": {mac(old + "." + signtest.PlainBody)}, "X-Webhook-Timestamp": {fmt.Sprint(signtest.Clock().Unix())}}, Body: []byte(old + "." + signtest.PlainBody)},
		"milliseconds as Stripe": {Header: map[string][]string{"Stripe-Signature": {"t=" + old + "000,v1=" + mac(old+"000."+signtest.PlainBody)}}, Body: []byte(signtest.PlainBody)},
		"in a form":              {Header: map[string][]string{"X-Hub-Signature-256": {"sha256=" + mac(old+".payload=%7B%7D")}, "Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte(old + ".payload=%7B%7D")},
		"behind Slack's version": {Header: map[string][]string{"X-Hub-Signature-256": {"sha256=" + mac("v0:"+old+":a=b")}}, Body: []byte("v0:" + old + ":a=b")},
		"behind an id":           glued("abc" + old),
		"behind an id, as body":  asBody("abc" + old + signtest.PlainBody),
		"behind a long URL":      asBody(long + "," + old + "," + signtest.PlainBody),
		"glued to a long URL":    asBody(long + old + signtest.PlainBody),
		"before a long URL":      asBody(signtest.PlainBody + "," + old + "," + long),
		"in a shadowed header":   {Header: map[string][]string{"X_Foo_Signature": {mac(signtest.PlainBody)}}, Body: []byte(signtest.PlainBody)},
	} {
		m.Method = "POST"
		keys := []OpenKey{{Text: key}}
		if got := picked(rules, m, keys...); got.Verdict.OK {
			t.Errorf("%s: %s %+v", what, got.Rules.Scheme().Name, got.Verdict)
		}
		if got, ok := workedOut(t, rules, m, keys...); ok && got.Verdict.OK {
			t.Errorf("%s, worked out as %s: %+v", what, got.Rules.Scheme().Content, got.Verdict)
		}
	}
}

// TestAutoFieldsBehindABracket: a form that begins as JSON does is not taken for JSON, which Plivo leaves out, with a signature of a
// request without fields.
func TestAutoFieldsBehindABracket(t *testing.T) {
	t.Parallel()
	r := signtest.Rules(t, "plivo")
	text, _ := signtest.KeyPair(t, r.Scheme())
	key, err := r.SigningKey(text)
	if err != nil {
		t.Fatal(err)
	}
	m := signedBody(t, r, key, "", signtest.Clock())
	m.Header["Content-Type"] = []string{"application/x-www-form-urlencoded"}
	if got := picked([]*sign.Rules{r}, m, OpenKey{Text: text, Scheme: "plivo"}); !got.Verdict.OK {
		t.Fatalf("as it was signed: %+v, %+v", got.Verdict, got.first)
	}
	m.Body = []byte("[=1&Digits=9")
	if got := picked([]*sign.Rules{r}, m, OpenKey{Text: text, Scheme: "plivo"}); got.Verdict.OK {
		t.Errorf("%+v", got.Verdict)
	}
}
