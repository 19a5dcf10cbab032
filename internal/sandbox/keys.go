package sandbox

import (
	"crypto/sha256"
	"encoding/binary"
	"io"
	mathrand "math/rand/v2"
	"net/http"

	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/sign/explain"
)

// maskedWhole stands for a key that is not the platform's to show.
const maskedWhole = masking.Mask

// UseKey has a webhook signed for with a key that was brought along, until it is rotated. The text is kept in memory, and in
// the data file if there is one; no answer of the API holds any of it.
func (s *Sandbox) UseKey(webhookID, text string) error {
	if _, err := explain.SigningKey(s.o.Rules, text); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.webhook(webhookID)
	if w == nil {
		return refuse(http.StatusNotFound, textNoWebhook)
	}
	w.Key, w.Private, w.Given = text, "", true
	return s.save(saved{Webhook: w})
}

// draws gives the random bytes that belong to one thing under one seed, whatever else was drawn before: goroutines
// race for a shared source, and the order of what goes wrong must not depend on them.
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

// chance is draws as a number from 0 up to 1.
func chance(seed uint64, what string, numbers ...uint64) float64 {
	var b [8]byte
	if _, err := io.ReadFull(draws(seed, what, numbers...), b[:]); err != nil {
		return 1 // cannot happen: the source has no end
	}
	return float64(binary.BigEndian.Uint64(b[:])>>11) / (1 << 53)
}
