package sandbox

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"io"
	mathrand "math/rand/v2"
	"net/http"

	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/sign/scheme"
)

const (
	keyPrefix = "whk_"
	keyLength = 64
	secretLen = 32 // bytes of a key that is not text
)

// newKey makes what a receiver verifies with, and what signs when that is another key.
func newKey(s *scheme.Scheme, r io.Reader) (public, private string, err error) {
	switch s.Algorithm {
	case scheme.Ed25519:
		pub, priv, err := ed25519.GenerateKey(r)
		if err != nil {
			return "", "", err
		}
		return s.Key.Prefix + encodeKey(s.Key.Encoding, pub), encodeKey(s.Key.Encoding, priv.Seed()), nil
	case scheme.ECDSAP256:
		return ecdsaKey(s.Key, r)
	case scheme.HMACSHA1, scheme.HMACSHA256, scheme.HMACSHA512, scheme.SHA256, scheme.Token:
	}
	if s.Key.Encoding == "" || s.Key.Encoding == "utf8" {
		text, err := randomText(r, keyLength)
		return keyPrefix + text, "", err
	}
	secret := make([]byte, secretLen)
	if _, err := io.ReadFull(r, secret); err != nil {
		return "", "", err
	}
	return s.Key.Prefix + encodeKey(s.Key.Encoding, secret), "", nil
}

func ecdsaKey(spec scheme.KeySpec, r io.Reader) (public, private string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), r)
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

// randomText gives n letters and digits, each as likely as the others.
func randomText(r io.Reader, n int) (string, error) {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	const fair = 256 - 256%len(letters)
	out := make([]byte, 0, n)
	buf := make([]byte, n)
	for len(out) < n {
		if _, err := io.ReadFull(r, buf); err != nil {
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

// maskedWhole stands for a key that is not the platform's to show.
const maskedWhole = masking.Mask

// UseKey has a webhook signed for with a key that was brought along, until it is rotated. The text is kept in memory, and in
// the data file if there is one; no answer of the API holds any of it.
func (s *Sandbox) UseKey(webhookID, text string) error {
	if _, err := explain.SigningKey(s.o.Rules, text); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.webhook(webhookID)
	if w == nil {
		return refuse(http.StatusNotFound, textNoWebhook)
	}
	w.Key, w.Private, w.Given = text, "", true
	return s.save(saved{Webhook: w})
}

// draws gives the random bytes that belong to one thing under one seed, whatever else was drawn before: goroutines
// race for a shared source, and the order of what goes wrong must not depend on them.
func draws(seed uint64, what string, numbers ...uint64) io.Reader {
	h := sha256.New()
	var b [8]byte
	for _, n := range append([]uint64{seed}, numbers...) {
		binary.BigEndian.PutUint64(b[:], n)
		h.Write(b[:])
	}
	h.Write([]byte(what))
	return mathrand.NewChaCha8([32]byte(h.Sum(nil)))
}

// chance is draws as a number from 0 up to 1.
func chance(seed uint64, what string, numbers ...uint64) float64 {
	var b [8]byte
	if _, err := io.ReadFull(draws(seed, what, numbers...), b[:]); err != nil {
		return 1 // cannot happen: the source has no end
	}
	return float64(binary.BigEndian.Uint64(b[:])>>11) / (1 << 53)
}
