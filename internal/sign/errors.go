package sign

import "strings"

// UnknownSchemeError says that there is no built-in scheme of a name.
type UnknownSchemeError struct {
	Name    string
	Nearest string // the name that was probably meant, or ""
}

// Error names the scheme and, when one is near, what was probably meant.
func (e *UnknownSchemeError) Error() string {
	return withNearest("unknown scheme "+quote(e.Name), e.Nearest)
}

// SchemeError says what is wrong with a scheme and where.
type SchemeError struct {
	Scheme  string // the scheme's name, or ""
	Field   string // dotted, like signature.header or require.X-Key; "" when it is not about one field
	Problem string // lower case, no full stop
	Nearest string // the valid name or value that was probably meant, or ""
}

// Error is scheme, field and problem in one line.
func (e *SchemeError) Error() string {
	var b strings.Builder
	if e.Scheme != "" {
		b.WriteString("scheme " + quote(e.Scheme) + ": ")
	}
	if e.Field != "" {
		b.WriteString(e.Field + ": ")
	}
	b.WriteString(e.Problem)
	return withNearest(b.String(), e.Nearest)
}

// KeyError says why a text cannot be a key. It never holds the text.
type KeyError struct {
	Scheme  string
	Problem string // lower case, no full stop
}

// Error is the problem, with the scheme that has it.
func (e *KeyError) Error() string { return "key for scheme " + quote(e.Scheme) + " " + e.Problem }

// SignError says what a request lacks to be signed.
type SignError struct {
	Scheme  string
	Field   string // id, time, url, method, header:Name, json:path, param:name, body
	Problem string // lower case, no full stop
	Err     error  // the cause, when reading the body failed
}

// Error names what is missing.
func (e *SignError) Error() string {
	s := "cannot sign for scheme " + quote(e.Scheme) + ": " + e.Problem
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *SignError) Unwrap() error { return e.Err }

func withNearest(text, nearest string) string {
	if nearest == "" {
		return text
	}
	return text + " (did you mean " + quote(nearest) + "?)"
}

// quote shows names that came from outside on one line, without anything a terminal could act on.
func quote(s string) string {
	const limit = 64
	var b strings.Builder
	b.WriteByte('"')
	for i, c := range s {
		if i >= limit {
			b.WriteString("…")
			break
		}
		if c < ' ' || c == '"' || c >= 0x7f {
			c = '?'
		}
		b.WriteRune(c)
	}
	b.WriteByte('"')
	return b.String()
}
