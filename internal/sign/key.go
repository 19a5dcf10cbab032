package sign

// Keys: decoded, bound to an algorithm, never shown.

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"sync"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// Key is a decoded key, bound to the algorithm of the rules that made it. Its text appears in no output of fmt,
// log/slog or encoding/json. The zero Key matches nothing.
type Key struct{ k *keyData }

type keyData struct {
	algorithm scheme.Algorithm
	text      string // as given
	secret    []byte // as decoded
	edPub     ed25519.PublicKey
	edPriv    ed25519.PrivateKey
	ecPub     *ecdsa.PublicKey
	ecPriv    *ecdsa.PrivateKey
	rsaPub    *rsa.PublicKey
	rsaPriv   *rsa.PrivateKey
	cert      *x509.Certificate // the certificate that the public key came in; nil: it came bare
	set       []*keyData        // of a set of public keys, in place of one
	kid       string            // by which a set names it
	pool      sync.Pool         // of *mac; a keyed hash that is reset costs half of a new one
}

const redacted = "[key]"

var errKeyJSON = errors.New("a key cannot be written out")

// String hides the key.
func (k Key) String() string { return redacted }

// GoString hides the key.
func (k Key) GoString() string { return redacted }

// Format hides the key from every verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalJSON refuses.
func (k Key) MarshalJSON() ([]byte, error) { return nil, errKeyJSON }

// MarshalText refuses.
func (k Key) MarshalText() ([]byte, error) { return nil, errKeyJSON }

// IsZero says whether it is the zero Key.
func (k Key) IsZero() bool { return k.k == nil }

// Reveal gives a key's text as it was given, and the bytes that it stands for. Do not change them. Reveal is for the search that
// explains a refusal: no output may hold either.
func (k Key) Reveal() (text string, secret []byte) {
	if k.k == nil {
		return "", nil
	}
	return k.k.text, k.k.secret
}

// Takes says whether a key is of the algorithm of these rules.
func (r *Rules) Takes(k Key) bool { return k.k != nil && k.k.algorithm == r.Scheme().KeyAlgorithm() }

// half is one half of a key pair.
type half int

const (
	publicHalf half = iota
	privateHalf
)

const notPrivate = "is a public key, but signing needs the private one"

// KeyOf makes a key that verifies of decoded bytes. ok is false when they are not a key of the algorithm.
func (r *Rules) KeyOf(raw []byte) (k Key, ok bool) {
	d := &keyData{algorithm: r.Scheme().KeyAlgorithm(), secret: raw}
	problem := d.split(publicHalf)
	return d.verifying(), problem == ""
}

// SigningKeyOf makes a key that signs of decoded bytes. ok is false when they are not a private key of the algorithm.
func (r *Rules) SigningKeyOf(raw []byte) (k Key, ok bool) {
	d := &keyData{algorithm: r.Scheme().KeyAlgorithm(), secret: raw}
	return Key{k: d}, d.split(privateHalf) == "" && d.signs()
}

// Key decodes a key that verifies. It takes a private key of a public-key scheme too, whose public part verifies.
// The error is a *KeyError and never holds the text.
func (r *Rules) Key(text string) (Key, error) {
	d, bare, err := r.decodeKey(text)
	if err != nil {
		return Key{}, err
	}
	problem := d.split(bare)
	if problem == "" {
		problem = r.foreign(d)
	}
	if problem != "" {
		return Key{}, r.refused(d, problem)
	}
	return d.verifying(), nil
}

// SigningKey decodes a key that signs: the private key of a public-key scheme (ed25519: seed, or seed and public part;
// ecdsa: PKCS 8 or SEC 1; RSA: PKCS 8 or PKCS 1), otherwise the same as Key. The error is a *KeyError and never holds the text.
func (r *Rules) SigningKey(text string) (Key, error) {
	d, _, err := r.decodeKey(text)
	if err != nil {
		return Key{}, err
	}
	if problem := d.split(privateHalf); problem != "" {
		return Key{}, r.refused(d, problem)
	}
	if !d.signs() {
		return Key{}, r.unread(notPrivate)
	}
	return Key{k: d}, nil
}

// unread refuses a text that is not written as the scheme's keys are.
func (r *Rules) unread(problem string) error {
	return &KeyError{Scheme: r.Scheme().Name, Problem: problem, Unread: true}
}

// foreign says why a certificate is not the provider's; "" when it is, and for a key that came bare.
func (r *Rules) foreign(d *keyData) string {
	if d.cert == nil || r.Certificate == nil || r.Certificate.Named(d.cert.Subject.CommonName) {
		return ""
	}
	return "is a certificate of another name: " + r.Certificate.Wanted() + " is wanted"
}

// refused is for what was decoded. An RSA key that may not be used is known for what it is.
func (r *Rules) refused(d *keyData, problem string) error {
	return &KeyError{Scheme: r.Scheme().Name, Problem: problem, Unread: d.rsaPub == nil}
}

