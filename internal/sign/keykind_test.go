package sign_test

// Which texts are no key.

import (
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
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
)

func allRules(tb testing.TB) []*sign.Rules {
	tb.Helper()
	out := make([]*sign.Rules, 0, 100)
	for _, name := range scheme.BuiltinNames() {
		out = append(out, signtest.Rules(tb, name))
	}
	return out
}

func shared(r *sign.Rules) bool {
	return !r.Public()
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
			if _, err := signtest.Rules(t, name).Key(text); err != nil {
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
			if _, err := signtest.Rules(t, name).Key(text); err == nil {
				t.Errorf("%s takes the weak point %s", name, weak)
			}
		}
	}
}
