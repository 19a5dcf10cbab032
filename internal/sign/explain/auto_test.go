package explain_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/sign/scheme"
)

func allRules(tb testing.TB) []*sign.Rules {
	tb.Helper()
	out := make([]*sign.Rules, 0, 100)
	for _, name := range scheme.BuiltinNames() {
		out = append(out, builtin(tb, name))
	}
	return out
}

func shared(r *sign.Rules) bool {
	return r.Scheme().Algorithm != scheme.Ed25519 && r.Scheme().Algorithm != scheme.ECDSAP256
}

// counts says whether a scheme can be said to be valid when it is found by itself: tokens and what leaves the body out cannot.
func counts(r *sign.Rules) bool {
	body := coversBody(r.Scheme())
	return body && r.Scheme().Algorithm != scheme.Token
}

func auto(rules []*sign.Rules, m *sign.Message, keys ...explain.AutoKey) explain.AutoResult {
	return explain.Auto(m, rules, keys, sign.VerifyOptions{Now: clock()})
}

// publicTexts are public and private keys in the forms in which people have them.
func publicTexts(tb testing.TB) map[string]string {
	tb.Helper()
	must := func(b []byte, err error) []byte {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return b
	}
	edPub, edPriv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	ec384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	rs, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		tb.Fatal(err)
	}
	cert := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "hooks"}, NotAfter: time.Now().Add(time.Hour)}
	der := map[string][]byte{
		"ed25519 SPKI": must(x509.MarshalPKIXPublicKey(edPub)), "P-256 SPKI": must(x509.MarshalPKIXPublicKey(&ec.PublicKey)),
		"RSA SPKI": must(x509.MarshalPKIXPublicKey(&rs.PublicKey)), "RSA PKCS 1": x509.MarshalPKCS1PublicKey(&rs.PublicKey),
		"P-256 PKCS 8": must(x509.MarshalPKCS8PrivateKey(ec)), "P-256 SEC 1": must(x509.MarshalECPrivateKey(ec)), "P-384 SPKI": must(x509.MarshalPKIXPublicKey(&ec384.PublicKey)),
		"certificate": must(x509.CreateCertificate(rand.Reader, cert, cert, &rs.PublicKey, rs)),
		// of a curve that Go does not know: secp256k1
		"secp256k1 SPKI": append(must(hex.DecodeString("3056301006072a8648ce3d020106052b8104000a03420004")), make([]byte, 64)...),
	}
	out := map[string]string{}
	for name, b := range der {
		text := string(pem.EncodeToMemory(&pem.Block{Type: strings.ToUpper(strings.Fields(name)[0]), Bytes: b}))
		std := base64.StdEncoding.EncodeToString(b)
		out[name+", PEM"] = text
		out[name+", PEM in one line"] = strings.ReplaceAll(text, "\n", `\n`)
		out[name+", PEM in base64"] = base64.StdEncoding.EncodeToString([]byte(text))
		out[name+", base64"] = std
		out[name+", base64 in lines"] = std[:20] + "\n" + std[20:] + "\n"
		out[name+", base64url"] = base64.RawURLEncoding.EncodeToString(b)
		out[name+", hex"] = hex.EncodeToString(b)
		out[name+", HEX with colons"] = strings.ToUpper(strings.TrimSuffix(strings.Join(strings.SplitAfter(fmt.Sprintf("% x", b), " "), ""), " "))
		out[name+", bytes"] = string(b)
		out[name+", quoted"] = `"` + std + `"`
		out[name+", env line"] = "WEBHOOK_KEY=" + std
	}
	sshWire := append([]byte("\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"), edPub...)
	out["ssh public"] = "ssh-ed25519 " + base64.StdEncoding.EncodeToString(sshWire) + " me@host"
	out["ssh bare"] = base64.StdEncoding.EncodeToString(sshWire)
	out["ssh known host"] = "git.example.com ssh-ed25519 " + base64.StdEncoding.EncodeToString(sshWire)
	out["ssh private"] = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU=\n-----END OPENSSH PRIVATE KEY-----\n"
	mini := base64.StdEncoding.EncodeToString(append([]byte("Ed12345678"), edPub...))
	out["minisign"] = "untrusted comment: minisign public key 1\n" + mini + "\n"
	out["minisign bare"] = mini
	out["PGP"] = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEZ\n-----END PGP PUBLIC KEY BLOCK-----"
	out["JWK"] = `{"kty":"OKP","crv":"Ed25519","x":"` + base64.RawURLEncoding.EncodeToString(edPub) + `"}`
	out["JWK, symmetric"] = `{"k":"c2VjcmV0LXNlY3JldC1zZWNyZXQ","kty":"oct"}`
	out["JWK set"] = `{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}`
	out["JWK in base64"] = base64.StdEncoding.EncodeToString([]byte(out["JWK"]))
	out["whpk_"] = "whpk_" + base64.StdEncoding.EncodeToString(edPub)
	out["whsk_"] = "whsk_" + base64.StdEncoding.EncodeToString(edPriv)
	out["P-256 point"] = base64.RawURLEncoding.EncodeToString(elliptic.Marshal(elliptic.P256(), ec.X, ec.Y)) //nolint:staticcheck // how browsers write one
	out["ed25519 private"] = hex.EncodeToString(edPriv)
	return out
}

// TestPublicIsNoSecret: what is a public or private key is no key of any scheme with a shared secret, in whatever form it is written.
func TestPublicIsNoSecret(t *testing.T) {
	t.Parallel()
	rules := allRules(t)
	pairs := 0
	for what, text := range publicTexts(t) {
		for _, r := range rules {
			if !shared(r) {
				continue
			}
			_, verifying := r.Key(text)
			_, signing := r.SigningKey(text)
			for _, err := range []error{verifying, signing} {
				if pairs++; err == nil {
					t.Errorf("%s is a key of %s", what, r.Scheme().Name)
				} else if len(text) > 20 && strings.Contains(err.Error(), text) {
					t.Errorf("%s stands in %q", what, err)
				}
			}
		}
	}
	if pairs < 15_000 {
		t.Errorf("only %d pairs were tried", pairs)
	}
}

