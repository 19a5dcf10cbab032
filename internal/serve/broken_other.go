//go:build !unix

package serve

// What cannot be asked of a connection on this system.

import "net"

const knowsBroken = false

// broken reports whether the peer refused what was written. It cannot be known here, so a peer that closed its half counts.
func broken(net.Conn) bool { return true }

func fileLimit() int { return 0 }
