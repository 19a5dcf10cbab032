package craft

// Fresh keys in the form that a scheme's provider gives out.

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
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
	switch s.Algorithm {
	case scheme.Ed25519:
		pub, priv, err := ed25519.GenerateKey(rand)
		if err != nil {
			return "", "", err
		}
		return s.Key.Prefix + encodeKey(s.Key.Encoding, pub), encodeKey(s.Key.Encoding, priv.Seed()), nil
	case scheme.ECDSAP256:
		return ecdsaKey(s.Key, rand)
	case scheme.HMACSHA1, scheme.HMACSHA256, scheme.HMACSHA512, scheme.SHA256, scheme.Token:
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
	spki, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return "", "", err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", "", err
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
