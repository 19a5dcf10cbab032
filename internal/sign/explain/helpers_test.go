package explain_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
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

// benchKey is no secret: it stands in the documentation.
const benchKey = "whk_exampleonly0000000000000000000000001"

func clock() time.Time { return time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC) }

// keyPair makes a fresh key in the text form of the scheme: what signs and what verifies.
func keyPair(tb testing.TB, s *scheme.Scheme) (private, public string) {
	tb.Helper()
	switch s.Algorithm {
	case scheme.Ed25519:
		pub, priv, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			tb.Fatal(err)
		}
		return s.Key.SigningPrefix + encodeKey(s, priv), s.Key.Prefix + encodeKey(s, pub)
	case scheme.ECDSAP256:
		priv, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			tb.Fatal(err)
		}
		p8, err := x509.MarshalPKCS8PrivateKey(priv)
		if err != nil {
			tb.Fatal(err)
		}
		spki, err := x509.MarshalPKIXPublicKey(&priv.PublicKey)
		if err != nil {
			tb.Fatal(err)
		}
		return base64.StdEncoding.EncodeToString(p8), base64.StdEncoding.EncodeToString(spki)
	default:
		raw := make([]byte, 24)
		if _, err := rand.Read(raw); err != nil {
			tb.Fatal(err)
		}
		text := s.Key.Prefix + encodeKey(s, raw)
		return text, text
	}
}

func encodeKey(s *scheme.Scheme, raw []byte) string {
	if s.Key.Encoding == "base64" {
		return base64.StdEncoding.EncodeToString(raw)
	}
	return hex.EncodeToString(raw)
}

// signedCase is a message that was signed by one built-in scheme.
type signedCase struct {
	rules  *sign.Rules
	keys   []sign.Key
	text   string // of the first verifying key
	signed sign.Signed
	msg    sign.Message
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

// makeCase signs a message with n fresh keys.
func makeCase(tb testing.TB, name string, n int) signedCase {
	tb.Helper()
	return makeCaseOf(tb, builtin(tb, name), n)
}

func makeCaseOf(tb testing.TB, r *sign.Rules, n int) signedCase {
	tb.Helper()
	c := signedCase{rules: r}
	var signers []sign.Key
	for i := range n {
		private, public := keyPair(tb, r.Scheme())
		k, err := r.SigningKey(private)
		if err != nil {
			tb.Fatal(err)
		}
		signers = append(signers, k)
		c.keys = append(c.keys, mustKeys(tb, r, public)...)
		if i == 0 {
			c.text = public
		}
	}
	q := request(r)
	var body bytes.Buffer
	if _, err := body.ReadFrom(q.Body); err != nil {
		tb.Fatal(err)
	}
	q.Body = bytes.NewReader(body.Bytes())
	signed, err := r.Sign(q, signers)
	if err != nil {
		tb.Fatalf("%s: %v", r.Scheme().Name, err)
	}
	c.signed = signed
	c.msg = sign.Message{Method: q.Method, URL: q.URL, Header: map[string][]string{}, Body: body.Bytes(), Params: q.Params}
	if signed.URL != "" {
		c.msg.URL = signed.URL
	}
	for _, f := range signed.Fields {
		c.msg.Header[textproto.CanonicalMIMEHeaderKey(f.Name)] = []string{f.Value}
	}
	for _, f := range signed.Body {
		old := `"timestamp":"1700000000"`
		if strings.HasSuffix(f.Name, ".timestamp") {
			c.msg.Body = []byte(strings.Replace(string(c.msg.Body), old, `"timestamp":"`+f.Value+`"`, 1))
		} else {
			c.msg.Body = []byte(strings.Replace(string(c.msg.Body), `"SIG"`, `"`+f.Value+`"`, 1))
		}
	}
	return c
}

// with copies the message and lets change alter the copy.
func (c *signedCase) with(change func(m *sign.Message)) *sign.Message {
	m := c.msg
	m.Header = map[string][]string{}
	for k, v := range c.msg.Header {
		m.Header[k] = append([]string(nil), v...)
	}
	m.Body = append([]byte(nil), c.msg.Body...)
	change(&m)
	return &m
}

func builtin(tb testing.TB, name string) *sign.Rules {
	tb.Helper()
	s, err := scheme.Builtin(name)
	if err != nil {
		tb.Fatal(err)
	}
	r, err := sign.Compile(s)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func first(h map[string][]string, names ...string) string {
	for _, n := range names {
		if len(h[n]) > 0 {
			return h[n][0]
		}
	}
	return ""
}

func mustKeys(tb testing.TB, r *sign.Rules, texts ...string) []sign.Key {
	tb.Helper()
	keys := make([]sign.Key, len(texts))
	for i, text := range texts {
		k, err := r.Key(text)
		if err != nil {
			tb.Fatal(err)
		}
		keys[i] = k
	}
	return keys
}

// secretsOf lists what must not be seen: the key, and what the signature is in any encoding.
func secretsOf(c *signedCase) []string {
	out := []string{c.text}
	sig := c.signed.Signature
	s := c.rules.Scheme()
	for _, item := range strings.FieldsFunc(sig, func(r rune) bool { return r == ',' || r == ' ' || r == ';' }) {
		item = item[strings.LastIndexByte(strings.TrimRight(item, "="), '=')+1:]
		raw, err := hex.DecodeString(item)
		if strings.HasPrefix(s.Signature.Encoding, "base64") {
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

// noSecret also finds a good part of a secret.
func noSecret(t *testing.T, what, text string, secrets []string) {
	t.Helper()
	for _, s := range secrets {
		for i := 0; i+12 <= len(s); i += 4 {
			if strings.Contains(text, s[i:i+12]) {
				t.Fatalf("%s: discloses %q in %q", what, s[i:i+12], text)
			}
		}
	}
}

// coversBody says whether a scheme's signature protects the body.
func coversBody(s *scheme.Scheme) bool {
	return strings.Contains(s.Content, "{body}") || strings.Contains(s.Content, "{form}") || s.BodyHash != nil
}
