package broker

// Reading a message: the request that message.go wrote into it, made again. Whoever may publish can have written anything.

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/record"
)

// What is read of a message at most. The headers are as many bytes as a listener takes of a request.
const (
	mostHeaders     = 256
	mostHeaderBytes = 64 << 10
	longestPath     = 16 << 10
	longestHost     = 512
	longestMethod   = 32
)

// own begins the headers that whctl adds to the provider's.
const own = "wh-"

// received makes the request of a message again. taken is when the broker took it: a message of others has no other time. It is false
// where the message has more headers than are read; all are left out then, as a part of them could say something else.
func received(header map[string][]string, body []byte, taken time.Time) (m record.Message, whole bool) {
	get := func(name string) string {
		if values := header[name]; len(values) > 0 {
			return values[0]
		}
		return ""
	}
	m = record.Message{Method: http.MethodPost, Path: "/", Body: body, CheckedAt: taken}
	prefix := ""
	if written(header) {
		prefix = ownHeader
		if method := get("wh-method"); isToken(method) && len(method) <= longestMethod {
			m.Method = method
		}
		if path := get("wh-path"); isPath(path) {
			m.Path = path
		}
		if host := get("wh-host"); isHost(host) {
			m.Host = host
		}
		if origin := get("wh-public-url"); isOrigin(origin) {
			m.PublicURL = origin
		}
		if at, err := time.Parse(millis, get("wh-received")); err == nil && at.Before(taken) {
			m.CheckedAt = at
		}
	}
	m.Header, whole = headersOf(header, prefix)
	return m, whole
}

// written says whether whctl wrote a message, as it says itself.
func written(header map[string][]string) bool {
	for name := range header {
		if strings.HasPrefix(name, own) {
			return true
		}
	}
	return false
}

// headersOf are the headers of the request: those with the prefix. What belongs to a connection, or to the broker, is none.
func headersOf(header map[string][]string, prefix string) (h http.Header, whole bool) {
	h = http.Header{}
	count, size := 0, 0
	for name, values := range header {
		name, has := strings.CutPrefix(name, prefix)
		if !has || !isToken(name) || slices.ContainsFunc(values, odd) {
			continue
		}
		name = http.CanonicalHeaderKey(name)
		if name == "Host" || deliver.OwnHeader(name) || prefix == "" && strings.HasPrefix(name, "Nats-") {
			continue
		}
		for _, value := range values {
			if count, size = count+1, size+len(name)+len(value); count > mostHeaders || size > mostHeaderBytes {
				return http.Header{}, false
			}
			h[name] = append(h[name], value)
		}
	}
	return h, true
}

// odd says whether a value cannot stand in a header (RFC 9110, 5.5).
func odd(value string) bool {
	return strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// isToken says whether a text is a token, as names of headers and methods are (RFC 9110, 5.6.2).
func isToken(text string) bool {
	no := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	}
	return text != "" && !strings.ContainsFunc(text, no)
}

// isPath says whether a text is a request target that a listener takes.
func isPath(text string) bool {
	no := func(r rune) bool { return r <= ' ' || r == 0x7f || r == '#' }
	return (strings.HasPrefix(text, "/") || text == "*") && len(text) <= longestPath && !strings.ContainsFunc(text, no)
}

// isHost says whether a text is the host of a request.
func isHost(text string) bool {
	no := func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("/?#@\\\"", r) }
	return len(text) <= longestHost && !strings.ContainsFunc(text, no)
}

// isOrigin says whether a text is an origin by which a provider may know a listener.
func isOrigin(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" && len(text) <= longestPath
}