// TestSecretsStay: secrets as providers hand them out are keys as before.
func TestSecretsStay(t *testing.T) {
	t.Parallel()
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		hex.EncodeToString(raw), base64.StdEncoding.EncodeToString(raw), "whsec_" + base64.StdEncoding.EncodeToString(raw), "It's a Secret to Everybody",
		"0", "key", "shpss_" + hex.EncodeToString(raw[:16]), "whk_" + hex.EncodeToString(raw), `{"a":1}`, "ssh-my-own-secret", "a=b", string(raw), strings.Repeat("x", 5000), "Zoë – key",
	} {
		for _, name := range []string{"github", "stripe", "slack", "baanx", "shopify"} {
			if _, err := builtin(t, name).Key(text); err != nil {
				t.Errorf("%.40q is no key of %s: %v", text, name, err)
			}
		}
	}
}

// refusesNUL holds for the form that a scheme reads its keys in; in another the text is another key.
func refusesNUL(t *testing.T, r *sign.Rules, form, text string) {
	t.Helper()
	read := map[string]string{"utf8": "bytes", "base64": "base64", "hex": "hex"}[r.Scheme().Key.Encoding]
	if _, err := r.Key(r.Scheme().Key.Prefix + text); err == nil && (read == "" || read == form) {
		t.Errorf("NUL bytes in %s are a key of %s", form, r.Scheme().Name)
	}
}

// TestNothingIsNoKey: bytes that HMAC takes for none, and points for which anybody can sign, are refused.
func TestNothingIsNoKey(t *testing.T) {
	t.Parallel()
	rules := allRules(t)
	for _, r := range rules {
		for _, n := range []int{1, 16, 24, 32, 64, 100} {
			zero := make([]byte, n)
			for form, text := range map[string]string{"bytes": string(zero), "base64": base64.StdEncoding.EncodeToString(zero), "hex": hex.EncodeToString(zero)} {
				refusesNUL(t, r, form, text)
			}
		}
	}
	for _, weak := range []string{
		"0100000000000000000000000000000000000000000000000000000000000000", "0100000000000000000000000000000000000000000000000000000000000080",
		"0000000000000000000000000000000000000000000000000000000000000080", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	} {
		b, err := hex.DecodeString(weak)
		if err != nil {
			t.Fatal(err)
		}
		std := base64.StdEncoding.EncodeToString(b)
		for name, text := range map[string]string{"discord": weak, "telnyx": std, "standard-webhooks.ed25519": "whpk_" + std} {
			if _, err := builtin(t, name).Key(text); err == nil {
				t.Errorf("%s takes the weak point %s", name, weak)
			}
		}
	}
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
			if got := auto(rules, m, explain.AutoKey{Text: text}); got.Verdict.OK || got.Rules != nil && got.Finding == nil {
				t.Errorf("%s, signed as %s: %+v, finding %v", form, name, got.Verdict, got.Finding)
			}
			if got, _, ok := explain.AutoInfer(t.Context(), m, rules, []explain.AutoKey{{Text: text}}, sign.VerifyOptions{Now: clock()}); ok && got.Verdict.OK {
				t.Errorf("%s, signed as %s, worked out: %+v", form, name, got.Verdict)
			}
			m = signedWith(t, r, key)
			if got := auto(rules, m, explain.AutoKey{Text: text, Scheme: name}); got.Verdict.OK != counts(r) && r.Scheme().Signature.JSON == "" && !strings.Contains(r.Scheme().Content, "{form}") {
				t.Errorf("%s, bound to %s: %+v", form, name, got.Verdict)
			}
			other := "baanx"
			if name == other {
				other = "discord"
			}
			if got := auto(rules, m, explain.AutoKey{Text: text, Scheme: other}); got.Verdict.OK {
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
		_, text := keyPair(t, r.Scheme()) // of 24 bytes
		key, err := r.SigningKey(text)
		if err != nil {
			t.Fatal(err)
		}
		s := r.Scheme()
		got := auto(rules, signedWith(t, r, key), explain.AutoKey{Text: "another key"}, explain.AutoKey{Text: text})
		want := counts(r) && s.Algorithm != scheme.SHA256 && s.Signature.JSON == "" && !strings.Contains(s.Content, "{form}")
		if got.Verdict.OK != want || got.Verdict.OK && got.Verdict.KeyIndex != 1 {
			t.Errorf("%s: %+v, finding %+v", s.Name, got.Verdict, got.Finding)
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
			if got := auto(rules, m, explain.AutoKey{Text: key}); got.Verdict.OK {
				t.Errorf("of %s as %s: %+v", s.Name, p.Name, got.Verdict)
			}
			if got, _, ok := explain.AutoInfer(t.Context(), m, rules, []explain.AutoKey{{Text: key}}, sign.VerifyOptions{Now: clock()}); ok && got.Verdict.OK {
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
		keys := []explain.AutoKey{{Text: key}}
		if got := auto(rules, m, keys...); got.Verdict.OK {
			t.Errorf("%s: %s %+v", what, got.Rules.Scheme().Name, got.Verdict)
		}
		if got, s, ok := explain.AutoInfer(t.Context(), m, rules, keys, sign.VerifyOptions{Now: clock()}); ok && got.Verdict.OK {
			t.Errorf("%s, worked out as %s: %+v", what, s.Content, got.Verdict)
		}
	}
}
