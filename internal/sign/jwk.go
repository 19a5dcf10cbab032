package sign

// Public keys as JSON Web Keys (RFC 7517): one, or a set of them in a file that the user has saved. A set that a message names is never
// fetched.

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// maxJWKs bounds the keys of a set: each of them is tried on a message.
const maxJWKs = 32

// jwk is one key, with the members that are read.
type jwk struct {
	Kty string `json:"kty"`
	Use string `json:"use"`
	Alg string `json:"alg"`
	Kid string `json:"kid"`
	Crv string `json:"crv"`
	X   string `json:"x"`
	Y   string `json:"y"`
	N   string `json:"n"`
	E   string `json:"e"`
}

// readJWKs reads a key, a set of keys, or an answer with a key in its member key, as Plaid's API gives one. It leaves out the keys
// that are for something else. The problem never quotes the text.
func readJWKs(text string, a scheme.Algorithm) (set []*keyData, problem string) {
	var in struct {
		jwk
		Keys []jwk `json:"keys"`
		Key  *jwk  `json:"key"`
	}
	if json.Unmarshal([]byte(text), &in) != nil {
		return nil, "is not JSON, though it begins like a JSON Web Key"
	}
	all := in.Keys
	switch {
	case in.Key != nil:
		all = append(all, *in.Key)
	case in.Kty != "":
		all = append(all, in.jwk)
	}
	if len(all) > maxJWKs {
		return nil, "has too many keys: a set of 32 is the most"
	}
	for i := range all {
		if d := all[i].data(a); d != nil {
			set = append(set, d)
		}
	}
	if len(set) == 0 {
		return nil, "has no key for " + string(a) + " among its JSON Web Keys"
	}
	return set, ""
}

// data is the key for an algorithm; nil when it is for another one, or for encryption.
func (k *jwk) data(a scheme.Algorithm) *keyData {
	x, y := number(k.X), number(k.Y)
	d := &keyData{algorithm: a, kid: k.Kid}
	switch {
	case k.Use != "" && k.Use != "sig":
		return nil
	case k.Kty == "EC" && k.Crv == "P-256" && a == scheme.ECDSAP256 && len(x) == p256Half && len(y) == p256Half:
		pub, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
		if err != nil {
			return nil
		}
		d.ecPub = pub
	case k.Kty == "OKP" && k.Crv == "Ed25519" && a == scheme.Ed25519 && len(x) == ed25519.PublicKeySize && !isWeakPoint(x):
		d.edPub = x
	case k.Kty == "RSA" && a == scheme.RSASHA256:
		d.rsaPub = k.rsa()
		if d.rsaPub == nil || weakRSA(d.rsaPub) != "" {
			return nil
		}
	default:
		return nil
	}
	return d
}

// rsa is the key of a modulus and an exponent; nil when they are none.
func (k *jwk) rsa() *rsa.PublicKey {
	n, e := number(k.N), number(k.E)
	if len(n) == 0 || len(n) > mostRSA/8+1 || len(e) == 0 || len(e) > 4 {
		return nil
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
}

// number decodes a member; nil when it is no base64url.
func number(text string) []byte {
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return nil
	}
	return b
}

// mayBeJWKs says whether a text is a key in JSON, where these rules take one.
func (r *Rules) mayBeJWKs(text string) bool {
	return r.Proves() && r.Public() && strings.HasPrefix(strings.TrimSpace(text), "{")
}
