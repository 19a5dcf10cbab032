package sign

// The seam for explaining: signatures under other assumptions than the scheme's.

import (
	"crypto/hmac"
	"crypto/md5"  //nolint:gosec // some providers still sign with MD5
	"crypto/sha1" //nolint:gosec // several providers sign with SHA-1
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"hash"
	"io"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// Case is one way in which a signature may have been made. It need not be the scheme's.
type Case struct {
	Key      *CaseKey
	Digest   Digest
	KeyFirst bool // a plain hash has the key in front of the content
	// Before, Body and After are the content.
	Before, After string
	Body          []byte
}

// CaseKey is a key that cases are tried with. It holds hashes that are ready for use, and is for one goroutine at a time.
type CaseKey struct {
	Raw    []byte // what keys a hash
	Key    Key    // what verifies, where the scheme has public keys
	hashes []keyedHash
}

// Format hides the key from every verb.
func (k CaseKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalJSON refuses.
func (k CaseKey) MarshalJSON() ([]byte, error) { return nil, errKeyJSON }

type keyedHash struct {
	algorithm scheme.Algorithm
	hash.Hash
}

// Digest is a way to put key and content together.
type Digest struct {
	Mode      DigestMode
	Algorithm scheme.Algorithm // one of the HMAC algorithms; a plain hash is the one inside it
}

// DigestMode says where the key goes.
type DigestMode int

// The modes of a digest.
const (
	HMAC     DigestMode = iota
	Plain               // a hash of the content alone
	KeyFirst            // a hash of key and content
	KeyLast             // a hash of content and key
	Swapped             // HMAC with key and content exchanged
	OfHash              // HMAC of the content's hash
	OfHex               // HMAC of the content's hash in hex
	Twice               // a hash of the HMAC
)

// Trial is a case that was computed. The result can be compared, and not seen.
type Trial struct {
	r   *Rules
	key Key
	out []byte // the digest, or what a public-key signature is over
}

// Format hides the digest from every verb: it may be the right signature of a request that was refused.
func (t Trial) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// Try computes a case.
func (r *Rules) Try(c *Case) Trial {
	t := Trial{r: r, key: c.Key.Key}
	switch a := r.Scheme().Algorithm; {
	case a == scheme.Ed25519:
		t.out = c.whole()
	case a.Public():
		h := plainHash(a)()
		c.write(h)
		t.out = h.Sum(nil)
	default:
		t.out = c.sum()
	}
	return t
}

// Size is how many bytes a digest has.
func (t *Trial) Size() int { return len(t.out) }

// Is says whether a signature belongs to the case.
func (t *Trial) Is(sig []byte) bool {
	if t.r.Public() {
		return t.r.check(t.key.k, t.out, sig)
	}
	return subtle.ConstantTimeCompare(t.out, sig) == 1
}

// Begins says whether a digest begins with a text that is shorter. Of a public-key signature nothing can be told.
func (t *Trial) Begins(sig []byte) bool {
	return !t.r.Public() && len(sig) < len(t.out) && subtle.ConstantTimeCompare(t.out[:len(sig)], sig) == 1
}

// write feeds the content into a hash, without the key.
func (c *Case) write(h hash.Hash) {
	_, _ = h.Write([]byte(c.Before))
	_, _ = h.Write(c.Body)
	_, _ = h.Write([]byte(c.After))
}

// whole is the content in one piece.
func (c *Case) whole() []byte {
	out := make([]byte, 0, len(c.Before)+len(c.Body)+len(c.After))
	return append(append(append(out, c.Before...), c.Body...), c.After...)
}

func (c *Case) sum() []byte {
	algorithm, key := c.Digest.Algorithm, c.Key
	switch c.Digest.Mode {
	case HMAC:
		h := key.keyed(algorithm)
		c.write(h)
		return h.Sum(nil)
	case KeyFirst, KeyLast, Plain:
		h := plainHash(algorithm)()
		if c.Digest.Mode == KeyFirst || c.Digest.Mode == Plain && c.KeyFirst {
			_, _ = h.Write(key.Raw)
		}
		c.write(h)
		if c.Digest.Mode == KeyLast {
			_, _ = h.Write(key.Raw)
		}
		return h.Sum(nil)
	case Swapped:
		h := hmac.New(plainHash(algorithm), c.whole())
		_, _ = h.Write(key.Raw)
		return h.Sum(nil)
	case OfHash, OfHex:
		inner := plainHash(algorithm)()
		c.write(inner)
		sum := inner.Sum(nil)
		if c.Digest.Mode == OfHex {
			sum = []byte(hex.EncodeToString(sum))
		}
		h := key.keyed(algorithm)
		_, _ = h.Write(sum)
		return h.Sum(nil)
	case Twice:
		h := key.keyed(algorithm)
		c.write(h)
		outer := plainHash(algorithm)()
		_, _ = outer.Write(h.Sum(nil))
		return outer.Sum(nil)
	default:
		return nil
	}
}

// keyed returns an HMAC that is ready for a message. A keyed hash that is reset costs half of a new one.
func (k *CaseKey) keyed(a scheme.Algorithm) hash.Hash {
	for _, h := range k.hashes {
		if h.algorithm == a {
			h.Reset()
			return h.Hash
		}
	}
	h := hmac.New(plainHash(a), k.Raw)
	k.hashes = append(k.hashes, keyedHash{a, h})
	return h
}

// plainHash makes the hash inside an algorithm.
func plainHash(a scheme.Algorithm) func() hash.Hash {
	switch a.Unkeyed() {
	case scheme.MD5:
		return md5.New
	case scheme.SHA1:
		return sha1.New
	case scheme.SHA512:
		return sha512.New
	default:
		return sha256.New
	}
}
