package deliver

// How far a request has come.

import (
	"net/http/httptrace"
	"net/url"
	"sync"
)

// stage is how far a request has come.
type stage int

const (
	starting   stage = iota
	lookingUp        // the host's name
	connecting       // to its address
	shaking          // hands, for TLS
	asking           // the request goes out and its answer is waited for
)

// way is what net/http tells of a request while it is under way.
type way struct {
	url      *url.URL   // where the request goes
	mu       sync.Mutex // the callbacks are also called from dials that go on in the background
	at       stage
	wire     *wire
	reused   bool // the connection had requests before
	answered bool // a byte of the answer has come
}

func (w *way) trace() *httptrace.ClientTrace {
	reach := func(s stage) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.at = max(w.at, s)
	}
	return &httptrace.ClientTrace{
		DNSStart:          func(httptrace.DNSStartInfo) { reach(lookingUp) },
		ConnectStart:      func(string, string) { reach(connecting) },
		TLSHandshakeStart: func() { reach(shaking) },
		GotConn: func(info httptrace.GotConnInfo) {
			w.mu.Lock()
			defer w.mu.Unlock()
			// An idle connection may never have carried a request: another one had become free first.
			w.at, w.reused, w.answered = asking, info.Reused || info.WasIdle, false
			w.wire, _ = info.Conn.(*wire)
			if w.wire != nil && w.reused {
				w.wire.next()
			}
		},
		GotFirstResponseByte: func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.answered = true
		},
	}
}

func (w *way) stage() stage {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

// lostReused says whether a reused connection ended before any byte of an answer. The target closed it at about the time the
// request was written, and usually did not read it.
func (w *way) lostReused(err error) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at == asking && w.reused && !w.answered && !waited(err)
}

// began is how the answer begins, "" when nothing has come, and whether the target has ended the connection.
func (w *way) began() (opening string, over bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.wire == nil {
		return "", false
	}
	return w.wire.began()
}

// silent says whether a request went out and no byte came back.
func (w *way) silent() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at == asking && !w.answered
}
