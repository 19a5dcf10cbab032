package event

// UUIDs.

import (
	"fmt"
	"io"

	"github.com/google/uuid"
)

// NewUUID makes a random UUID (version 4, RFC 9562). The error is that of rand.
func NewUUID(rand io.Reader) (string, error) {
	id, err := uuid.NewRandomFromReader(rand)
	if err != nil {
		return "", fmt.Errorf("reading randomness: %w", err)
	}
	return id.String(), nil
}

// IsUUID says whether a text is a UUID in its usual form, in small letters or capitals.
func IsUUID(s string) bool {
	const length = 36 // Validate takes other forms, too
	return len(s) == length && uuid.Validate(s) == nil
}
