package verifier

// Schemes for which no code is written.

import "github.com/whctl/whctl/internal/sign/scheme"

// Cause is why no code is written for a scheme.
type Cause int

// The causes.
const (
	SignsNothing   Cause = iota // there is nothing to verify
	WebToken                    // a JSON web token, which a library verifies
	MessageSigned               // HTTP Message Signatures, which a library verifies
	NeedsFetching               // the key is a certificate that each message names
	BeyondTheWords              // the scheme has a combination that no language has words for
)

// UnwritableError says that no code is written for a scheme.
type UnwritableError struct {
	Scheme string
	Cause  Cause
	Field  string // of the scheme, where the cause is BeyondTheWords
}

// Error is the cause in words.
func (e *UnwritableError) Error() string {
	switch e.Cause {
	case SignsNothing:
		return "scheme " + e.Scheme + " has nothing to verify"
	case WebToken:
		return "scheme " + e.Scheme + " sends a JSON web token, which a library of your language verifies better than code from here"
	case MessageSigned:
		return "scheme " + e.Scheme + " signs as RFC 9421 has it, which a library of your language verifies better than code from here"
	case NeedsFetching:
		return "scheme " + e.Scheme + " signs with a certificate that each message names: it has to be fetched, checked and kept, which is more than code from here does"
	default:
		return "scheme " + e.Scheme + " has a " + e.Field + " that no code is written for"
	}
}

// unwritable is why a scheme as a whole has no code; nil when it has.
func unwritable(p *scheme.Parsed) error {
	s := p.Scheme()
	e := &UnwritableError{Scheme: s.Name}
	switch {
	case s.Algorithm == scheme.None:
		e.Cause = SignsNothing
	case s.JWT != nil:
		e.Cause = WebToken
	case s.MessageSignature != nil:
		e.Cause = MessageSigned
	case p.Certificate != nil:
		e.Cause = NeedsFetching
	default:
		return nil
	}
	return e
}
