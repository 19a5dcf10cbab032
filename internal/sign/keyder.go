package sign

// Keys in DER: SPKI, PKCS 1, PKCS 8, SEC 1, and certificates.

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"math"
	"strconv"
	"time"
)

// The bounds of RSA keys, in bits. A key of less than 1024 can be broken by anybody with some patience; since 2014 authorities certify
// none of less than 2048 (CA/Browser Forum, Baseline Requirements, 6.1.5).
const (
	leastRSA = 1024
	soundRSA = 2048
	mostRSA  = 8192
	maxDER   = 16 << 10 // bytes: a private key of 8192 bits has 4,700, and certificates are not much larger
)

// pair is what was read from DER. What it does not hold is nil.
type pair struct {
	public  crypto.PublicKey // without a private half
	private crypto.PrivateKey
	cert    *x509.Certificate // that the public key stands in
}

// readDER reads a key or certificate; the zero pair when the bytes are none. Text that is no DER costs one look at its first byte.
func readDER(der []byte) pair {
	const sequence = 0x30
	if len(der) == 0 || der[0] != sequence || len(der) > maxDER {
		return pair{}
	}
	if k, err := x509.ParsePKIXPublicKey(der); err == nil {
		return pair{public: k}
	}
	if k, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return pair{public: k}
	}
	if c, err := x509.ParseCertificate(der); err == nil {
		return pair{public: c.PublicKey, cert: c}
	}
	if k, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return pair{private: k}
	}
	if k, err := x509.ParseECPrivateKey(der); err == nil {
		return pair{private: k}
	}
	if k, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return pair{private: k}
	}
	return pair{}
}

func (d *keyData) splitRSA() string {
	pair := readDER(d.secret)
	d.cert = pair.cert
	switch k := pair.private.(type) {
	case *rsa.PrivateKey:
		d.rsaPub, d.rsaPriv = &k.PublicKey, k
		return weakRSA(d.rsaPub)
	case ed25519.PrivateKey, *ecdsa.PrivateKey:
		return "is not an RSA key"
	}
	switch k := pair.public.(type) {
	case *rsa.PublicKey:
		d.rsaPub = k
		return weakRSA(k)
	case nil:
		return "is not an RSA key in SPKI, PKCS 1 or PKCS 8 form, and no certificate"
	default:
		return "is not an RSA key"
	}
}

// weakRSA says why an RSA key is not one to verify with; "" when it is. With an exponent of 1 anybody can sign, and an even modulus is
// no product of two odd primes.
func weakRSA(k *rsa.PublicKey) string {
	bits := k.N.BitLen()
	switch {
	case k.N.Sign() <= 0 || k.N.Bit(0) == 0:
		return "is not an RSA key: its modulus is even"
	case bits < leastRSA:
		return "is an RSA key of " + strconv.Itoa(bits) + " bits: less than " + strconv.Itoa(leastRSA) + " can be broken"
	case bits > mostRSA:
		return "is an RSA key of " + strconv.Itoa(bits) + " bits: more than " + strconv.Itoa(mostRSA) + " are not read"
	case k.E < 3 || k.E%2 == 0 || k.E > math.MaxInt32:
		return "is an RSA key with the exponent " + strconv.Itoa(k.E) + ", for which nobody's signature counts"
	default:
		return ""
	}
}

// outdated says why the certificate of a key does not count at a time; nothing when it does, and for a key that came bare.
func (d *keyData) outdated(o *VerifyOptions) Detail {
	switch c := d.cert; {
	case c == nil || o.IgnoreTime:
		return Detail{}
	case o.Now.Before(c.NotBefore):
		return Detail{Code: CertificateEarly, Value: c.NotBefore.UTC().Format(time.RFC3339)}
	case o.Now.After(c.NotAfter):
		return Detail{Code: CertificateLate, Value: c.NotAfter.UTC().Format(time.RFC3339)}
	default:
		return Detail{}
	}
}

// weakness tells of a key that is good enough to verify with, and no longer good; "" when it is.
func (d *keyData) weakness() string {
	if d.rsaPub == nil || d.rsaPub.N.BitLen() >= soundRSA {
		return ""
	}
	return "the key has " + strconv.Itoa(d.rsaPub.N.BitLen()) + " bits, and RSA keys of less than " + strconv.Itoa(soundRSA) + " are no longer safe"
}
