package cmdkit

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"io"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/sign"
)

// RandomKey makes a fresh signing key in the form the scheme hands keys out.
func RandomKey(rules *sign.Rules, rand io.Reader) (sign.Key, error) {
	text, err := randomKeyText(rules.Scheme(), rand)
	if err != nil {
		return sign.Key{}, fault.Wrap(fault.Internal, err, "cannot make a key")
	}
	return rules.SigningKey(text)
}

func randomKeyText(s *sign.Scheme, rand io.Reader) (string, error) {
	if s.Algorithm == sign.ECDSAP256 {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand)
		if err != nil {
			return "", err
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		return base64.StdEncoding.EncodeToString(der), err
	}
	raw := make([]byte, 32)
	if _, err := io.ReadFull(rand, raw); err != nil {
		return "", err
	}
	switch s.Key.Encoding {
	case "base64":
		prefix := s.Key.Prefix
		if s.Algorithm == sign.Ed25519 && prefix == "whpk_" {
			prefix = "whsk_" // Standard Webhooks marks public and private keys apart
		}
		return prefix + base64.StdEncoding.EncodeToString(raw), nil
	default:
		return s.Key.Prefix + hex.EncodeToString(raw), nil
	}
}
