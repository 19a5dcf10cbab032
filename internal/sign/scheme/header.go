package scheme

// Names and values of headers.

import (
	"errors"
	"net/textproto"
	"strings"
)

var (
	errHeaderColon = errors.New("a header line needs a colon, as in Name: value")
	errHeaderName  = errors.New("the text before the colon is no header name")
	errHeaderValue = errors.New("a header value cannot hold a line break or NUL")
)

// ParseHeaderLine splits "Name: value". The name comes back as written, the value without blanks around it. One
// line break at the end is not part of it. Errors do not repeat the line, which may hold a secret.
func ParseHeaderLine(s string) (name, value string, err error) {
	s = strings.TrimSuffix(strings.TrimSuffix(s, "\n"), "\r")
	name, value, ok := strings.Cut(s, ":")
	switch {
	case !ok:
		return "", "", errHeaderColon
	case !ValidHeaderName(name):
		return "", "", errHeaderName
	case strings.ContainsAny(value, "\r\n\x00"):
		return "", "", errHeaderValue
	}
	return name, TrimBlanks(value), nil
}

// CanonicalHeader is a header's name in the form that Message.Header and the rules have it in.
func CanonicalHeader(name string) string { return textproto.CanonicalMIMEHeaderKey(name) }

// ValidHeaderName says whether a text can be the name of a header (RFC 9110, section 5.6.2).
func ValidHeaderName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`()<>@,;:\"/[]?={}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

// TrimBlanks drops what HTTP calls optional white space, and nothing else.
func TrimBlanks(s string) string { return strings.Trim(s, " \t") }

// HeaderValues finds a header's values by canonical name. Keys that are not canonical are found too, more slowly,
// because rule sets compare names without regard to case.
func HeaderValues(header map[string][]string, name string) []string {
	if v, ok := header[name]; ok {
		return v
	}
	for k, v := range header {
		if len(k) == len(name) && strings.EqualFold(k, name) {
			return v
		}
	}
	return nil
}

// HeaderValue is the first value that is not blank, without blanks around it, or "".
func HeaderValue(header map[string][]string, name string) string {
	for _, v := range HeaderValues(header, name) {
		if v = TrimBlanks(v); v != "" {
			return v
		}
	}
	return ""
}
