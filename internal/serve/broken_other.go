//go:build !unix

package serve

import "net"

const knowsBroken = false

// broken says whether the other side has refused what was written. Here it is taken to have, once it closed its half.
func broken(net.Conn) bool { return true }

func fileLimit() int { return 0 }
