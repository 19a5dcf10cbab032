package sign

// Signatures over a text, in the form of JSON web signatures (RFC 7518) and message signatures (RFC 9421): a P-256 signature is its
// two numbers one after the other, not DER.

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"math/big"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// half of a P-256 signature, in bytes.
const p256Half = 32

// made says whether a key, or one of the keys of a set, made a signature over a text. The key alone says by which algorithm.
func (d *keyData) made(text, sig []byte) bool {
	for _, one := range d.set {
		if one.made(text, sig) {
			return true
		}
	}
	switch d.algorithm {
	case scheme.HMACSHA256:
		return len(d.secret) > 0 && subtle.ConstantTimeCompare(d.hmac(text), sig) == 1
	case scheme.Ed25519:
		return d.edPub != nil && len(sig) == ed25519.SignatureSize && ed25519.Verify(d.edPub, text, sig)
	case scheme.ECDSAP256:
		if d.ecPub == nil || len(sig) != 2*p256Half {
			return false
		}
		sum := sha256.Sum256(text)
		return ecdsa.Verify(d.ecPub, sum[:], new(big.Int).SetBytes(sig[:p256Half]), new(big.Int).SetBytes(sig[p256Half:]))
	case scheme.RSASHA256:
		sum := sha256.Sum256(text)
		return d.rsaPub != nil && rsa.VerifyPKCS1v15(d.rsaPub, crypto.SHA256, sum[:], sig) == nil
	default:
		return false
	}
}

// over signs a text.
func (d *keyData) over(text []byte) ([]byte, error) {
	switch d.algorithm {
	case scheme.Ed25519:
		return ed25519.Sign(d.edPriv, text), nil
	case scheme.ECDSAP256:
		sum := sha256.Sum256(text)
		r, s, err := ecdsa.Sign(rand.Reader, d.ecPriv, sum[:])
		if err != nil {
			return nil, err
		}
		out := make([]byte, 2*p256Half)
		r.FillBytes(out[:p256Half])
		s.FillBytes(out[p256Half:])
		return out, nil
	case scheme.RSASHA256:
		sum := sha256.Sum256(text)
		return rsa.SignPKCS1v15(rand.Reader, d.rsaPriv, crypto.SHA256, sum[:])
	default:
		return d.hmac(text), nil
	}
}

func (d *keyData) hmac(text []byte) []byte {
	h := hmac.New(sha256.New, d.secret)
	_, _ = h.Write(text)
	return h.Sum(nil)
}
