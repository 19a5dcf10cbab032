package sandbox

// Random numbers that a seed repeats.

import (
	"crypto/sha256"
	"encoding/binary"
	mathrand "math/rand/v2"
)

// draws returns the random bytes of one thing under a seed. They do not depend on what else was drawn: goroutines race for a
// shared source, and the same seed must make the same trouble.
func draws(seed uint64, what string, numbers ...uint64) *mathrand.ChaCha8 {
	text := binary.BigEndian.AppendUint64(nil, seed)
	for _, n := range numbers {
		text = binary.BigEndian.AppendUint64(text, n)
	}
	return mathrand.NewChaCha8(sha256.Sum256(append(text, what...)))
}

// chance returns the draw of one thing as a number from 0 up to 1.
func chance(seed uint64, what string, numbers ...uint64) float64 {
	var b [8]byte
	_, _ = draws(seed, what, numbers...).Read(b[:]) // never fails: the source has no end
	return float64(binary.BigEndian.Uint64(b[:])>>11) / (1 << 53)
}
