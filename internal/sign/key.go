package sign

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // several providers sign with HMAC-SHA-1
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"strings"
	"sync"
)

// Key is a decoded key, bound to the algorithm of the rules that made it. Its text appears in no output of fmt,
// log/slog or encoding/json. The zero Key matches nothing.
type Key struct{ k *keyData }

type keyData struct {
	algorithm Algorithm
	text      string // as given
	secret    []byte // as decoded
	edPub     ed25519.PublicKey
	edPriv    ed25519.PrivateKey
	ecPub     *ecdsa.PublicKey
	ecPriv    *ecdsa.PrivateKey
	pool      sync.Pool // of *mac; a keyed hash that is reset costs half of a new one
}

const redacted = "[key]"

var errKeyJSON = errors.New("a key cannot be written out")

// String hides the key.
func (k Key) String() string { return redacted }

// GoString hides the key.
func (k Key) GoString() string { return redacted }

// Format hides the key from every verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue hides the key from log/slog.
func (k Key) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON refuses.
func (k Key) MarshalJSON() ([]byte, error) { return nil, errKeyJSON }

// MarshalText refuses.
func (k Key) MarshalText() ([]byte, error) { return nil, errKeyJSON }

// Key decodes a verifying key. A private key of a public-key scheme is taken too: its public part verifies.
// The error is a *KeyError and never holds the text.
func (r *Rules) Key(text string) (Key, error) { return r.decodeKey(text, false) }

// SigningKey decodes a signing key: the private key of a public-key scheme (ed25519: seed, or seed and public part;
// ecdsa: PKCS 8 or SEC 1), otherwise the same as Key. The error is a *KeyError and never holds the text.
func (r *Rules) SigningKey(text string) (Key, error) { return r.decodeKey(text, true) }

func (r *Rules) decodeKey(text string, signing bool) (Key, error) {
	fail := func(problem string) error { return &KeyError{Scheme: r.scheme.Name, Problem: problem} }
	explain := func(problem string) error { return fail(cmp.Or(r.keyMistake(text, signing), problem)) }
	switch {
	case strings.TrimSpace(text) == "":
		return Key{}, fail("is empty")
	case Masked(text):
		return Key{}, fail("is masked: the full key is shown only when it is made")
	}
	rest, private := r.stripPrefix(text)
	if rest == "" {
		return Key{}, fail("is empty after its prefix")
	}
	raw, problem := decodeKeyText(rest, r.scheme.Key.Encoding)
	if problem != "" {
		return Key{}, explain(problem)
	}
	if !r.public() {
		if isNUL(raw) {
			return Key{}, fail("is nothing but NUL bytes, which is as good as none")
		}
		if what := publicKind(text); what != "" {
			return Key{}, fail("is " + what + " and no shared secret: give the signing secret that the provider shows for this webhook")
		}
	}
	d := &keyData{algorithm: r.scheme.Algorithm, text: text, secret: raw}
	switch d.algorithm {
	case Ed25519:
		problem = d.setEd25519(signing || private, signing)
	case ECDSAP256:
		problem = d.setECDSA(signing)
	case HMACSHA1, HMACSHA256, HMACSHA512, SHA256, Token:
	}
	if problem != "" {
		return Key{}, explain(problem)
	}
	return Key{k: d}, nil
}

// stripPrefix also says whether the text had the prefix of private keys.
func (r *Rules) stripPrefix(text string) (rest string, private bool) {
	if p := r.scheme.Key.SigningPrefix; p != "" && strings.HasPrefix(text, p) {
		return text[len(p):], true
	}
	return strings.TrimPrefix(text, r.scheme.Key.Prefix), false
}

func decodeKeyText(text, encoding string) (raw []byte, problem string) {
	var err error
	switch encoding {
	case encHex:
		raw, err = hex.DecodeString(text)
		problem = "is not hex"
	case encBase64, encSPKI:
		problem = "is not base64"
		if encoding == encSPKI {
			if der := pemBytes([]byte(text)); der != nil {
				return der, ""
			}
		}
		if strings.ContainsAny(text, "\r\n") {
			return nil, blankProblem(text, problem)
		}
		// Some providers hand out base64 without its padding; the key is the same.
		raw, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
		if strings.HasSuffix(text, "===") || strings.Contains(text, "=") && len(text)%4 != 0 {
			err = errKeyJSON
		}
	default:
		return []byte(text), ""
	}
	switch {
	case err != nil:
		return nil, blankProblem(text, problem)
	case len(raw) == 0:
		return nil, "is empty"
	}
	return raw, ""
}

