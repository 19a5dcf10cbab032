//go:build !unix

package serve

// What cannot be asked of a connection on this system.

import "net"

const knowsBroken = false

// broken reports whether the peer refused what was written. It cannot be known here, so a peer that closed its half counts.
func broken(net.Conn) bool { return true }

// ended reports whether the peer sends no more. It cannot be known here before a reader has come to that.
func ended(net.Conn) bool { return false }

func fileLimit() int { return 0 }
