package record

// Deliveries that come as messages of a broker: what such a message holds, and what becomes of it.

import (
	"net/http"
	"time"
)

// Message is a request as a broker's message holds it.
type Message struct {
	RemoteAddr string // host:port of the broker
	Method     string
	Path       string // request target, query included
	Host       string
	Header     http.Header // canonical names; values that were masked on the way stay so
	PublicURL  string      // the origin that the provider knew; "": it is not known
	Body       []byte
	CheckedAt  time.Time // when it was received first; its signature is checked as of then
	Times      int       // how often it has been given to somebody, with this time
}

// Settlement is what becomes of a message. Its zero value is that the broker need not give it again.
type Settlement struct {
	Again bool          // it is to be given again, to whoever takes it
	After time.Duration // not before; 0: at once
	Over  bool          // this run takes no more
}
