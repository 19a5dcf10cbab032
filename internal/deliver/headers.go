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
	for name := range EndToEnd(h) {
		switch name {
		case "Host", "Content-Length":
		case "Expect": // the body is at hand: there is nothing to wait for
		default:
			room = append(room, name)
		}
	}
	slices.Sort(room)
	return room
}

// EndToEnd are the headers without those that belong to one connection alone (RFC 9110, 7.6.1). The values are shared with h.
func EndToEnd(h http.Header) iter.Seq2[string, []string] {
	gone := hopByHop()
	for _, line := range h["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			gone = append(gone, http.CanonicalHeaderKey(strings.TrimSpace(name)))
		}
	}
	return func(yield func(string, []string) bool) {
		for name, values := range h {
			if !slices.Contains(gone, name) && !yield(name, values) {
				return
			}
		}
	}
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
