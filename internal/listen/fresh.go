package listen

import (
	"net"
	"net/http"
	"sync"
)

// fresh knows two kinds of connections that net/http keeps to itself: those on which nothing has come yet, for which its
// Shutdown waits five seconds that a person at the keyboard takes for a hang; and those whose request it refuses by itself,
// with 400 or 431, because it cannot be read.
type fresh struct {
	mu      sync.Mutex
	conns   map[net.Conn]struct{}
	reading map[string]struct{} // by the sender's address: a request has begun and not reached the handler
	unread  func()
}

// note is the server's ConnState hook.
func (f *fresh) note(c net.Conn, state http.ConnState) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.conns == nil {
		f.conns, f.reading = map[net.Conn]struct{}{}, map[string]struct{}{}
	}
	delete(f.conns, c)
	from := c.RemoteAddr().String()
	switch state {
	case http.StateNew:
		f.conns[c] = struct{}{}
	case http.StateActive:
		f.reading[from] = struct{}{}
	case http.StateClosed:
		if _, refused := f.reading[from]; refused && f.unread != nil {
			f.unread()
		}
		delete(f.reading, from)
	case http.StateIdle, http.StateHijacked:
		delete(f.reading, from)
	}
}

// served says that a request has reached the handler.
func (f *fresh) served(r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.reading, r.RemoteAddr)
}

func (f *fresh) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.conns {
		_ = c.Close()
	}
}

func (l *Listener) sayUnread() {
	l.tell("could not be read and got no further: no valid HTTP, headers over 64 KiB, or not all there in time")
}
