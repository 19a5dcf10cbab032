package listen

// Answers of a listener without targets, which may be bad on purpose: to see what senders do then.

import (
	"net/http"
	"strings"
	"time"
)

// Respond is what deliveries without a target are answered. Its zero value is 200 at once.
type Respond struct {
	Status int // 0: 200
	Body   string
	Delay  time.Duration // before the answer; the delivery is recorded by then
}

// give answers, after the delay. A sender that hangs up, or the end of the listener, cuts that short.
func (l *Listener) give(w http.ResponseWriter, r *http.Request, status int) {
	if l.o.Respond.Delay > 0 {
		select {
		case <-l.o.After(l.o.Respond.Delay):
		case <-r.Context().Done():
			return
		case <-l.server.Forced().Done():
			panic(http.ErrAbortHandler)
		}
	}
	w.Header()["Content-Type"] = nil
	if strings.HasPrefix(l.o.Respond.Body, "{") || strings.HasPrefix(l.o.Respond.Body, "[") {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(l.o.Respond.Body)) // #nosec G705 -- it is the user's own text; the sender may be gone
}
