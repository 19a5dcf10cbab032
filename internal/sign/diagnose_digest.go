package sign

import (
	"crypto/sha1" //nolint:gosec // several providers sign with SHA-1
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"strings"
)

// digestMode is a way of putting key and content together.
type digestMode int

const (
	modeHMAC     digestMode = iota
	modePlain               // hash of the content alone
	modeKeyFirst            // hash of key and content
	modeKeyLast             // hash of content and key
	modeSwapped             // HMAC with key and message exchanged
	modeOfHash              // HMAC of the content's hash
	modeOfHex               // HMAC of the content's hash in hex
	modeTwice               // hash of the HMAC
)

// digestVariant is one way the digest may have been made.
type digestVariant struct {
	a       *assumption // nil: as the scheme says
	mode    digestMode
	algo    Algorithm // one of the HMAC algorithms; the plain hash is the one inside it
	keyless bool
}

// digestVariants lists the ways, the scheme's own first.
func (s *search) digestVariants() []digestVariant {
	own := digestVariant{mode: modeHMAC, algo: s.r.scheme.Algorithm}
	if own.algo == SHA256 {
		own.mode, own.algo = modePlain, HMACSHA256 // the content has the key in it
	}
	out := []digestVariant{own}
	if s.r.public() {
		return out
	}
	type way struct {
		mode              digestMode
		algo              Algorithm
		id, evidence, set string
	}
	var ways []way
	for _, algo := range []Algorithm{HMACSHA256, HMACSHA1, HMACSHA512} {
		ways = append(ways, way{modeHMAC, algo, "algorithm." + string(algo), algorithmName(algo), "algorithm: " + string(algo)})
	}
	ways = append(
		ways,
		way{modeKeyFirst, own.algo, "plain.key_first", "a plain hash of key and content, without HMAC", s.plainSet("{"+tokSecret+"}", "")},
		way{modeKeyLast, own.algo, "plain.key_last", "a plain hash of content and key, without HMAC", s.plainSet("", "{"+tokSecret+"}")},
		way{modePlain, own.algo, "plain", "a plain hash of the content, without any key", ""},
		way{modeSwapped, own.algo, "swapped", "an HMAC with key and message exchanged", ""},
		way{modeOfHash, own.algo, "double.hash", "an HMAC of the content's hash", ""},
		way{modeOfHex, own.algo, "double.hex", "an HMAC of the content's hash in hex", ""},
		way{modeTwice, own.algo, "double.hmac", "a hash of the HMAC", ""},
	)
	for _, w := range ways {
		if w.mode == own.mode && w.algo == own.algo || w.mode == modeKeyFirst && s.texts[0].keyFirst {
			continue
		}
		out = append(out, digestVariant{
			mode: w.mode, algo: w.algo, keyless: w.mode == modePlain && s.r.scheme.Algorithm != SHA256,
			a: &assumption{
				id: "digest." + w.id, rank: 40 + len(out), kind: recipeFormula, title: "the digest was made another way", evidence: "it matches as " + w.evidence,
				fix: "the code that signs must make it as " + algorithmName(s.r.scheme.Algorithm), set: w.set, foreign: true,
			},
		})
	}
	return out
}

// plainSet are the fields of a scheme with a plain hash, which has the key in its content.
func (s *search) plainSet(before, after string) string {
	if a := s.r.scheme.Algorithm; a != HMACSHA256 {
		return "" // no other plain hash is known here
	}
	return "algorithm: " + string(SHA256) + ` and content: "` + before + shownTemplate(s.r.scheme.Content) + after + `"`
}

// shownTemplate is a template as it stands between quotes in a scheme file.
func shownTemplate(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`).Replace(s)
}

func algorithmName(a Algorithm) string {
	switch a {
	case HMACSHA1:
		return "HMAC-SHA-1"
	case HMACSHA256:
		return "HMAC-SHA-256"
	case HMACSHA512:
		return "HMAC-SHA-512"
	case SHA256:
		return "SHA-256 with the key in front"
	case Ed25519, ECDSAP256, Token:
		return string(a)
	default:
		return string(a)
	}
}

// plainHash is the hash inside an HMAC algorithm.
func plainHash(a Algorithm) hash.Hash {
	switch a {
	case HMACSHA1:
		return sha1.New() //nolint:gosec // see the import
	case HMACSHA512:
		return sha512.New()
	case HMACSHA256, SHA256, Ed25519, ECDSAP256, Token:
		return sha256.New()
	default:
		return sha256.New()
	}
}

// sum computes the digest of one combination.
func (d *digestVariant) sum(key *keyVariant, text *textVariant, body []byte) []byte {
	switch d.mode {
	case modeHMAC:
		h := key.mac(d.algo)
		text.write(h, body)
		return h.Sum(nil)
	case modeKeyFirst, modeKeyLast, modePlain:
		h := plainHash(d.algo)
		if d.mode == modeKeyFirst || d.mode == modePlain && text.keyFirst {
			_, _ = h.Write(key.raw)
		}
		text.write(h, body)
		if d.mode == modeKeyLast {
			_, _ = h.Write(key.raw)
		}
		return h.Sum(nil)
	case modeSwapped:
		h := newHash(d.algo, text.whole(body))
		_, _ = h.Write(key.raw)
		return h.Sum(nil)
	case modeOfHash, modeOfHex:
		inner := plainHash(d.algo)
		text.write(inner, body)
		sum := inner.Sum(nil)
		if d.mode == modeOfHex {
			sum = []byte(hex.EncodeToString(sum))
		}
		h := key.mac(d.algo)
		_, _ = h.Write(sum)
		return h.Sum(nil)
	case modeTwice:
		h := key.mac(d.algo)
		text.write(h, body)
		outer := plainHash(d.algo)
		_, _ = outer.Write(h.Sum(nil))
		return outer.Sum(nil)
	default:
		return nil
	}
}
