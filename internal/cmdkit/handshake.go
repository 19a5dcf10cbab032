package cmdkit

// What it takes to play the provider's part of a handshake.

import (
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/sign"
)

// CheckHandshake refuses a scheme without a handshake, and one whose handshake carries a verify token where none was given.
func CheckHandshake(rules *sign.Rules, verifyToken string) error {
	name := rules.Scheme().Name
	switch {
	case rules.Handshake == nil:
		return fault.Hint(fault.New(fault.Usage, "scheme %s has no handshake", name), "name the provider with --scheme; whctl schemes show NAME says whether it asks")
	case rules.Handshake.VerifyToken != nil && verifyToken == "":
		return fault.Hint(fault.New(fault.Usage, "the handshake of scheme %s carries a verify token", name), "add --verify-token with the text that your receiver expects")
	default:
		return nil
	}
}
