package judge

// Forged requests that choose their own weak scheme. They know what everybody knows: the catalogue, and the public keys.

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// forger makes requests for a victim whose public key it knows.
type forger struct {
	tb     testing.TB
	rules  []*sign.Rules
	own    *signtest.Ring // the forger's own keys
	known  []string       // forms of the public key that could be a secret
	victim *sign.Rules
}

// request is the victim's request without any signature.
func (f *forger) request() *sign.Message {
	q := signtest.Request(f.victim)
	m := &sign.Message{Method: q.Method, URL: q.URL, Header: maps.Clone(q.Header), Params: q.Params, Body: []byte(signtest.PlainBody)}
	return m
}

// with is a request with more headers.
func with(m *sign.Message, headers map[string]string) *sign.Message {
	out := *m
	out.Header = maps.Clone(m.Header)
	for name, value := range headers {
		out.Header[scheme.CanonicalHeader(name)] = []string{value}
	}
	return &out
}

// publicForms are the forms in which a public key might be taken for a secret.
func publicForms(text string) []string {
	out := []string{text, strings.TrimSpace(text), "", "none"}
	if block, _ := pem.Decode([]byte(text)); block != nil {
		out = append(out, string(block.Bytes), base64.StdEncoding.EncodeToString(block.Bytes))
	} else if raw, err := base64.StdEncoding.DecodeString(text); err == nil {
		out = append(out, string(raw), string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: raw})))
	} else if raw, err := hex.DecodeString(text); err == nil {
		out = append(out, string(raw))
	}
	return out
}

