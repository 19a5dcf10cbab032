package explain

// The ways to make a digest, as a table.

import (
	"strings"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// digestVariant is one way the digest may have been made.
type digestVariant struct {
	why *mistake // nil: as the scheme says
	sign.Digest
	keyless bool
}

// digestVariants lists the ways, the scheme's own first.
func (s *search) digestVariants() []digestVariant {
	usual := digestVariant{Digest: sign.Digest{Mode: sign.HMAC, Algorithm: s.r.Scheme().Algorithm}}
	if usual.Algorithm.Plain() {
		usual.Mode, usual.Algorithm = sign.Plain, usual.Algorithm.Keyed() // the content has the key in it
	}
	out := []digestVariant{usual}
	if s.r.Public() {
		return out
	}
	type way struct {
		sign.Digest
		id, evidence, set string
	}
	var ways []way
	for _, algo := range []scheme.Algorithm{scheme.HMACSHA256, scheme.HMACSHA1, scheme.HMACSHA512} {
		ways = append(ways, way{sign.Digest{Mode: sign.HMAC, Algorithm: algo}, "algorithm." + string(algo), algorithmName(algo), "algorithm: " + string(algo)})
	}
	ways = append(
		ways,
		way{sign.Digest{Mode: sign.KeyFirst, Algorithm: usual.Algorithm}, "plain.key_first", "a plain hash of key and content, without HMAC", s.plainSet("{"+scheme.PieceSecret+"}", "")},
		way{sign.Digest{Mode: sign.KeyLast, Algorithm: usual.Algorithm}, "plain.key_last", "a plain hash of content and key, without HMAC", s.plainSet("", "{"+scheme.PieceSecret+"}")},
		way{sign.Digest{Mode: sign.Plain, Algorithm: usual.Algorithm}, "plain", "a plain hash of the content, without any key", ""},
		way{sign.Digest{Mode: sign.Swapped, Algorithm: usual.Algorithm}, "swapped", "an HMAC with key and message exchanged", ""},
		way{sign.Digest{Mode: sign.OfHash, Algorithm: usual.Algorithm}, "double.hash", "an HMAC of the content's hash", ""},
		way{sign.Digest{Mode: sign.OfHex, Algorithm: usual.Algorithm}, "double.hex", "an HMAC of the content's hash in hex", ""},
		way{sign.Digest{Mode: sign.Twice, Algorithm: usual.Algorithm}, "double.hmac", "a hash of the HMAC", ""},
	)
	for _, w := range ways {
		if w.Digest == usual.Digest || w.Mode == sign.KeyFirst && s.texts[0].keyFirst {
			continue
		}
		out = append(out, digestVariant{
			Digest: w.Digest, keyless: w.Mode == sign.Plain && !s.r.Scheme().Algorithm.Plain(),
			why: &mistake{
				id: "digest." + w.id, rank: rankDigest + rank(len(out)), recipes: recipeFormula, title: "the digest was made another way", evidence: "as " + w.evidence,
				fix: "the code that signs must make it as " + algorithmName(s.r.Scheme().Algorithm), set: w.set, foreign: true,
			},
		})
	}
	return out
}

// plainSet are the fields of a scheme with a plain hash, which has the key in its content.
func (s *search) plainSet(before, after string) string {
	a := s.r.Scheme().Algorithm
	if a != a.Keyed() {
		return ""
	}
	return "algorithm: " + string(a.Unkeyed()) + ` and content: "` + before + shownTemplate(s.r.Scheme().Content) + after + `"`
}

// shownTemplate is a template as it stands between quotes in a scheme file.
func shownTemplate(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), "\n", `\n`), `"`, `\"`)
}

func algorithmName(a scheme.Algorithm) string {
	if a.Plain() {
		return algorithmName(a.Keyed())[len("HMAC-"):] + " of the content with the key in it"
	}
	switch a {
	case scheme.HMACMD5:
		return "HMAC-MD5"
	case scheme.HMACSHA1:
		return "HMAC-SHA-1"
	case scheme.HMACSHA256:
		return "HMAC-SHA-256"
	case scheme.HMACSHA512:
		return "HMAC-SHA-512"
	default:
		return string(a)
	}
}
