package deliver

// The headers that are sent, and those that belong to one connection alone.

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// header copies h for sending, without what belongs to one connection and what whctl writes itself.
func header(h http.Header) http.Header {
	out := StripHopByHop(h)
	delete(out, "Host")
	delete(out, "Content-Length")
	delete(out, "Expect") // the body is at hand: there is nothing to wait for
	return out
}

// StripHopByHop copies h without what belongs to one connection alone (RFC 9110, 7.6.1). The values are shared with h.
func StripHopByHop(h http.Header) http.Header {
	out := make(http.Header, len(h))
	maps.Copy(out, h)
	for _, line := range h["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			delete(out, http.CanonicalHeaderKey(strings.TrimSpace(name)))
		}
	}
	for _, name := range hopByHop() {
		delete(out, name)
	}
	return out
}

func hopByHop() []string {
	return []string{
		"Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization",
		"Te", "Trailer", "Transfer-Encoding", "Upgrade",
	}
}

// OwnHeader says whether whctl itself sets a header in every request that it sends. What a user gives for it would not be sent. The
// user's Host is sent.
func OwnHeader(name string) bool {
	name = http.CanonicalHeaderKey(name)
	return name == "Content-Length" || name == "Expect" || slices.Contains(hopByHop(), name)
}