// token makes a token with any header, signed as HS256 with a text, or not at all.
func token(header map[string]any, claims map[string]any, secret *string) string {
	part := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	signed := part(header) + "." + part(claims)
	if secret == nil {
		return signed + "."
	}
	h := hmac.New(sha256.New, []byte(*secret))
	h.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// claimsFor are all claims that any scheme asks for, with the hashes of a message.
func claimsFor(m *sign.Message, r *sign.Rules) map[string]any {
	sum, url := sha256.Sum256(m.Body), sha256.Sum256([]byte(m.URL))
	now := signtest.Clock().Unix()
	out := map[string]any{
		"iat": now, "nbf": now, "exp": now + 60, "jti": "1", "aud": m.Params["audience"], "email": m.Params["email"], "email_verified": true, "url_hash": hex.EncodeToString(url[:]),
	}
	spec := r.Scheme().JWT
	if len(spec.Iss) > 0 {
		out["iss"] = spec.Iss[0]
	}
	if spec.BodyClaim != "" {
		out[spec.BodyClaim] = hex.EncodeToString(sum[:])
	}
	return out
}

// tokens are forged tokens in the headers of every scheme that has one.
func (f *forger) tokens() map[string]*sign.Message {
	out := map[string]*sign.Message{}
	for _, r := range f.rules {
		spec := r.Scheme().JWT
		if spec == nil {
			continue
		}
		m := f.request()
		claims := claimsFor(m, r)
		put := func(what, text string) {
			out[r.Scheme().Name+", "+what] = with(m, map[string]string{spec.Header[0]: spec.Prefix + text})
		}
		for i, none := range []any{"none", "None", "NONE", "", nil} {
			put("alg none "+string(rune('a'+i)), token(map[string]any{"alg": none, "typ": "JWT"}, claims, nil))
		}
		for i, secret := range f.known {
			for _, alg := range []string{"HS256", spec.Alg} {
				put(alg+" with form "+string(rune('a'+i))+" of the public key", token(map[string]any{"alg": alg, "typ": "JWT"}, claims, &secret))
			}
		}
		empty := ""
		for _, from := range []string{"jku", "x5u"} {
			put(from, token(map[string]any{"alg": spec.Alg, from: "https://attacker.test/keys", "kid": "1"}, claims, &empty))
		}
		put("its own key", f.ownKey(r, claims))
		put("crit", token(map[string]any{"alg": spec.Alg, "crit": []string{"b64"}, "b64": false}, claims, &empty))
	}
	return out
}

// ownKey is a token that brings the key that signed it.
func (f *forger) ownKey(r *sign.Rules, claims map[string]any) string {
	f.tb.Helper()
	private, _ := f.own.KeyPair(f.tb, r.Scheme())
	key, err := r.SigningKey(private)
	if err != nil {
		f.tb.Fatal(err)
	}
	q := signtest.Request(r)
	_, signed := signtest.Sign(f.tb, r, q, key)
	_, rest, _ := strings.Cut(strings.TrimPrefix(signed.Signature, r.Scheme().JWT.Prefix), ".")
	head, err := json.Marshal(map[string]any{"alg": r.Scheme().JWT.Alg, "jwk": map[string]string{"kty": "oct", "k": base64.RawURLEncoding.EncodeToString([]byte(private))}, "claims": len(claims)})
	if err != nil {
		f.tb.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(head) + "." + rest
}

// schemes are requests that are rightly signed by every other scheme of the catalogue with what everybody knows as the secret, and with
// a key of the forger's own.
func (f *forger) schemes() map[string]*sign.Message {
	out := map[string]*sign.Message{}
	for _, r := range f.rules {
		if r.Public() {
			private, _ := f.own.KeyPair(f.tb, r.Scheme())
			if key, err := r.SigningKey(private); err == nil {
				out[r.Scheme().Name+", another key"] = with(signedWith(f.tb, r, key), certificates())
			}
			continue
		}
		for i, text := range f.known {
			if m := f.weak(r, text); m != nil {
				out[r.Scheme().Name+", form "+string(rune('a'+i))+" of the public key as the secret"] = m
			}
		}
	}
	return out
}

// weak is a request with a text as the secret or token of a scheme; nil when it cannot be one.
func (f *forger) weak(r *sign.Rules, text string) *sign.Message {
	if r.Scheme().Algorithm == scheme.Token {
		if text == "" || strings.ContainsAny(text, "\r\n\x00") {
			return nil
		}
		return with(f.request(), map[string]string{r.SignatureHeaders()[0]: text})
	}
	key, ok := r.KeyOf([]byte(text))
	if !ok || r.Scheme().Algorithm == scheme.None {
		return nil
	}
	return signedWith(f.tb, r, key)
}

// certificates are the headers in which providers name a certificate, with one of the forger's.
func certificates() map[string]string {
	const own = "https://attacker.test/certificate.pem"
	return map[string]string{
		"PayPal-Cert-Url": own, "PayPal-Auth-Algo": "none", "X-Amz-Sns-Signing-Cert-Url": own, "X-Certificate-Url": own, "Signature-Agent": `"` + own + `"`,
	}
}

// messageSignatures choose another algorithm than that of the key.
func (f *forger) messageSignatures() map[string]*sign.Message {
	out := map[string]*sign.Message{}
	weak := signtest.Rules(f.tb, "rfc9421.hmac-sha256")
	for i, text := range f.known {
		key, ok := weak.KeyOf([]byte(text))
		if !ok {
			continue
		}
		m := signedWith(f.tb, weak, key)
		out["a message signature with form "+string(rune('a'+i))+" of the public key as the secret"] = m
		input := m.Header["Signature-Input"][0]
		for _, alg := range []string{"ed25519", "ecdsa-p256-sha256", "rsa-v1_5-sha256", "none", ""} {
			out["a message signature that says it is "+alg+string(rune('a'+i))] = with(m, map[string]string{"Signature-Input": strings.Replace(input, "hmac-sha256", alg, 1)})
		}
		out["a message signature that says nothing"+string(rune('a'+i))] = with(m, map[string]string{"Signature-Input": strings.Replace(input, `;alg="hmac-sha256"`, "", 1)})
	}
	return out
}

// all are the forged requests, and one that has the headers of all of them.
func (f *forger) all() map[string]*sign.Message {
	out := map[string]*sign.Message{"nothing": f.request()}
	for _, some := range []map[string]*sign.Message{f.tokens(), f.schemes(), f.messageSignatures()} {
		maps.Copy(out, some)
	}
	every := f.request()
	for _, name := range slices.Sorted(maps.Keys(out)) {
		maps.Copy(every.Header, out[name].Header)
	}
	out["everything at once"] = every
	return out
}

// refused looks for a verdict that is valid: with the victim's scheme named, and with auto, whether or not the key is bound to it.
func (f *forger) refused(t *testing.T, what string, m *sign.Message, key sign.Key, text string) {
	t.Helper()
	name := f.victim.Scheme().Name
	if v := f.victim.Verify(m, []sign.Key{key}, sign.VerifyOptions{Now: signtest.Clock()}); v.OK {
		t.Errorf("--scheme %s: %s: %+v", name, what, v)
	}
	for _, bound := range []string{"", name} {
		open := OpenKey{Text: text, Scheme: bound}
		if got := picked(f.rules, m, open); got.Verdict.OK {
			t.Errorf("--scheme auto, a key of %s (bound to %q): %s: valid as %s", name, bound, what, got.Verdict.Scheme)
		}
		if got, ok := workedOut(t, f.rules, m, open); ok && got.Verdict.OK {
			t.Errorf("--scheme auto, a key of %s (bound to %q), worked out: %s: %+v", name, bound, what, got.Verdict)
		}
	}
}

// TestForgedSchemes: no forged request is valid, whatever scheme it chooses for itself, for victims of each kind of public key.
func TestForgedSchemes(t *testing.T) {
	t.Parallel()
	rules, own := signtest.AllRules(t), &signtest.Ring{}
	kinds, forged := map[string]bool{}, 0
	for _, victim := range rules {
		s := victim.Scheme()
		kind := string(s.Algorithm) + " " + string(s.KeyAlgorithm()) + s.Key.Encoding
		if s.MessageSignature != nil {
			kind += " message signature"
		}
		if !victim.Public() || kinds[kind] {
			continue
		}
		kinds[kind] = true
		_, public := signtest.KeyPair(t, s)
		key, err := victim.Key(public)
		if err != nil {
			t.Fatal(err)
		}
		f := &forger{tb: t, rules: rules, own: own, known: publicForms(public), victim: victim}
		for what, m := range f.all() {
			forged++
			f.refused(t, what, m, key, public)
		}
	}
	if len(kinds) < 8 || forged < 3000 {
		t.Errorf("only %d kinds of victims, %d requests", len(kinds), forged)
	}
}

// TestForgedSecrets: the same for victims with a shared secret, which the forger does not know.
func TestForgedSecrets(t *testing.T) {
	t.Parallel()
	rules, own := signtest.AllRules(t), &signtest.Ring{}
	kinds := map[string]bool{}
	for _, victim := range rules {
		s := victim.Scheme()
		kind := string(s.Algorithm) + string(s.KeyAlgorithm())
		if victim.Public() || kinds[kind] || s.Algorithm == scheme.None {
			continue
		}
		kinds[kind] = true
		_, secret := signtest.KeyPair(t, s)
		key, err := victim.Key(secret)
		if err != nil {
			t.Fatal(err)
		}
		f := &forger{tb: t, rules: rules, own: own, known: publicForms(s.Name), victim: victim}
		for what, m := range f.all() {
			f.refused(t, what, m, key, secret)
		}
	}
	if len(kinds) < 5 {
		t.Errorf("only %d kinds of victims", len(kinds))
	}
}
