package sandbox

import (
	"crypto/sha256"
	"encoding/binary"
	"io"
	mathrand "math/rand/v2"
)

// draws returns the random bytes of one thing under a seed. They do not depend on what else was drawn: goroutines race for a
// shared source, and the same seed must make the same trouble.
func draws(seed uint64, what string, numbers ...uint64) io.Reader {
	h := sha256.New()
	var b [8]byte
	for _, n := range append([]uint64{seed}, numbers...) {
		binary.BigEndian.PutUint64(b[:], n)
		h.Write(b[:])
	}
	h.Write([]byte(what))
	return mathrand.NewChaCha8([32]byte(h.Sum(nil)))
}

// chance returns the draw of one thing as a number from 0 up to 1.
func chance(seed uint64, what string, numbers ...uint64) float64 {
	var b [8]byte
	if _, err := io.ReadFull(draws(seed, what, numbers...), b[:]); err != nil {
		return 1 // cannot happen: the source has no end
	}
	return float64(binary.BigEndian.Uint64(b[:])>>11) / (1 << 53)
}