// pemBytes is what the first block of PEM text holds, not counting the curve's parameters that openssl may write before a key.
func pemBytes(text []byte) []byte {
	for text = append(bytes.TrimSpace(text), '\n'); ; {
		block, rest := pem.Decode(text)
		switch {
		case block == nil:
			return nil
		case block.Type != "EC PARAMETERS":
			return block.Bytes
		}
		text = rest
	}
}

func blankProblem(text, problem string) string {
	if strings.TrimSpace(text) != text {
		return problem + " (it has blanks or a line break around it)"
	}
	return problem
}

func (d *keyData) setEd25519(private, signing bool) string {
	raw := d.secret
	if k, err := x509.ParsePKCS8PrivateKey(raw); err == nil {
		if p, ok := k.(ed25519.PrivateKey); ok {
			raw = p
		}
	} else if k, err := x509.ParsePKIXPublicKey(raw); err == nil {
		if p, ok := k.(ed25519.PublicKey); ok {
			raw = p
		}
		if signing {
			return "is a public key, but signing needs the private one"
		}
	}
	switch {
	case isNUL(raw) && len(raw) >= ed25519.SeedSize:
		return "is nothing but NUL bytes, which is as good as none"
	case len(raw) == ed25519.PrivateKeySize:
		d.edPriv = ed25519.NewKeyFromSeed(raw[:ed25519.SeedSize])
		if !d.edPriv.Equal(ed25519.PrivateKey(raw)) {
			return "is no ed25519 private key: its public part does not belong to its seed"
		}
	case len(raw) == ed25519.SeedSize && private:
		d.edPriv = ed25519.NewKeyFromSeed(raw)
	case len(raw) == ed25519.PublicKeySize && isWeakPoint(raw):
		return "is a point of small order, for which anybody can make signatures: it is nobody's public key"
	case len(raw) == ed25519.PublicKeySize:
		d.edPub = raw
		return ""
	default:
		return "is " + itoa(int64(len(raw))) + " bytes, but an ed25519 key has 32 (public, or private seed) or 64 (private)"
	}
	pub, ok := d.edPriv.Public().(ed25519.PublicKey)
	if !ok {
		return "has no public part"
	}
	d.edPub = pub
	if !signing {
		d.edPriv = nil
	}
	return ""
}

func (d *keyData) setECDSA(signing bool) string {
	if k, err := x509.ParsePKIXPublicKey(d.secret); err == nil {
		pub, ok := k.(*ecdsa.PublicKey)
		switch {
		case !ok || pub.Curve != elliptic.P256():
			return "is not a P-256 key"
		case signing:
			return "is a public key, but signing needs the private one"
		}
		d.ecPub = pub
		return ""
	}
	var priv crypto.PrivateKey
	priv, err := x509.ParsePKCS8PrivateKey(d.secret)
	if err != nil {
		priv, err = x509.ParseECPrivateKey(d.secret)
	}
	k, ok := priv.(*ecdsa.PrivateKey)
	if err != nil || !ok || k.Curve != elliptic.P256() {
		return "is no P-256 key in SPKI, PKCS 8 or SEC 1 form"
	}
	d.ecPub = &k.PublicKey
	if signing {
		d.ecPriv = k
	}
	return ""
}

// mac is a hash ready for one message, with room for text on its way in.
type mac struct {
	h   hash.Hash
	buf []byte
	sum [sha512.Size]byte
}

func (m *mac) writeString(s string) {
	m.buf = append(m.buf[:0], s...)
	_, _ = m.h.Write(m.buf)
}

// newHash makes the hash of an algorithm, keyed if it is an HMAC.
func newHash(a Algorithm, secret []byte) hash.Hash {
	switch a {
	case HMACSHA1:
		return hmac.New(sha1.New, secret)
	case HMACSHA512:
		return hmac.New(sha512.New, secret)
	case HMACSHA256:
		return hmac.New(sha256.New, secret)
	case SHA256, ECDSAP256, Ed25519, Token:
		return sha256.New()
	default:
		return sha256.New()
	}
}

// mac takes a hash from the key's pool; release gives it back.
func (d *keyData) mac() *mac {
	if m, ok := d.pool.Get().(*mac); ok {
		m.h.Reset()
		return m
	}
	return &mac{h: newHash(d.algorithm, d.secret), buf: make([]byte, 0, 128)}
}

func (d *keyData) release(m *mac) {
	const keep = 8 << 20 // a longer scratch buffer came from an odd message and is not worth keeping
	if cap(m.buf) <= keep {
		d.pool.Put(m)
	}
}
