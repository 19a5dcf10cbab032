package deliver

// How far a request has come when it fails.

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

// way is how far a request has come, and over what.
type way struct {
	url *url.URL // where the request goes

	mu sync.Mutex // the callbacks are also called from dials that go on in the background
	at stage

	wire     *wire
	reused   bool // the connection had carried a request before
	answered bool // a byte of the answer has come
}

// trace is for a dial.
func (w *way) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart:     func(httptrace.DNSStartInfo) { w.reach(lookingUp) },
		ConnectStart: func(string, string) { w.reach(connecting) },
	}
}

func (w *way) reach(s stage) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = max(w.at, s)
}

// ask says that the request goes out.
func (w *way) ask(over *wire, reused bool) {
	w.reach(asking)
	w.wire, w.reused, w.answered = over, reused, false
}

func (w *way) stage() stage {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

// lostReused says whether a reused connection ended before any byte of an answer. The target closed it at about the time the request
// was written, and usually did not read it.
func (w *way) lostReused(err error) bool {
	return w.reused && !w.answered && !waited(err)
}

// began is how the answer begins, "" when nothing has come, and whether the target has ended the connection.
func (w *way) began() (opening string, over bool) {
	if w.wire == nil {
		return "", false
	}
	return string(w.wire.opening), w.wire.over
}

// silent says whether a request went out and no byte came back.
func (w *way) silent() bool { return w.stage() == asking && !w.answered }
