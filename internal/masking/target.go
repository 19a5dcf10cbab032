package masking

// Secrets in the query of a URL.

import (
	"net/url"
	"strings"
)

// RequestTarget is a request target or a URL as it may be shown: the value of each query parameter that carries a secret is replaced by
// Masked. Its name says so, or the form of its value does. Everything else stays as it is, byte for byte.
func RequestTarget(s string) string {
	at := strings.IndexByte(s, '?')
	if at < 0 {
		return s
	}
	var b strings.Builder
	b.WriteString(s[:at+1])
	for rest := s[at+1:]; ; {
		end := strings.IndexAny(rest, "&;#")
		if end < 0 {
			b.WriteString(parameter(rest))
			return b.String()
		}
		b.WriteString(parameter(rest[:end]))
		if rest[end] == '#' {
			b.WriteString(rest[end:])
			return b.String()
		}
		b.WriteByte(rest[end])
		rest = rest[end+1:]
	}
}

// URL is a URL as people are shown it: without user name and password, and with a query as RequestTarget has it.
func URL(s string) string { return RequestTarget(userInfo(s)) }

// parameter is NAME=VALUE as it may be shown.
func parameter(pair string) string {
	name, value, is := strings.Cut(pair, "=")
	if !is || value == "" || !Name(unescaped(name)) && !Known(unescaped(value)) {
		return pair
	}
	return name + "=" + Masked
}

// unescaped is a part of a query as its reader takes it; what is no such part stays.
func unescaped(s string) string {
	if text, err := url.QueryUnescape(s); err == nil {
		return text
	}
	return s
}
