package judge

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

const (
	plainBody   = `{"event_id":"evt_1","type":"card.activated","note":"Zoë – 10 €","n":1.50}`
	mailgunBody = `{"signature":{"timestamp":"1700000000","token":"0123456789abcdef","signature":"SIG"},"event-data":{"event":"delivered","id":"e1"}}`
	formBody    = "To=%2B15550001&From=%2B15550002&Body=two+words"
)

func clock() time.Time { return time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC) }

func allRules(tb testing.TB) []*sign.Rules {
	tb.Helper()
	out := make([]*sign.Rules, 0, 100)
	for _, name := range scheme.BuiltinNames() {
		s, err := scheme.Builtin(name)
		if err != nil {
			tb.Fatal(err)
		}
		r, err := sign.Compile(s)
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

func shared(r *sign.Rules) bool {
	return r.Scheme().Algorithm != scheme.Ed25519 && r.Scheme().Algorithm != scheme.ECDSAP256
}

// counts says whether a scheme can be said to be valid when it is found by itself: tokens and what leaves the body out cannot.
func counts(r *sign.Rules) bool {
	s := r.Scheme()
	body := strings.Contains(s.Content, "{body}") || strings.Contains(s.Content, "{form}") || s.BodyHash != nil
	return body && s.Algorithm != scheme.Token
}

func picked(rules []*sign.Rules, m *sign.Message, keys ...OpenKey) Judgement {
	return (&auto{rules: rules, keys: keys}).pick(m, sign.VerifyOptions{Now: clock()})
}

func workedOut(t *testing.T, rules []*sign.Rules, m *sign.Message, keys ...OpenKey) (Judgement, bool) {
	t.Helper()
	return (&auto{rules: rules, keys: keys}).workOut(t.Context(), m, sign.VerifyOptions{Now: clock()})
}

// newKey is a fresh shared secret in the text form of a scheme.
func newKey(tb testing.TB, s *scheme.Scheme) string {
	tb.Helper()
	raw := make([]byte, 24)
	if _, err := rand.Read(raw); err != nil {
		tb.Fatal(err)
	}
	if s.Key.Encoding == "base64" {
		return s.Key.Prefix + base64.StdEncoding.EncodeToString(raw)
	}
	return s.Key.Prefix + hex.EncodeToString(raw)
}

func request(r *sign.Rules) sign.SignRequest {
	body := plainBody
	switch {
	case r.Scheme().Signature.JSON != "":
		body = mailgunBody
	case strings.Contains(r.Scheme().Content, "{form}"):
		body = formBody
	}
	return sign.SignRequest{
		Time: clock(), ID: "msg_1", Method: "POST", URL: "https://hooks.example.test/in?x=1", Body: strings.NewReader(body),
		Params: map[string]string{"key": "app-key-1"},
	}
}

func canonicalName(name string) string { return textproto.CanonicalMIMEHeaderKey(name) }

func macHex(key, text string) string {
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte(text))
	return hex.EncodeToString(m.Sum(nil))
}

func first(h map[string][]string, names ...string) string {
	for _, n := range names {
		if len(h[n]) > 0 {
			return h[n][0]
		}
	}
	return ""
}

// TestAutoKinds: under auto a bare key of 32 bytes makes nothing valid, whatever it signed and however it is written; bound to
// its scheme it does, and bound to another it does not.
func TestAutoKinds(t *testing.T) { //nolint:gocognit // one table over all schemes
	t.Parallel()
	rules := allRules(t)
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
	q := request(r)
	var body bytes.Buffer
	_, _ = body.ReadFrom(q.Body)
	return signedBody(tb, r, key, body.Bytes(), clock())
}

func signedBody(tb testing.TB, r *sign.Rules, key sign.Key, body []byte, at time.Time) *sign.Message {
	tb.Helper()
	q := request(r)
	q.Body, q.Time = bytes.NewReader(body), at
	signed, err := r.Sign(q, []sign.Key{key})
	if err != nil {
		tb.Fatalf("%s: %v", r.Scheme().Name, err)
	}
	m := &sign.Message{Method: q.Method, URL: q.URL, Header: map[string][]string{}, Body: body, Params: q.Params}
	if signed.URL != "" {
		m.URL = signed.URL
	}
	for _, f := range signed.Fields {
		m.Header[canonicalName(f.Name)] = []string{f.Value}
	}
	return m
}

// TestAutoOwnKind: a secret that can be nothing else verifies what it signed, under every scheme that counts.
func TestAutoOwnKind(t *testing.T) {
	t.Parallel()
	rules := allRules(t)
	valid := 0
	for _, r := range rules {
		if !shared(r) {
			continue
		}
		text := newKey(t, r.Scheme()) // of 24 bytes
		key, err := r.SigningKey(text)
		if err != nil {
			t.Fatal(err)
		}
		s := r.Scheme()
		got := picked(rules, signedWith(t, r, key), OpenKey{Text: "another key"}, OpenKey{Text: text})
		want := counts(r) && s.Algorithm != scheme.SHA256 && s.Signature.JSON == "" && !strings.Contains(s.Content, "{form}")
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
	rules := allRules(t)
	const key = "a secret of both"
	old, tried := clock().Add(-30*24*time.Hour), 0
	for _, timed := range rules {
		s := timed.Scheme()
		if s.Timestamp == nil || s.Content == "{body}" || s.Algorithm != scheme.HMACSHA256 || s.Key.Encoding != "utf8" || s.Signature.JSON != "" {
			continue
		}
		k, err := timed.SigningKey(key)
		if err != nil {
			t.Fatal(err)
		}
		content := contentOf(t, timed, signedBody(t, timed, k, []byte(plainBody), old), old)
		for _, plain := range rules {
			p := plain.Scheme()
			if p.Content != "{body}" || p.Algorithm != scheme.HMACSHA256 || p.Key.Encoding != "utf8" || p.Name == s.Name {
				continue
			}
			k, err := plain.SigningKey(key)
			if err != nil {
				t.Fatal(err)
			}
			m := signedBody(t, plain, k, []byte(content), clock()) // with a fresh time in its header, where that is not signed
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
		ts = first(m.Header, canonicalName(h))
	}
	if ts == "" {
		ts = strings.TrimPrefix(strings.TrimPrefix(strings.FieldsFunc(m.Header[canonicalName(s.Signature.Header[0])][0], func(c rune) bool { return c == ',' || c == ';' })[0], "ts="), "t=")
	}
	out := strings.NewReplacer("{timestamp}", ts, "{id}", v.ID, "{body}", string(m.Body), "{method}", m.Method, "{url}", m.URL).Replace(s.Content)
	for _, h := range s.Timestamp.Header {
		out = strings.ReplaceAll(out, "{header:"+h+"}", ts)
	}
	if strings.Contains(out, "{header:") {
		tb.Fatalf("%s: %s", s.Name, out)
	}
	return out
}

// TestAutoOldByOtherParts moves an old time to where a scheme without one signs something else.
func TestAutoOldByOtherParts(t *testing.T) {
	t.Parallel()
	rules := allRules(t)
	const key = "a secret of both"
	old := fmt.Sprint(clock().Add(-30 * 24 * time.Hour).Unix())
	mac := func(content string) string { return macHex(key, content) }
	linear := `{"action":"create","webhookTimestamp":` + old + `000}`
	for what, m := range map[string]*sign.Message{
		"as an id":               {Header: map[string][]string{"X-Foo-Id": {old}, "X-Foo-Signature": {mac(old + "." + plainBody)}}, Body: []byte(plainBody)},
		"at the end":             {Header: map[string][]string{"X-Foo-Signature": {mac(plainBody + "." + old)}}, Body: []byte(plainBody + "." + old)},
		"in the URL":             {URL: "https://a.example/in." + old, Header: map[string][]string{"X-Foo-Signature": {mac("https://a.example/in." + old + "." + plainBody)}}, Body: []byte(plainBody)},
		"beside the signature":   {Header: map[string][]string{"X-Hub-Signature-256": {"sha256=" + mac(plainBody)}, "X-Timestamp": {old}}, Body: []byte(plainBody)},
		"in Stripe's header":     {Header: map[string][]string{"X-Hub-Signature-256": {"sha256=" + mac(plainBody)}, "Stripe-Signature": {"t=" + old + ",v1=" + mac("x")}}, Body: []byte(plainBody)},
		"of Linear":              {Header: map[string][]string{"X-Hub-Signature-256": {"sha256=" + mac(linear)}}, Body: []byte(linear)},
		"of Linear, worked out":  {Header: map[string][]string{"X-Foo-Signature": {mac(linear)}}, Body: []byte(linear)},
		"with an unsigned one":   {Header: map[string][]string{"X-Foo-Signature": {mac(plainBody)}, "X-Foo-Time": {old}}, Body: []byte(plainBody)},
		"unsigned and fresh":     {Header: map[string][]string{"X-Webhook-Signature": {mac(old + "." + plainBody)}, "X-Webhook-Timestamp": {fmt.Sprint(clock().Unix())}}, Body: []byte(old + "." + plainBody)},
		"milliseconds as Stripe": {Header: map[string][]string{"Stripe-Signature": {"t=" + old + "000,v1=" + mac(old+"000."+plainBody)}}, Body: []byte(plainBody)},
		"in a form":              {Header: map[string][]string{"X-Hub-Signature-256": {"sha256=" + mac(old+".payload=%7B%7D")}, "Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte(old + ".payload=%7B%7D")},
		"behind Slack's version": {Header: map[string][]string{"X-Hub-Signature-256": {"sha256=" + mac("v0:"+old+":a=b")}}, Body: []byte("v0:" + old + ":a=b")},
		"in a shadowed header":   {Header: map[string][]string{"X_Foo_Signature": {mac(plainBody)}}, Body: []byte(plainBody)},
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
