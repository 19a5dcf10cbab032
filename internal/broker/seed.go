package broker

// The seed of a user's nkey, which signs a NATS server's question and goes nowhere.

import (
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

const (
	// seedLength is that of every seed: 2 bytes that say whose it is, 32 of the key and 2 of a checksum, in base32 (nkeys, README).
	seedLength = 58
	base32     = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
)

// UserSeed finds a seed in the text of a file, as nk -gen user writes it, with other lines around it or none. found says whether there is one.
// The seed is nil where it is not whole, or is not a user's.
func UserSeed(text string) (seed []byte, found bool) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if len(line) != seedLength || line[0] != 'S' || strings.Trim(line, base32) != "" {
			continue
		}
		if pair, err := nkeys.FromSeed([]byte(line)); err == nil {
			if public, err := pair.PublicKey(); err == nil && nkeys.IsValidPublicUserKey(public) {
				return []byte(line), true
			}
		}
		return nil, true
	}
	return nil, false
}

// withSeed answers the server's question with a signature.
func withSeed(seed []byte) nats.Option {
	return func(o *nats.Options) error {
		pair, err := nkeys.FromSeed(seed)
		if err != nil {
			return err
		}
		public, err := pair.PublicKey()
		if err != nil {
			return err
		}
		return nats.Nkey(public, pair.Sign)(o)
	}
}
