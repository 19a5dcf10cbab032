// Package signtest has what the tests of signing share: rules, keys, signed messages, and the look for secrets in what is
// printed. Only tests import it.
package signtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// ExampleKey is no secret: it stands in the documentation.
const ExampleKey = "whk_exampleonly0000000000000000000000001"

// Clock is the present of all messages.
func Clock() time.Time { return time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC) }

// Rules are those of a built-in scheme.
func Rules(tb testing.TB, name string) *sign.Rules {
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

// AllRules are those of every built-in scheme, save the twins that nothing sets apart: another one stands for them.
func AllRules(tb testing.TB) []*sign.Rules {
	tb.Helper()
	names := scheme.BuiltinNames()
	var out []*sign.Rules
	for _, name := range names {
		if r := Rules(tb, name); !r.Scheme().Twin() || len(r.Marks()) > 0 {
			out = append(out, r)
		}
	}
	return out
}

// Keys are keys that verify.
func Keys(tb testing.TB, r *sign.Rules, texts ...string) []sign.Key {
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

// KeyPair makes a fresh key in the text form of the scheme: what signs and what verifies. A shared secret has 24 bytes.
func KeyPair(tb testing.TB, s *scheme.Scheme) (private, public string) {
	tb.Helper()
	switch s.KeyAlgorithm() {
	case scheme.Ed25519:
		pub, priv, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			tb.Fatal(err)
		}
		if s.Key.Encoding == scheme.PEM {
			return pemPair(tb, pub, priv)
		}
		return s.Key.SigningPrefix + encodeKey(s, priv), s.Key.Prefix + encodeKey(s, pub)
	case scheme.ECDSAP256:
		priv, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			tb.Fatal(err)
		}
		if s.Key.Encoding == scheme.PEM {
			return pemPair(tb, &priv.PublicKey, priv)
		}
		p8, spki := derPair(tb, &priv.PublicKey, priv)
		return base64.StdEncoding.EncodeToString(p8), base64.StdEncoding.EncodeToString(spki)
	case scheme.RSASHA1, scheme.RSASHA256, scheme.RSASHA512:
		return rsaPair(tb)
	default:
		raw := make([]byte, 24)
		if _, err := rand.Read(raw); err != nil {
			tb.Fatal(err)
		}
		text := s.Key.Prefix + encodeKey(s, raw)
		return text, text
	}
}

// Ring is for tests that make keys for many messages. Making an RSA key takes longer than most of what is tested with it, so a ring has one,
// and makes all other keys afresh. Tests that run side by side have rings of their own, whose keys differ.
type Ring struct{ private, public string }

// KeyPair makes a key in the text form of the scheme, as the function does, or gives the ring's RSA key.
func (g *Ring) KeyPair(tb testing.TB, s *scheme.Scheme) (private, public string) {
	tb.Helper()
	if !s.KeyAlgorithm().RSA() {
		return KeyPair(tb, s)
	}
	if g.private == "" {
		g.private, g.public = KeyPair(tb, s)
	}
	return g.private, g.public
}

// rsaPair is of 1024 bits, because larger ones take long to make.
func rsaPair(tb testing.TB) (private, public string) {
	tb.Helper()
	priv, err := rsa.GenerateKey(rand.Reader, 1024) //nolint:gosec // it signs nothing but tests
	if err != nil {
		tb.Fatal(err)
	}
	return pemPair(tb, &priv.PublicKey, priv)
}

// derPair are both halves of a key as PKCS 8 and SPKI.
func derPair(tb testing.TB, pub crypto.PublicKey, priv crypto.PrivateKey) (p8, spki []byte) {
	tb.Helper()
	p8, err := x509.MarshalPKCS8PrivateKey(priv)
	if err != nil {
		tb.Fatal(err)
	}
	if spki, err = x509.MarshalPKIXPublicKey(pub); err != nil {
		tb.Fatal(err)
	}
	return p8, spki
}

// pemPair are both halves of a key as PEM.
func pemPair(tb testing.TB, pub crypto.PublicKey, priv crypto.PrivateKey) (private, public string) {
	tb.Helper()
	p8, spki := derPair(tb, pub, priv)
	return pemText("PRIVATE KEY", p8), pemText("PUBLIC KEY", spki)
}

func pemText(kind string, der []byte) string {
	return strings.TrimSpace(string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})))
}

func encodeKey(s *scheme.Scheme, raw []byte) string {
	if s.Key.Encoding == scheme.Base64 {
		return base64.StdEncoding.EncodeToString(raw)
	}
	return hex.EncodeToString(raw)
}
