package scheme

// The algorithms of signatures, and what kind each of them is.

// Algorithm names a keyed hash, a public-key signature, a plain hash or a shared token.
type Algorithm string

// The algorithms a scheme may name.
const (
	HMACMD5    Algorithm = "hmac-md5"
	HMACSHA1   Algorithm = "hmac-sha1"
	HMACSHA256 Algorithm = "hmac-sha256"
	HMACSHA512 Algorithm = "hmac-sha512"
	Ed25519    Algorithm = "ed25519"
	ECDSAP256  Algorithm = "ecdsa-p256-sha256"
	RSASHA1    Algorithm = "rsa-sha1" // PKCS#1 v1.5, as the two below
	RSASHA256  Algorithm = "rsa-sha256"
	RSASHA512  Algorithm = "rsa-sha512"
	MD5        Algorithm = "md5" // a plain hash; the key is part of the content, as with the three below
	SHA1       Algorithm = "sha1"
	SHA256     Algorithm = "sha256"
	SHA512     Algorithm = "sha512"
	Token      Algorithm = "token" // a shared secret in a header, nothing is signed
	JWT        Algorithm = "jwt"   // a JSON web token; how it is signed itself stands in JWTSpec
	None       Algorithm = "none"  // nothing that can be verified with a key; the quirks say why, and what to do instead
)

// algorithms are all of them, the usual one first.
func algorithms() []string {
	var out []string
	for _, a := range []Algorithm{
		HMACSHA256, HMACSHA1, HMACSHA512, HMACMD5, Ed25519, ECDSAP256, RSASHA256, RSASHA1, RSASHA512, SHA256, SHA1, SHA512, MD5, Token, JWT, None,
	} {
		out = append(out, string(a))
	}
	return out
}

// Public says whether a private key signs and a public one verifies.
func (a Algorithm) Public() bool { return a == Ed25519 || a == ECDSAP256 || a.RSA() }

// RSA says whether it is RSA with PKCS#1 v1.5.
func (a Algorithm) RSA() bool { return a == RSASHA1 || a == RSASHA256 || a == RSASHA512 }

// Plain says whether it is a plain hash, whose key is part of the content.
func (a Algorithm) Plain() bool { return a == MD5 || a == SHA1 || a == SHA256 || a == SHA512 }

// Keyed is the HMAC with the same hash. An HMAC is its own.
func (a Algorithm) Keyed() Algorithm {
	switch a {
	case MD5, HMACMD5:
		return HMACMD5
	case SHA1, HMACSHA1, RSASHA1:
		return HMACSHA1
	case SHA512, HMACSHA512, RSASHA512:
		return HMACSHA512
	default:
		return HMACSHA256
	}
}

// Unkeyed is the plain hash inside an algorithm.
func (a Algorithm) Unkeyed() Algorithm {
	switch a.Keyed() {
	case HMACMD5:
		return MD5
	case HMACSHA1:
		return SHA1
	case HMACSHA512:
		return SHA512
	default:
		return SHA256
	}
}

// size is how many bytes a signature has; 0 when that is not fixed.
func (a Algorithm) size() int {
	switch {
	case a == Ed25519:
		return 64
	case a.Public() || a == Token || a == JWT || a == None:
		return 0
	}
	return map[Algorithm]int{MD5: 16, SHA1: 20, SHA256: 32, SHA512: 64}[a.Unkeyed()]
}
