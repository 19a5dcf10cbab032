package listen

// Requests that are turned away before their body is read.

import (
	"net/http"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/serve"
)

// maxHops is how many listeners a delivery may pass.
const maxHops = 5

// turnAway answers a request that is no delivery, before its body is read and anything is recorded. It says whether it did.
func (l *Listener) turnAway(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case r.Method == "PRI":
		l.tell(spokeHTTP2, "a request spoke HTTP/2 without TLS, which is not taken here: answered 505, not recorded; use HTTP/1.1 (curl: leave out --http2-prior-knowledge)")
		serve.AnswerUnread(w, r, http.StatusHTTPVersionNotSupported, "this listener speaks HTTP/1.1")
	case r.Method == http.MethodConnect || !strings.HasPrefix(r.RequestURI, "/") && r.RequestURI != "*":
		l.tell(askedProxy, "a request asked for another host, as one asks a proxy: answered 400, not recorded; send to this address with a path alone")
		serve.AnswerUnread(w, r, http.StatusBadRequest, "the request target must be a path")
	case strings.Contains(r.RequestURI, "#"): // browsers never send it, and targets differ in what they make of it
		l.tell(hadFragment, "a request has a # in its path, which no client sends: answered 400, not recorded; write %23")
		serve.AnswerUnread(w, r, http.StatusBadRequest, "the request target must be a path")
	case l.circles(r.Header):
		l.tell(cameBack, "a request came back to where it was handed on: answered 508, not recorded; look at where --forward leads")
		serve.AnswerUnread(w, r, http.StatusLoopDetected, "this delivery goes round in a circle")
	default:
		return false
	}
	return true
}

// circles says whether a delivery has been here before, or has passed too many listeners.
func (l *Listener) circles(h http.Header) bool {
	var marks []string
	for _, line := range h[hopHeader] {
		for mark := range strings.SplitSeq(line, ",") {
			marks = append(marks, strings.TrimSpace(mark))
		}
	}
	return len(marks) > maxHops || l.o.HopMark != "" && slices.Contains(marks, l.o.HopMark)
}
