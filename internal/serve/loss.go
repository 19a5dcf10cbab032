package serve

// Why a connection was cut, and what became of a request that no handler saw to its end.

import "net/http"

// Cut is why the server ended a connection.
type Cut int32

// The reasons.
const (
	NotCut Cut = iota
	CutForOthers
	CutForTheEnd
)

// String goes on from "because".
func (c Cut) String() string {
	switch c {
	case CutForOthers:
		return "it was not whole while others waited, and made room for them"
	case CutForTheEnd:
		return "it was not whole when the listener ended"
	case NotCut:
	}
	return "it was not cut off"
}

// Loss is what became of a request that no handler saw to its end.
type Loss int

// The losses.
const (
	NotLost Loss = iota
	LostUnread
	LostForOthers
	LostForTheEnd
	LostTLS
	LostLongHead
	LostCoding
	LostVersion
	LostNoHTTP
	LostLate
	LostBrokenOff
)

// String says of "a request" what became of it.
func (l Loss) String() string {
	const unreadable = "could not be read: "
	switch l {
	case LostUnread:
		return "was answered and then cut off: its sender did not read the answer"
	case LostForOthers:
		return unreadable + CutForOthers.String()
	case LostForTheEnd:
		return unreadable + CutForTheEnd.String()
	case LostTLS:
		return unreadable + "it speaks TLS, and this address takes plain HTTP; the sender's URL must begin with http://"
	case LostLongHead:
		return unreadable + "its headers are over 64 KiB (answered 431)"
	case LostCoding:
		return unreadable + "its transfer encoding is not known (answered 501)"
	case LostVersion:
		return unreadable + "its HTTP version is not known (answered 505)"
	case LostNoHTTP:
		return unreadable + "it is no valid HTTP (answered 400)"
	case LostLate:
		return unreadable + "its headers were not all there in time"
	case LostBrokenOff:
		return unreadable + "its sender broke off before the headers were all there"
	case NotLost:
	}
	return "was handled to its end"
}

// loss returns what became of the last request on a connection.
func (c *Conn) loss() Loss {
	if c.unread.Load() {
		return LostUnread
	}
	if !c.is(heading) {
		return NotLost
	}
	switch status := c.status.Load(); {
	case c.Cut() == CutForOthers:
		return LostForOthers
	case c.Cut() == CutForTheEnd:
		return LostForTheEnd
	case c.tls.Load():
		return LostTLS
	case status == http.StatusRequestHeaderFieldsTooLarge:
		return LostLongHead
	case status == http.StatusNotImplemented:
		return LostCoding
	case status == http.StatusHTTPVersionNotSupported:
		return LostVersion
	case status != 0 && !c.halved.Load():
		return LostNoHTTP
	case c.late.Load():
		return LostLate
	default:
		return LostBrokenOff
	}
}