// decodeKey turns a key's text into bytes. bare is the half that they are where they do not say it themselves.
func (r *Rules) decodeKey(text string) (d *keyData, bare half, err error) {
	fail := func(problem string) error { return &KeyError{Scheme: r.Scheme().Name, Problem: problem} }
	switch {
	case strings.TrimSpace(text) == "":
		return nil, bare, fail("is empty")
	case Masked(text):
		return nil, bare, fail("is masked: it is what is shown in the place of the key")
	}
	spec := &r.Scheme().Key
	rest, private := spec.Strip(text)
	if rest == "" {
		return nil, bare, fail("is empty after its prefix")
	}
	if private {
		bare = privateHalf
	}
	if r.mayBeJWKs(rest) {
		set, problem := readJWKs(rest, r.Scheme().KeyAlgorithm())
		if problem != "" {
			return nil, bare, r.unread(problem)
		}
		return &keyData{algorithm: r.Scheme().KeyAlgorithm(), text: text, secret: []byte(rest), set: set}, bare, nil
	}
	raw, problem := spec.Bytes(rest)
	if problem != "" {
		return nil, bare, r.unread(problem)
	}
	if !r.Public() {
		if isNUL(raw) {
			return nil, bare, fail("is nothing but NUL bytes, which is as good as none")
		}
		if what := PublicKind(text); what != "" {
			return nil, bare, fail("is " + what + ", not a shared secret: give the signing secret that the provider shows for this webhook")
		}
	}
	return &keyData{algorithm: r.Scheme().KeyAlgorithm(), text: text, secret: raw}, bare, nil
}

// verifying is the key without its private half.
func (d *keyData) verifying() Key {
	d.edPriv, d.ecPriv, d.rsaPriv = nil, nil, nil
	return Key{k: d}
}

// signs says whether the key can sign: a shared secret can, and a pair with its private half.
func (d *keyData) signs() bool {
	return d.set == nil && (d.edPub == nil || d.edPriv != nil) && (d.ecPub == nil || d.ecPriv != nil) && (d.rsaPub == nil || d.rsaPriv != nil)
}

// split reads the halves of a key pair, and says what is wrong with it. The secret of other algorithms has none.
func (d *keyData) split(bare half) string {
	if d.set != nil {
		return ""
	}
	switch {
	case d.algorithm == scheme.Ed25519:
		return d.splitEd25519(bare)
	case d.algorithm == scheme.ECDSAP256:
		return d.splitECDSA()
	case d.algorithm.RSA():
		return d.splitRSA()
	default:
		return ""
	}
}

// splitEd25519 reads a key in DER, or bare bytes: 32 of them may be either half.
func (d *keyData) splitEd25519(bare half) string {
	raw := d.secret
	pair := readDER(raw)
	if p, ok := pair.private.(ed25519.PrivateKey); ok {
		raw = p
	} else if p, ok := pair.public.(ed25519.PublicKey); ok {
		raw, bare, d.cert = p, publicHalf, pair.cert
	}
	switch {
	case isNUL(raw) && len(raw) >= ed25519.SeedSize:
		return "is nothing but NUL bytes, which is as good as none"
	case len(raw) == ed25519.PrivateKeySize:
		d.edPriv = ed25519.NewKeyFromSeed(raw[:ed25519.SeedSize])
		if !d.edPriv.Equal(ed25519.PrivateKey(raw)) {
			return "is not an ed25519 private key: its public part does not belong to its seed"
		}
	case len(raw) == ed25519.SeedSize && bare == privateHalf:
		d.edPriv = ed25519.NewKeyFromSeed(raw)
	case len(raw) == ed25519.PublicKeySize && isWeakPoint(raw):
		return "is a point of small order, for which anybody can make signatures: it is nobody's public key"
	case len(raw) == ed25519.PublicKeySize:
		d.edPub = raw
		return ""
	default:
		return "is " + fault.Plural(len(raw), "byte") + ", but an ed25519 key has 32 (public, or private seed) or 64 (private)"
	}
	pub, ok := d.edPriv.Public().(ed25519.PublicKey)
	if !ok {
		return "has no public part"
	}
	d.edPub = pub
	return ""
}

func (d *keyData) splitECDSA() string {
	pair := readDER(d.secret)
	if k, ok := pair.private.(*ecdsa.PrivateKey); ok && k.Curve == elliptic.P256() {
		d.ecPub, d.ecPriv = &k.PublicKey, k
		return ""
	}
	pub, ok := pair.public.(*ecdsa.PublicKey)
	switch {
	case ok && pub.Curve == elliptic.P256():
		d.ecPub, d.cert = pub, pair.cert
		return ""
	case pair.public != nil:
		return "is not a P-256 key"
	default:
		return "is not a P-256 key in SPKI, PKCS 8 or SEC 1 form"
	}
}

// mac is a hash ready for one message, with room for text on its way in.
type mac struct {
	h   hash.Hash
	buf []byte
	sum [sha512.Size]byte
}

// mac takes a hash from the key's pool; release gives it back.
func (d *keyData) mac() *mac {
	if m, ok := d.pool.Get().(*mac); ok {
		m.h.Reset()
		return m
	}
	m := &mac{buf: make([]byte, 0, 128)}
	if d.algorithm == d.algorithm.Keyed() {
		m.h = hmac.New(plainHash(d.algorithm), d.secret)
	} else {
		m.h = plainHash(d.algorithm)()
	}
	return m
}

func (d *keyData) release(m *mac) {
	const keep = 8 << 20 // a longer buffer is of a rare message, and only takes memory
	if cap(m.buf) <= keep {
		d.pool.Put(m)
	}
}
