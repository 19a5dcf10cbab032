package deliver

// The headers that are sent, and those that belong to one connection alone.

import (
	"iter"
	"net/http"
	"slices"
	"strings"
)

// sent are the names of the headers that are sent, in order: without what belongs to one connection and what whctl writes itself.
func sent(h http.Header, room []string) []string {
	named := namedByConnection(h)
	for name := range h {
		switch {
		case hopByHop(name), slices.Contains(named, name):
		case name == "Host", name == "Content-Length":
		case name == "Expect": // the body is at hand: there is nothing to wait for
		default:
			room = append(room, name)
		}
	}
	slices.Sort(room)
	return room
}

// EndToEnd are the headers without those that belong to one connection alone (RFC 9110, 7.6.1). The values are shared with h.
func EndToEnd(h http.Header) iter.Seq2[string, []string] {
	named := namedByConnection(h)
	return func(yield func(string, []string) bool) {
		for name, values := range h {
			if !hopByHop(name) && !slices.Contains(named, name) && !yield(name, values) {
				return
			}
		}
	}
}

// namedByConnection are the headers that Connection says belong to it.
func namedByConnection(h http.Header) (named []string) {
	for _, line := range h["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			named = append(named, http.CanonicalHeaderKey(strings.TrimSpace(name)))
		}
	}
	return named
}

// hopByHop says whether a header belongs to one connection alone, whatever Connection names.
func hopByHop(name string) bool {
	switch name {
	case "Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization",
		"Te", "Trailer", "Transfer-Encoding", "Upgrade":
		return true
	default:
		return false
	}
}

// OwnHeader says whether whctl itself sets a header in every request that it sends. What a user gives for it would not be sent. The
// user's Host is sent.
func OwnHeader(name string) bool {
	name = http.CanonicalHeaderKey(name)
	return name == "Content-Length" || name == "Expect" || hopByHop(name)
}
