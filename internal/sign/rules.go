// Package sign signs and verifies what webhook providers sign, by the rules of a scheme. It is pure: the clock, the body and
// the keys are handed in, nothing is read from disk or network, and no error or verdict it makes ever holds key material or
// the signature that would have been right.
package sign

import "github.com/whctl/whctl/internal/sign/scheme"

// Rules sign and verify by a scheme. They are safe for concurrent use.
type Rules struct{ *scheme.Parsed }

// Compile checks a scheme and makes rules of it. The scheme itself is not changed. The error is a *scheme.Error.
func Compile(s *scheme.Scheme) (*Rules, error) {
	p, err := scheme.Parse(s)
	if err != nil {
		return nil, err
	}
	return &Rules{p}, nil
}
