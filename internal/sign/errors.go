package sign

// Why a key is refused, and why a request cannot be signed.

import "github.com/whctl/whctl/internal/sign/scheme"

// KeyError says why a text cannot be a key. It never holds the text.
type KeyError struct {
	Scheme  string
	Problem string // lower case, no full stop
	Unread  bool   // the text is not in the form of the scheme's keys: explain.Key may know what it is
}

// Error is the problem, with the scheme that has it.
func (e *KeyError) Error() string {
	return "key for scheme " + scheme.Quote(e.Scheme) + " " + e.Problem
}

// SignError says what is missing for signing a request.
type SignError struct {
	Scheme  string
	Field   string // id, time, url, method, header:Name, json:path, param:name, body
	Problem string // lower case, no full stop
	Err     error  // the cause, when reading the body failed
}

// Error names what is missing.
func (e *SignError) Error() string {
	s := "cannot sign for scheme " + scheme.Quote(e.Scheme) + ": " + e.Problem
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *SignError) Unwrap() error { return e.Err }
