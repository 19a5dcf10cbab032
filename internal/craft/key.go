package craft

// Fresh keys in the form that a scheme's provider gives out.

import (
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"io"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

const (
	textPrefix = "whk_" // as Baanx's keys have
	textLength = 64
	secretSize = 32 // bytes of a key that is not text
)

// NewKey makes a fresh key that signs. Errors are internal faults, or a *sign.KeyError.
func NewKey(rules *sign.Rules, rand io.Reader) (sign.Key, error) {
	public, private, err := NewKeyText(rules.Scheme(), rand)
	if err != nil {
		return sign.Key{}, fault.Wrap(fault.Internal, err, "cannot make a key")
	}
	return rules.SigningKey(cmp.Or(private, public))
}

// NewKeyText makes the text of a fresh key. public verifies. private signs; it is "" when public signs too. The error is that
// of rand.
func NewKeyText(s *scheme.Scheme, rand io.Reader) (public, private string, err error) {
	switch s.KeyAlgorithm() {
	case scheme.Ed25519:
		pub, priv, err := ed25519.GenerateKey(rand)
		if err != nil {
			return "", "", err
		}
		if s.Key.Encoding == scheme.PEM {
			return keyPair(s.Key, pub, priv)
		}
		return s.Key.Prefix + encodeKey(s.Key.Encoding, pub), encodeKey(s.Key.Encoding, priv.Seed()), nil
	case scheme.ECDSAP256:
		return ecdsaKey(s.Key, rand)
	case scheme.RSASHA1, scheme.RSASHA256, scheme.RSASHA512:
		return rsaKey(s.Key, rand)
	default:
	}
	if s.Key.Encoding == "" || s.Key.Encoding == "utf8" {
		text, err := randomText(rand, textLength)
		return textPrefix + text, "", err
	}
	secret := make([]byte, secretSize)
	if _, err := io.ReadFull(rand, secret); err != nil {
		return "", "", err
	}
	return s.Key.Prefix + encodeKey(s.Key.Encoding, secret), "", nil
}

func ecdsaKey(spec scheme.KeySpec, rand io.Reader) (public, private string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand)
	if err != nil {
		return "", "", err
	}
	return keyPair(spec, &key.PublicKey, key)
}

func rsaKey(spec scheme.KeySpec, rand io.Reader) (public, private string, err error) {
	const bits = 2048
	key, err := rsa.GenerateKey(rand, bits)
	if err != nil {
		return "", "", err
	}
	return keyPair(spec, &key.PublicKey, key)
}

// keyPair writes both halves as SPKI and PKCS 8: PEM where the scheme has PEM, and base64 elsewhere.
func keyPair(spec scheme.KeySpec, pub crypto.PublicKey, priv crypto.PrivateKey) (public, private string, err error) {
	spki, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return "", "", err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(priv)
	if err != nil {
		return "", "", err
	}
	if spec.Encoding == scheme.PEM {
		text := func(kind string, der []byte) string {
			return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
		}
		return text("PUBLIC KEY", spki), text("PRIVATE KEY", pkcs8), nil
	}
	return spec.Prefix + base64.StdEncoding.EncodeToString(spki), base64.StdEncoding.EncodeToString(pkcs8), nil
}

func encodeKey(encoding string, b []byte) string {
	if encoding == "hex" {
		return hex.EncodeToString(b)
	}
	return base64.StdEncoding.EncodeToString(b)
}

// randomText returns n letters and digits, all equally likely.
func randomText(rand io.Reader, n int) (string, error) {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	const fair = 256 - 256%len(letters)
	out := make([]byte, 0, n)
	buf := make([]byte, n)
	for len(out) < n {
		if _, err := io.ReadFull(rand, buf); err != nil {
			return "", err
		}
		for _, b := range buf {
			if int(b) < fair && len(out) < n {
				out = append(out, letters[int(b)%len(letters)])
			}
		}
	}
	return string(out), nil
}
